import type { TemplateResult } from 'lit';
import { css, html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import { isAbort } from '../../api/client.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/empty-state.ts';
import '../../components/error-note.ts';
import { gridStyles } from '../../components/grid-styles.ts';
import { notifyDone, notifyError } from '../../components/notify.ts';
import { t } from '../../i18n/index.ts';
import { page, shared } from '../../styles/shared.ts';

export const panelStyles = [
  shared,
  page,
  gridStyles,
  css`
    :host {
      height: auto;
      background: none;
      overflow: visible;
    }
    .stack {
      display: flex;
      flex-direction: column;
      gap: var(--filmless-space-4);
    }
    .intro {
      color: var(--filmless-text-secondary);
      min-height: 32px;
      display: flex;
      align-items: center;
      gap: var(--filmless-space-4);
      flex-wrap: wrap;
    }
    .intro .text {
      max-width: 100ch;
    }
    .panel {
      overflow: hidden;
    }
    fl-data-grid {
      font-variant-numeric: tabular-nums;
    }
    b {
      font-weight: 600;
    }
  `,
];

/** A part of the system screen that shows what the node says, again every `everyMs`. */
export abstract class SystemPanel<T> extends FilmlessElement {
  @state() protected data: T | undefined;
  @state() protected error: unknown;
  protected everyMs = 10_000;
  #abort = new AbortController();
  #timer: ReturnType<typeof setInterval> | undefined;

  protected abstract fetch(signal: AbortSignal): Promise<T>;
  protected abstract content(data: T): TemplateResult;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#abort = new AbortController();
    void this.load();
    this.#timer = setInterval(() => void this.load(), this.everyMs);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#abort.abort();
  }

  protected async load(): Promise<void> {
    const { signal } = this.#abort;
    try {
      this.data = await this.fetch(signal);
      this.error = undefined;
    } catch (error) {
      if (!isAbort(error)) this.error = error;
    }
  }

  /** Does something, says that it is done or why not, and looks again. */
  protected async act(action: () => Promise<void>, done: string): Promise<void> {
    try {
      await action();
      notifyDone(done);
    } catch (error) {
      notifyError(error);
    }
    await this.load();
  }

  protected override updated(): void {
    this.renderRoot.querySelector('fl-data-grid')?.redraw();
  }

  override render() {
    return html`<div class="stack">
      ${this.error === undefined ? nothing : html`<fl-error-note .heading=${t.system.loadFailed} .error=${this.error} retryable @retry=${() => void this.load()}></fl-error-note>`}
      ${this.data === undefined ? (this.error === undefined ? html`<p class="secondary">${t.common.loading}</p>` : nothing) : this.content(this.data)}
    </div>`;
  }
}
