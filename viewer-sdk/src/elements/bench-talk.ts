import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { DialogRequest } from './dialog.ts';
import { icon } from './icons.ts';
import { benchText } from './texts.ts';

const NOTICE_MS = 6000;
/** What went wrong stays longer: it has to be read, and perhaps told to IT. */
const ERROR_NOTICE_MS = 20_000;
const MOST_NOTICES = 3;

interface Notice {
  readonly text: string;
  readonly kind: 'information' | 'done' | 'error';
}

/** A question as an extension asks it. */
export interface Question {
  readonly title: string;
  readonly text?: string;
  /** Label of a line to type; without one the answer is yes or no. */
  readonly label?: string;
  readonly value?: string;
  readonly yes: string;
}

const NOTICE_ICON = { information: 'information', done: 'done', error: 'critical' } as const;

/** What has the focus, inside of elements too. */
function focusedElement(): HTMLElement | undefined {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused instanceof HTMLElement ? focused : undefined;
}

/** The viewer's dialogue and the short lines at the foot of the images. */
export class BenchTalk {
  readonly #locale: () => string;
  readonly #redraw: () => void;
  #dialogs: readonly DialogRequest[] = [];
  #notices: readonly Notice[] = [];

  constructor(locale: () => string, redraw: () => void) {
    this.#locale = locale;
    this.#redraw = redraw;
  }

  /** Whether a question waits for its answer. */
  get asking(): boolean {
    return this.#dialogs.length > 0;
  }

  /** @returns the typed text, or an empty one for a plain yes; `undefined` when it was given up */
  ask({ title, text, label, value = '', yes }: Question): Promise<string | undefined> {
    const focused = focusedElement();
    return new Promise((resolve) => {
      const request: DialogRequest = {
        title,
        yes,
        no: benchText(this.#locale(), 'cancel'),
        ...(text === undefined ? {} : { text }),
        ...(label === undefined ? {} : { input: { label, value } }),
        answer: (answer) => {
          if (!this.#dialogs.includes(request)) return;
          this.#dialogs = this.#dialogs.filter((other) => other !== request);
          resolve(answer);
          this.#redraw();
          focused?.focus({ preventScroll: true });
        },
      };
      this.#dialogs = [...this.#dialogs, request];
      this.#redraw();
    });
  }

  notify(text: string, kind: Notice['kind']): void {
    const notice = { text, kind };
    this.#notices = [...this.#notices.slice(1 - MOST_NOTICES), notice];
    setTimeout(() => this.#dismiss(notice), kind === 'error' ? ERROR_NOTICE_MS : NOTICE_MS);
    this.#redraw();
  }

  /** Another study: questions and lines about the last one go. */
  clear(): void {
    this.#notices = [];
    for (const dialog of this.#dialogs) dialog.answer(undefined);
    this.#redraw();
  }

  render(): TemplateResult {
    const request = this.#dialogs.slice(0, 1);
    return html`
      <div class="notices" role="status">
        ${this.#notices.map(
          (notice) => html`<div class="notice ${notice.kind}">
            ${icon(NOTICE_ICON[notice.kind])}<span>${notice.text}</span>
            <button type="button" @click=${() => this.#dismiss(notice)}>${benchText(this.#locale(), 'close')}</button>
          </div>`,
        )}
      </div>
      ${
        request.length === 0
          ? nothing
          : repeat(
              request,
              (dialog) => dialog,
              (dialog) => html`<filmless-viewer-dialog .request=${dialog}></filmless-viewer-dialog>`,
            )
      }
    `;
  }

  #dismiss(notice: Notice): void {
    this.#notices = this.#notices.filter((other) => other !== notice);
    this.#redraw();
  }
}
