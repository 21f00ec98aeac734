import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import ok from 'lucide-static/dist/esm/icons/circle-check.mjs';
import unknown from 'lucide-static/dist/esm/icons/circle-question-mark.mjs';
import failed from 'lucide-static/dist/esm/icons/circle-x.mjs';
import warning from 'lucide-static/dist/esm/icons/triangle-alert.mjs';
import { type Theme, tokenStyles } from '../tokens.css.ts';
import { runDoctor } from './doctor.ts';
import { adviceText, type DoctorReport, dataText, type Finding } from './report.ts';
import { doctorText, type FindingKey } from './texts.ts';

const ICONS = { ok, warning, failed, unknown } as const;

/**
 * The report of `runDoctor` on a page, to be read, copied and printed.
 *
 * @tag filmless-doctor
 */
export class FilmlessDoctor extends LitElement {
  static override styles = [
    tokenStyles,
    css`
      :host {
        display: block;
        padding: 20px 24px;
        color: var(--filmless-text);
        background: var(--filmless-surface-1);
        font: var(--filmless-font-size-form) / 1.5 var(--filmless-font);
        font-variant-numeric: tabular-nums;
      }
      h1 {
        margin: 0 0 4px;
        font-size: 18px;
      }
      p {
        margin: 0;
        color: var(--filmless-text-secondary);
        font-size: var(--filmless-font-size-small);
        overflow-wrap: anywhere;
      }
      .actions {
        display: flex;
        gap: 8px;
        margin: 12px 0;
      }
      button {
        padding: 4px 12px;
        color: inherit;
        font: inherit;
        background: var(--filmless-surface-2);
        border: 1px solid var(--filmless-line);
        border-radius: var(--filmless-radius);
        cursor: pointer;
      }
      button:disabled {
        color: var(--filmless-text-secondary);
        cursor: default;
      }
      table {
        width: 100%;
        border-collapse: collapse;
      }
      td {
        padding: 5px 12px 5px 0;
        vertical-align: top;
        border-top: 1px solid var(--filmless-line);
      }
      .state {
        white-space: nowrap;
      }
      .state svg {
        width: 16px;
        height: 16px;
        margin-right: 6px;
        vertical-align: -3px;
      }
      .what {
        white-space: nowrap;
      }
      .data {
        color: var(--filmless-text-secondary);
        overflow-wrap: anywhere;
      }
      .advice {
        color: var(--filmless-text);
      }
      .ok .state {
        color: var(--filmless-state-done);
      }
      .warning .state {
        color: var(--filmless-state-waiting);
      }
      .failed .state {
        color: var(--filmless-state-critical);
      }
      .unknown .state {
        color: var(--filmless-text-secondary);
      }
      @media print {
        :host {
          color: #000;
          background: #fff;
        }
        .actions {
          display: none;
        }
      }
    `,
  ];

  /** The server's address; the page's own origin when empty. */
  @property() server = '';
  /** The language: `zh-CN` or `en`. */
  @property() locale = 'zh-CN';
  /** `dark` or `light`. */
  @property({ reflect: true }) theme: Theme = 'light';
  /** Gives the token for the server; without it the browser's session is used. */
  @property({ attribute: false }) tokenProvider: (() => string | Promise<string>) | undefined;
  @state() private report: DoctorReport | undefined;
  @state() private copied = false;
  #running = 0;

  protected override firstUpdated(): void {
    void this.run();
  }

  /** Checks once more. */
  async run(): Promise<void> {
    this.#running += 1;
    const run = this.#running;
    this.report = undefined;
    this.copied = false;
    const report = await runDoctor({ server: this.server, tokenProvider: this.tokenProvider });
    if (run === this.#running) this.report = report;
  }

  async #copy(): Promise<void> {
    await navigator.clipboard.writeText(this.report?.toText(this.locale) ?? '');
    this.copied = true;
  }

  protected override render(): TemplateResult {
    const { report } = this;
    const t = (key: FindingKey) => doctorText(this.locale, key);
    return html`
      <h1>${t('title')}</h1>
      ${
        report
          ? html`<p>${t('at')} ${report.at}</p>
              <p>${t('page')} ${report.page}</p>
              <p>${t('server')} ${report.server}</p>
              <p>${t('browser')} ${report.userAgent}</p>`
          : nothing
      }
      <div class="actions">
        <button type="button" ?disabled=${!report} @click=${() => void this.run()}>${report ? t('run') : t('running')}</button>
        <button type="button" ?disabled=${!report} @click=${() => void this.#copy()}>${this.copied ? t('copied') : t('copy')}</button>
        <button type="button" ?disabled=${!report} @click=${() => window.print()}>${t('print')}</button>
      </div>
      <table aria-live="polite">
        ${report?.findings.map((finding) => this.#row(finding))}
      </table>
    `;
  }

  #row(finding: Finding): TemplateResult {
    const advice = adviceText(finding, this.locale);
    return html`<tr class=${finding.state}>
      <td class="state">${unsafeHTML(ICONS[finding.state])}${doctorText(this.locale, finding.state)}</td>
      <td class="what">${doctorText(this.locale, finding.id)}</td>
      <td class="data">
        ${dataText(finding, this.locale)} ${advice ? html`<div class="advice">${advice}</div>` : nothing}
      </td>
    </tr>`;
  }
}
