import { html, type TemplateResult } from 'lit';
import icon from 'lucide-static/dist/esm/icons/layout-dashboard.mjs';
import type { ViewerContext, ViewerPanel } from '../extension/contract.ts';
import type { HangingRuntime } from './hanging-runtime.ts';
import { FilmlessHangingList } from './list-element.ts';
import { FilmlessProtocolEditor } from './protocol-editor.ts';
import type { ProtocolStore } from './protocol-store.ts';
import { hangingText } from './texts.ts';

/** The hanging protocols beside the images: to apply, to copy, to change. */
export class HangingPanel implements ViewerPanel {
  readonly id = 'hanging';
  readonly icon = icon;
  readonly label = (locale: string): string => hangingText(locale, 'title');
  readonly #viewer: ViewerContext;
  readonly #runtime: HangingRuntime;
  readonly #store: () => ProtocolStore | undefined;

  constructor(viewer: ViewerContext, runtime: HangingRuntime, store: () => ProtocolStore | undefined) {
    if (!customElements.get('filmless-protocol-editor'))
      customElements.define('filmless-protocol-editor', FilmlessProtocolEditor);
    if (!customElements.get('filmless-hanging-list'))
      customElements.define('filmless-hanging-list', FilmlessHangingList);
    this.#viewer = viewer;
    this.#runtime = runtime;
    this.#store = store;
  }

  render(): TemplateResult {
    const { study, locale } = this.#viewer;
    return html`<filmless-hanging-list
      .viewer=${this.#viewer}
      .runtime=${this.#runtime}
      .store=${this.#store()}
      .study=${study?.StudyInstanceUID ?? ''}
      .applied=${this.#runtime.applied ?? ''}
      .locale=${locale}
    ></filmless-hanging-list>`;
  }
}
