import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import sweep from 'lucide-static/dist/esm/icons/arrow-left-right.mjs';
import first from 'lucide-static/dist/esm/icons/chevron-first.mjs';
import last from 'lucide-static/dist/esm/icons/chevron-last.mjs';
import before from 'lucide-static/dist/esm/icons/chevron-left.mjs';
import after from 'lucide-static/dist/esm/icons/chevron-right.mjs';
import pause from 'lucide-static/dist/esm/icons/pause.mjs';
import play from 'lucide-static/dist/esm/icons/play.mjs';
import loop from 'lucide-static/dist/esm/icons/repeat.mjs';
import { baseStyles } from '../../elements/base.styles.ts';
import type { ViewerContext } from '../../extension/contract.ts';
import { panelStyles } from '../panel.styles.ts';
import { type ImageToolsKey, imageToolsText } from '../texts.ts';
import type { CinePlayer } from './cine-player.ts';

/** Plays the shown run, fast or slow, and says how fast it was recorded. */
export class FilmlessCine extends LitElement {
  static override styles = [baseStyles, panelStyles];

  /** A new object each time something may have changed. */
  @property({ attribute: false }) source: { readonly viewer: ViewerContext; readonly player: CinePlayer } | undefined;

  protected override render(): TemplateResult | typeof nothing {
    if (!this.source) return nothing;
    const { viewer, player } = this.source;
    const t = (key: ImageToolsKey, parameters?: Record<string, string | number>) =>
      imageToolsText(viewer.locale, key, parameters);
    const cell = viewer.active;
    const run = player.run(cell);
    const index = cell.view?.index;
    if (!run || index === undefined) return html`<p>${t('cine.none')}</p>`;
    const { times, first: start } = run;
    const count = times.durationsMs.length;
    const rate = player.currentRate(times);
    const sequencing = player.sequencing ?? times.sequencing;
    const go = (to: number) => {
      player.stop();
      void cell.show(start + Math.min(count - 1, Math.max(0, to)));
    };
    const at = index - start;
    const spoken = { rate: Math.round(times.rate * 10) / 10 };
    return html`
      <div class="row">
        ${button('first', first, t('cine.first'), () => go(0))} ${button('before', before, t('cine.before'), () => go(at - 1))}
        ${button('play', player.playing ? pause : play, player.playing ? t('cine.pause') : t('cine.play'), () => player.toggle())}
        ${button('after', after, t('cine.after'), () => go(at + 1))} ${button('last', last, t('cine.last'), () => go(count - 1))}
        ${button('loop', loop, t('cine.loop'), () => player.setSequencing('loop'), sequencing === 'loop')}
        ${button('sweep', sweep, t('cine.sweep'), () => player.setSequencing('sweep'), sequencing === 'sweep')}
      </div>
      <div class="row">
        <label .style=${'flex: 1'}
          ><input
            type="range"
            name="frame"
            min="1"
            max=${count}
            .value=${String(at + 1)}
            aria-label=${t('cine.frame', { number: at + 1, count })}
            @input=${({ target }: Event) => go((target as HTMLInputElement).valueAsNumber - 1)}
          />
          <span class="place">${at + 1} / ${count}</span></label
        >
      </div>
      <div class="row">
        <label
          >${t('cine.rate')}
          <input
            type="number"
            name="rate"
            min="0.5"
            max="60"
            step="any"
            .value=${String(Math.round(rate * 10) / 10)}
            @change=${({ target }: Event) => {
              const typed = (target as HTMLInputElement).valueAsNumber;
              if (Number.isFinite(typed)) player.setRate(typed);
              this.requestUpdate();
            }}
        /></label>
        <button
          type="button"
          name="real"
          ?disabled=${player.rate === undefined}
          @click=${() => {
            player.setRate(undefined);
            this.requestUpdate();
          }}
        >
          ${t('cine.real')}
        </button>
      </div>
      <p>${t(`cine.source.${times.source}`, spoken)}</p>
      ${player.dropped > 0 ? html`<p>${t('cine.dropped', { count: player.dropped })}</p>` : nothing}
    `;
  }
}

function button(name: string, icon: string, label: string, press: () => void, pressed?: boolean): TemplateResult {
  return html`<button
    type="button"
    name=${name}
    title=${label}
    aria-label=${label}
    aria-pressed=${pressed ?? nothing}
    @click=${press}
  >
    <span class="icon">${unsafeHTML(icon)}</span>
  </button>`;
}
