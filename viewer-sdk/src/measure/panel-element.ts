import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import copy from 'lucide-static/dist/esm/icons/copy.mjs';
import show from 'lucide-static/dist/esm/icons/eye.mjs';
import hide from 'lucide-static/dist/esm/icons/eye-off.mjs';
import series from 'lucide-static/dist/esm/icons/images.mjs';
import rename from 'lucide-static/dist/esm/icons/pencil.mjs';
import redo from 'lucide-static/dist/esm/icons/redo-2.mjs';
import remove from 'lucide-static/dist/esm/icons/trash.mjs';
import undo from 'lucide-static/dist/esm/icons/undo-2.mjs';
import { baseStyles } from '../elements/base.styles.ts';
import type { Annotation, ManualCalibration } from './annotation.ts';
import { pixelSizeText } from './calibrate.ts';
import { copyOut } from './commands.ts';
import { imageNumber, measurementsCsv, seriesOf } from './export.ts';
import { measurementLines } from './format.ts';
import { relabel } from './grab.ts';
import type { MeasureSession } from './session.ts';

const symbol = (markup: string): TemplateResult =>
  html`<span class="icon" aria-hidden="true">${unsafeHTML(markup)}</span>`;

/** The measurements of the viewer, by series: a click shows one on its image. */
export class FilmlessMeasurements extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        padding: 4px 4px 4px 12px;
        color: var(--filmless-text-secondary);
      }
      h3 {
        margin: 0;
        padding: 6px 12px;
        background: var(--filmless-surface-2);
        font-size: var(--filmless-font-size-small);
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: flex-start;
        border-block-end: 1px solid var(--filmless-line);
      }
      li.selected {
        background: var(--filmless-accent-surface);
      }
      .open {
        flex: 1;
        display: grid;
        grid-template-columns: 1fr auto;
        justify-items: start;
        gap: 0 8px;
        min-inline-size: 0;
        block-size: auto;
        min-block-size: var(--filmless-row-height);
        padding: 6px 4px 6px 12px;
        text-align: start;
      }
      .name {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .place,
      .more {
        color: var(--filmless-text-secondary);
        font-size: var(--filmless-font-size-small);
      }
      .values {
        grid-column: 1 / -1;
      }
      .values div {
        white-space: pre-wrap;
      }
      .actions {
        display: flex;
        padding-block: 2px;
      }
      .actions button,
      header button {
        padding: 0 6px;
      }
      .icon svg {
        inline-size: 16px;
        block-size: 16px;
      }
      input {
        flex: 1;
        min-inline-size: 0;
        margin: 4px 4px 4px 8px;
        block-size: 28px;
        padding: 0 6px;
        border: 1px solid var(--filmless-accent);
        border-radius: var(--filmless-radius);
        background: var(--filmless-surface-0);
        color: inherit;
        font: inherit;
      }
      .empty {
        padding: 24px 16px;
        color: var(--filmless-text-secondary);
        text-align: center;
      }
      .empty strong {
        display: block;
        margin-block-end: 6px;
        color: var(--filmless-text);
        font-size: var(--filmless-font-size-form);
      }
      .calibration {
        padding: 6px 4px 6px 12px;
        align-items: center;
        justify-content: space-between;
      }
    `,
  ];

  @property({ attribute: false }) source: { readonly session: MeasureSession } | undefined;
  /** The annotation whose label is being typed. */
  @state() private naming = '';

  protected override updated(): void {
    const input = this.renderRoot.querySelector('input');
    if (input && !input.matches(':focus')) {
      input.focus();
      input.select();
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const session = this.source?.session;
    if (!session) return nothing;
    const all = session.annotations;
    const { calibrations } = session;
    if (all.length === 0 && calibrations.length === 0)
      return html`<div class="empty"><strong>${session.text('panel.empty')}</strong>${session.text('panel.emptyHint')}</div>`;
    const groups = [...new Set([...all, ...calibrations].map((entry) => entry.series))];
    const csv = session.text('panel.csv');
    return html`
      <header>
        <span>${session.text('panel.count', { count: all.length })}</span>
        <span class="actions">
          ${this.#button(session.text('panel.undo'), undo, () => session.viewer.run('undo'), !session.store.canUndo)}
          ${this.#button(session.text('panel.redo'), redo, () => session.viewer.run('redo'), !session.store.canRedo)}
          ${this.#button(session.text(session.hidden ? 'panel.show' : 'panel.hide'), session.hidden ? show : hide, () =>
            session.viewer.run('annotationsHide'),
          )}
        <button type="button" title=${csv} aria-label=${csv} @click=${() => copyOut(session, measurementsCsv(session))}>
          ${symbol(copy)}CSV
        </button></span>
      </header>
      ${groups.map(
        (uid) => html`<section>
          <h3>${this.#seriesName(session, uid)}</h3>
          <ul>
            ${calibrations.filter((own) => own.series === uid).map((own) => this.#calibration(session, own))}
            ${all.filter((own) => own.series === uid).map((own) => this.#row(session, own))}
          </ul>
        </section>`,
      )}
    `;
  }

  #seriesName(session: MeasureSession, uid: string): string {
    const summary = seriesOf(session, { series: uid });
    return (
      [summary?.number, summary?.description].filter((part) => part !== undefined && part !== '').join('  ') || uid
    );
  }

  #row(session: MeasureSession, annotation: Annotation): TemplateResult {
    if (this.naming === annotation.id) return this.#naming(session, annotation);
    const measurement = session.measure(annotation);
    const lines = measurement ? measurementLines(session.viewer.locale, annotation, measurement) : [];
    const marks = annotation.kind === 'arrow' || annotation.kind === 'text';
    if (!marks && lines.length === 0) lines.push(session.text('panel.notShown'));
    const kind = session.text(`kind.${annotation.kind}`);
    const number = imageNumber(session, annotation);
    const name = annotation.text ? (marks ? annotation.text : `${kind}  ${annotation.text}`) : kind;
    const place = [
      number === undefined ? '' : session.text('panel.image', { number }),
      annotation.frame > 1 ? session.text('panel.frame', { number: annotation.frame }) : '',
    ];
    return html`<li class=${session.selection?.id === annotation.id ? 'selected' : ''}>
      <button type="button" class="open" @click=${() => session.goTo(annotation)}>
        <span class="name">${name}</span><span class="place">${place.filter(Boolean).join('  ')}</span>
        <span class="values">${lines.map((line) => html`<div>${line}</div>`)}</span>
      </button>
      <span class="actions">
        ${this.#button(session.text('panel.rename'), rename, () => {
          this.naming = annotation.id;
        })}
        ${this.#button(session.text('panel.delete'), remove, () => session.store.remove(annotation.id))}
      </span>
    </li>`;
  }

  #naming(session: MeasureSession, annotation: Annotation): TemplateResult {
    const commit = (event: Event): void => {
      if (this.naming !== annotation.id || !(event.target instanceof HTMLInputElement)) return;
      this.naming = '';
      relabel(session, annotation.id, event.target.value);
    };
    const keydown = (event: KeyboardEvent): void => {
      event.stopPropagation();
      if (event.isComposing) return;
      if (event.key === 'Enter') commit(event);
      if (event.key === 'Escape') this.naming = '';
      if (event.key === 'Enter' || event.key === 'Escape') event.preventDefault();
    };
    return html`<li>
      <input
        aria-label=${session.text('panel.rename')}
        maxlength="64"
        .value=${annotation.text ?? ''}
        @keydown=${keydown}
        @blur=${commit}
      />
    </li>`;
  }

  #calibration(session: MeasureSession, own: ManualCalibration): TemplateResult {
    const { instance, ...rest } = own;
    const spread = session.text('panel.calibrationSpread');
    const wide = instance === undefined ? `  ${session.text('panel.calibrationSeries')}` : '';
    return html`<li class="calibration">
      <span>
        <span class="name">${session.text('calibration.manual')}</span>
        <div class="more">${session.text('panel.calibration', { mm: pixelSizeText(own) })}${wide}</div>
      </span>
      <span class="actions">
        ${
          instance === undefined
            ? nothing
            : this.#button(spread, series, () => session.store.calibrate({ ...rest, instance: undefined }))
        }
        ${this.#button(session.text('panel.calibrationRemove'), remove, () => session.store.removeCalibration(own))}
      </span>
    </li>`;
  }

  #button(label: string, markup: string, action: () => void, disabled = false): TemplateResult {
    return html`<button type="button" title=${label} aria-label=${label} ?disabled=${disabled} @click=${action}>${symbol(markup)}</button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'filmless-viewer-measurements': FilmlessMeasurements;
  }
}
