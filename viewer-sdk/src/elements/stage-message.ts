import { html, nothing, type TemplateResult } from 'lit';
import type { Translate } from '../i18n/index.ts';
import type { ViewerState } from '../session/viewer-controller.ts';
import { icon } from './icons.ts';
import { type MessageAction, renderError, renderMessage } from './viewer-parts.ts';

export interface StageMessageInput {
  readonly state: ViewerState | undefined;
  /** Whether the page names something to open. */
  readonly named: boolean;
  readonly reload: () => void;
  readonly retryImage: () => void;
  readonly download: (series: string) => void;
}

/** What covers the image area, or lies at its upper edge: failures, empty states, what is on its way. */
export function stageMessage(
  { state, named, reload, retryImage, download }: StageMessageInput,
  t: Translate,
): TemplateResult | typeof nothing {
  if (!state) return nothing;
  const action = (label: string, name: MessageAction['icon'], run: () => void): MessageAction => ({
    label,
    icon: name,
    run,
  });
  const { error, imageError, open, view, seriesList } = state;
  if (error) return renderError(error, t, error.retryable ? [action(t('action.retry'), 'retry', reload)] : []);
  if (!named) return renderMessage({ icon: 'images', title: t('noTarget'), hint: t('noTargetHint') });
  const save = action(t('action.download'), 'download', () => download(state.series));
  if (imageError) {
    const again = action(t('action.retry'), 'retry', retryImage);
    if (!state.preview) return renderError(imageError, t, [...(imageError.retryable ? [again] : []), save]);
    return html`<div class="badge critical" role="alert">
      ${icon('critical')}<span>${t('previewOnly')} · ${imageError.code}</span>
      <button type="button" @click=${again.run}>${icon('retry')}${again.label}</button>
    </div>`;
  }
  if (open?.complete && state.count === 0) {
    const modality = seriesList?.find(({ SeriesInstanceUID }) => SeriesInstanceUID === state.series)?.modality ?? '';
    return renderMessage({
      icon: 'document',
      title: t('object.title'),
      hint: t('object.hint', { modality }),
      actions: [save],
    });
  }
  if (seriesList && !state.series && !seriesList.some(({ image }) => image)) {
    const contents = [...new Set(seriesList.map(({ modality }) => modality))].join(', ');
    return renderMessage({
      icon: 'document',
      title: t('empty.title'),
      hint: contents === '' ? t('empty.nothing') : t('empty.hint', { contents }),
    });
  }
  if (state.notice) {
    const { code } = state.notice;
    return html`<div class="badge critical" role="alert">${icon('critical')}<span>${t(`error.${code}.title`)} · ${code}</span></div>`;
  }
  const badge = (label: string) => html`<div class="badge" role="status"><span class="spinner"></span>${label}</div>`;
  if (state.preview && state.previewPainted) return badge(t('preview'));
  if (!view) return html`<div class="waiting" role="status"><span class="spinner"></span>${t('loading')}</div>`;
  if (state.wanted >= 0 && state.wanted !== view.index)
    return badge(t('overlay.loadingSlice', { index: state.wanted + 1 }));
  return nothing;
}
