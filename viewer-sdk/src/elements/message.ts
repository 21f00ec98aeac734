import { html, nothing, type TemplateResult } from 'lit';
import type { ViewerError } from '../errors.ts';
import type { Translate } from '../i18n/index.ts';
import { type IconName, icon } from './icons.ts';

export interface MessageAction {
  readonly label: string;
  readonly icon: IconName;
  readonly run: () => void;
}

/** A message in the middle of the image area: what is the matter, what to do next, what to do it with. */
export function renderMessage(message: {
  icon: IconName;
  kind?: 'critical' | 'information';
  title: string;
  hint?: string;
  code?: string;
  actions?: readonly MessageAction[];
}): TemplateResult {
  const critical = message.kind === 'critical';
  return html`<div part="message" class="message ${message.kind ?? ''}" role=${critical ? 'alert' : 'status'}>
    ${icon(message.icon)}
    <div class="title">${message.title}</div>
    ${message.hint ? html`<div class="hint">${message.hint}</div>` : nothing}
    ${
      message.actions && message.actions.length > 0
        ? html`<div class="actions">
            ${message.actions.map(
              (action) =>
                html`<button type="button" class="bordered" @click=${action.run}>${icon(action.icon)}<span>${action.label}</span></button>`,
            )}
          </div>`
        : nothing
    }
    ${message.code ? html`<div class="code">${message.code}</div>` : nothing}
  </div>`;
}

/** A failure in the user's words, with what to do next and a code for IT. */
export function renderError(error: ViewerError, t: Translate, actions: readonly MessageAction[]): TemplateResult {
  const code = t('error.code', { code: error.detail ? `${error.code} (${error.detail})` : error.code });
  return renderMessage({
    icon: 'critical',
    kind: 'critical',
    title: t(`error.${error.code}.title`),
    hint: t(`error.${error.code}.remedy`),
    code,
    actions,
  });
}
