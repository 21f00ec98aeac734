import { html, nothing, type TemplateResult } from 'lit';
import type { Translate } from '../i18n/index.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';
import type { ViewerState } from '../session/viewer-controller.ts';
import { icon } from './icons.ts';
import { type MessageAction, renderError, renderMessage } from './message.ts';

export interface MessageContext {
  readonly t: Translate;
  /** Whether the page names something to open. */
  readonly named: boolean;
  readonly emptyCell: string;
  /** Whether all extensions are there: nobody else will know how to show what nobody knows. */
  readonly settled: boolean;
  readonly locale: string;
  readonly reload: () => void;
  readonly download: (cell: ViewerCell) => void;
}

const action = (label: string, name: MessageAction['icon'], run: () => void): MessageAction => ({
  label,
  icon: name,
  run,
});

/** What covers all images: failures of the whole study, empty states. */
export function viewerMessage(
  state: ViewerState,
  anything: boolean,
  context: MessageContext,
): TemplateResult | typeof nothing {
  const { t, named, reload } = context;
  const { error, seriesList } = state;
  if (error) return renderError(error, t, error.retryable ? [action(t('action.retry'), 'retry', reload)] : []);
  if (!named) return renderMessage({ icon: 'images', title: t('noTarget'), hint: t('noTargetHint') });
  if (seriesList && !anything && !seriesList.some(({ image }) => image)) {
    const contents = [...new Set(seriesList.map(({ modality }) => modality))].join(', ');
    return renderMessage({
      icon: 'document',
      title: t('empty.title'),
      hint: contents === '' ? t('empty.nothing') : t('empty.hint', { contents }),
    });
  }
  return nothing;
}

/** What covers the image of one cell, or lies at its upper edge: failures, what is on its way. */
export function cellMessage(
  cell: ViewerCell,
  expected: boolean,
  context: MessageContext,
): TemplateResult | typeof nothing {
  const { t } = context;
  const { state } = cell;
  const retry = () => cell.retry();
  const save = action(t('action.download'), 'download', () => context.download(cell));
  const { error, imageError, open, view } = state;
  if (error) return renderError(error, t, error.retryable ? [action(t('action.retry'), 'retry', retry)] : []);
  if (imageError) {
    const again = action(t('action.retry'), 'retry', retry);
    if (!state.preview) return renderError(imageError, t, [...(imageError.retryable ? [again] : []), save]);
    return html`<div class="badge critical" role="alert">
      ${icon('critical')}<span>${t('previewOnly')} · ${imageError.code}</span>
      <button type="button" @click=${again.run}>${icon('retry')}${again.label}</button>
    </div>`;
  }
  if (state.object) return nothing;
  if (open?.complete && state.count === 0 && context.settled) {
    return renderMessage({
      icon: 'document',
      title: t('object.title'),
      hint: t('object.hint', { modality: cell.series?.modality ?? '' }),
      actions: [save],
    });
  }
  const why = typeof state.why === 'function' ? state.why(context.locale) : state.why;
  if (state.series === '' && why) return html`<div class="empty" role="note">${why}</div>`;
  if (state.series === '' && !state.preview && !expected)
    return context.emptyCell === '' ? nothing : html`<div class="empty">${context.emptyCell}</div>`;
  const badge = (label: string) => html`<div class="badge" role="status"><span class="spinner"></span>${label}</div>`;
  if (state.preview && state.previewPainted) return badge(t('preview'));
  if (!view) return html`<div class="waiting" role="status"><span class="spinner"></span>${t('loading')}</div>`;
  if (state.wanted >= 0 && state.wanted !== view.index)
    return badge(t('overlay.loadingSlice', { index: state.wanted + 1 }));
  return nothing;
}
