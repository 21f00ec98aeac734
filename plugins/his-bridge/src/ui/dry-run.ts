import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type DryRunResult, dryRun, listConnections, RequestFailed } from './api.ts';
import { reason } from './reasons.ts';
import { styles } from './styles.ts';
import { label, shown, type TextKey, text } from './texts.ts';

/** A message is pasted, and what would become of it is shown. */
@customElement('filmless-his-dry-run')
export class HisDryRun extends LitElement {
  @property() locale = 'zh-CN';
  @property() message = '';
  @property() connection = '';
  @state() private connections: string[] | undefined;
  @state() private result: DryRunResult | undefined;
  @state() private problem = '';
  @state() private busy = false;

  static override styles = [
    styles,
    css`
      .split {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: var(--filmless-space-3);
        align-items: start;
      }
      textarea {
        min-height: calc(100vh - 330px);
      }
      .result {
        max-height: calc(100vh - 180px);
      }
      dl {
        display: grid;
        grid-template-columns: minmax(90px, max-content) 1fr;
        gap: 3px 12px;
      }
      dt {
        color: var(--filmless-text-secondary);
      }
      dd {
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      .step {
        display: flex;
        flex-direction: column;
        gap: var(--filmless-space-2);
        padding: 8px 10px;
        border: 1px solid var(--filmless-line);
        border-radius: var(--filmless-radius);
      }
      .field {
        display: inline-block;
        margin-right: 10px;
      }
      .field b {
        font-weight: 400;
        color: var(--filmless-text-secondary);
        margin-right: 3px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#open();
  }

  #t(key: TextKey, values?: Record<string, string | number>): string {
    return text(this.locale, key, values);
  }

  async #open(): Promise<void> {
    try {
      this.connections = await listConnections();
      if (!this.connections.includes(this.connection)) this.connection = this.connections[0] ?? '';
      if (this.message.trim() !== '') await this.#run();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const failed = error instanceof RequestFailed ? error : new RequestFailed(0, String(error));
    this.problem =
      failed.status === 401
        ? this.#t('signedOut')
        : this.#t('failedRequest', { reason: reason(this.locale, failed.message) });
  }

  async #run(): Promise<void> {
    if (this.busy || this.message.trim() === '' || this.connection === '') return;
    this.busy = true;
    this.problem = '';
    this.result = undefined;
    try {
      this.result = await dryRun(this.message, this.connection);
    } catch (error) {
      this.#failed(error);
    }
    this.busy = false;
  }

  override render() {
    const none = this.connections?.length === 0;
    return html`<div class="split">
      <div class="panel">
        <div class="panel-head">
          <label class="row">
            ${this.#t('connection')}
            <select
              ?disabled=${none}
              .value=${this.connection}
              @change=${(event: Event) => {
                this.connection = (event.target as HTMLSelectElement).value;
              }}
            >
              ${this.connections?.map((name) => html`<option value=${name} ?selected=${name === this.connection}>${name}</option>`)}
            </select>
          </label>
          <span class="spacer"></span>
          <button
            class="primary"
            title=${this.#t('runTitle')}
            ?disabled=${this.busy || this.message.trim() === '' || this.connection === ''}
            @click=${() => void this.#run()}
          >
            ${this.#t('run')}
          </button>
        </div>
        <div class="panel-body">
          ${none ? html`<p class="note warning">${this.#t('noConnection')}</p>` : nothing}
          <textarea
            aria-label=${this.#t('paste')}
            placeholder=${this.#t('paste')}
            spellcheck="false"
            .value=${this.message}
            @input=${(event: InputEvent) => {
              this.message = (event.target as HTMLTextAreaElement).value;
            }}
            @keydown=${(event: KeyboardEvent) => event.key === 'Enter' && event.ctrlKey && void this.#run()}
          ></textarea>
          <p class="secondary">${this.#t('nothingChanges')}</p>
        </div>
      </div>
      <div class="panel scroll result">
        <div class="panel-head"><h2>${this.#t('wouldBe')}</h2><span class="secondary mono">${this.result?.type ?? ''}</span></div>
        <div class="panel-body" aria-live="polite">
          ${this.problem ? html`<p class="note error" role="alert">${this.problem}</p>` : nothing}
          ${this.result ? this.#outcome(this.result) : nothing}
        </div>
      </div>
    </div>`;
  }

  #outcome({ problems, steps, segments }: DryRunResult) {
    const error = problems.find(({ level }) => level === 'error');
    return html`
      <p class="note ${error ? 'error' : 'ok'}">
        ${error ? this.#t('refused', { answer: error.answer ?? 'AE' }) : this.#t('ok')}
      </p>
      ${problems.map(
        ({ level, location, text: told }) => html`<p class="note ${level === 'error' ? 'error' : 'warning'}">
          ${this.#t(level)}${location ? html` <b>${location}</b>` : nothing} ${reason(this.locale, told)}
        </p>`,
      )}
      ${steps.length === 0 && !error ? html`<p class="secondary">${this.#t('nothingDone')}</p>` : nothing}
      ${steps.map(({ action, known }) => this.#step(action, known))}
      ${
        segments.length === 0
          ? nothing
          : html`<h2>${this.#t('segments')}</h2>
            <table class="mono">
              <tbody>
                ${segments.map(
                  ({ name, fields }) => html`<tr>
                    <th>${name}</th>
                    <td>${fields.map(({ number, text: value }) => html`<span class="field"><b>${number}</b>${value}</span>`)}</td>
                  </tr>`,
                )}
              </tbody>
            </table>`
      }
    `;
  }

  #step({ do: what, ...values }: DryRunResult['steps'][number]['action'], known: boolean) {
    const rows = flat(values).flatMap(([name, value]) => {
      const title = label(this.locale, name);
      return title === undefined || value === ''
        ? []
        : [html`<dt>${title}</dt><dd>${shown(this.locale, name, value)}</dd>`];
    });
    return html`<div class="step">
      <div class="row">
        <h3>${this.#t(what as TextKey)}</h3>
        ${what === 'deliver-report' ? nothing : html`<span class="secondary">${this.#t(known ? 'isKnown' : 'isNew')}</span>`}
      </div>
      <dl>${rows}</dl>
    </div>`;
  }
}

/** A step's values by name; what is nested stands by its own name, numbers of patients as text. */
function flat(values: object): [string, string][] {
  return Object.entries(values).flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value)) return name === 'identifiers' ? [[name, numbers(value)]] : [];
    if (name === 'patient' && isIdentifier(value)) return [[name, numberOf(value)]];
    if (isIdentifier(value)) return [[name, numberOf(value)]];
    if (name === 'procedure' && isRecord(value))
      return [[name, [value['code'], value['text']].filter(Boolean).join(' ')]];
    if (isRecord(value)) return name === 'source' ? [['externalId', String(value['externalId'] ?? '')]] : flat(value);
    return [[name, String(value)]];
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isIdentifier = (value: unknown): value is { id: string; issuer?: string } =>
  isRecord(value) && typeof value['id'] === 'string';
const numberOf = ({ id, issuer }: { id: string; issuer?: string }): string => (issuer ? `${id} (${issuer})` : id);
const numbers = (value: unknown[]): string => value.filter(isIdentifier).map(numberOf).join(', ');
