import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import keyIcon from 'lucide-static/dist/esm/icons/bookmark.mjs';
import removeIcon from 'lucide-static/dist/esm/icons/x.mjs';
import { drawIcon } from '../../objects/parts/icon.ts';
import { KEY_OBJECT_TITLES, type KeyObjectTitle } from '../codes.ts';
import type { MarkedImage, StudyWork } from '../session/study-work.ts';
import type { WorkSession } from '../session/work-session.ts';
import { type WorkText, workText } from '../texts.ts';
import { showReference } from './format.ts';
import type { KeyPictures } from './key-pictures.ts';

const TITLES = Object.keys(KEY_OBJECT_TITLES) as KeyObjectTitle[];
/** The standard allows more; a line in a list does not. */
const MOST_DESCRIPTION = 256;

/** The key images of a study, with the purpose they are marked for. */
export function renderKeyImages(work: StudyWork, session: WorkSession, pictures: KeyPictures): TemplateResult {
  const { viewer } = session;
  const text = (key: WorkText, parameters?: Readonly<Record<string, string | number>>): string =>
    workText(viewer.locale, key, parameters);
  const { marks } = work;
  const current = session.markOf(viewer.active);
  const marked = current && work.isMarked(current);
  return html`
    <h3>
      ${drawIcon(keyIcon)}${text('keys.title')}
      <span class="count">${marks.length > 0 ? text('keys.count', { count: marks.length }) : nothing}</span>
    </h3>
    ${
      marks.length === 0
        ? html`<p class="secondary">${text('keys.none')}</p>`
        : html`<div class="strip">
              ${repeat(
                marks,
                ({ instance, frame }) => `${instance}/${frame ?? ''}`,
                (mark) => renderMark(mark, session, pictures, text),
              )}
            </div>
            <label
              >${text('keys.purpose')}<select
                @change=${(event: Event) => {
                  work.keyTitle = TITLES[(event.target as HTMLSelectElement).selectedIndex] ?? 'ofInterest';
                  session.touched(work);
                }}
              >
                ${TITLES.map((title) => html`<option ?selected=${title === work.keyTitle}>${text(`keys.${title}`)}</option>`)}
              </select></label
            >
            <label
              >${text('keys.description')}<input
                maxlength=${MOST_DESCRIPTION}
                .value=${work.keyDescription}
                @change=${(event: Event) => {
                  work.keyDescription = (event.target as HTMLInputElement).value;
                  session.touched(work);
                }}
            /></label>`
    }
    ${
      current && current.study === work.study
        ? html`<div class="actions">
            <button type="button" data-action="mark" aria-pressed=${marked ? 'true' : 'false'} @click=${() => viewer.run('work-key')}>
              ${drawIcon(keyIcon)}${text(marked ? 'keys.unmark' : 'keys.mark')}
            </button>
          </div>`
        : nothing
    }
  `;
}

function renderMark(
  mark: MarkedImage,
  session: WorkSession,
  pictures: KeyPictures,
  text: (key: WorkText, parameters?: Readonly<Record<string, string | number>>) => string,
): TemplateResult {
  const { viewer } = session;
  const picture = pictures.of(viewer.client, mark);
  const label = captionOf(mark, session);
  const { frame, ...image } = mark;
  return html`<div class="key">
    <button
      type="button"
      title=${text('keys.goto')}
      aria-label=${`${text('keys.goto')} ${label}`}
      @click=${() => showReference(viewer, frame === undefined ? image : { ...image, frame })}
    >
      ${picture ? html`<img src=${picture} alt="" draggable="false" />` : nothing}
    </button>
    <button
      type="button"
      class="remove"
      title=${text('keys.unmark')}
      aria-label=${`${text('keys.unmark')} ${label}`}
      @click=${() => session.toggleMark(mark)}
    >
      ${drawIcon(removeIcon)}
    </button>
    <div class="caption" title=${label}>${label}</div>
  </div>`;

  function captionOf(of: MarkedImage, { frames }: WorkSession): string {
    const known = frames.known(of.instance, of.frame ?? 1);
    return text('keys.image', { number: of.frame ?? known?.instanceNumber ?? '' }).trim();
  }
}
