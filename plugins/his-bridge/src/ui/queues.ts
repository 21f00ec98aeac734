import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import {
  type Box,
  dismiss,
  getMessage,
  listQueue,
  type QueueEntry,
  type QueueMessage,
  type QueuePage,
  RequestFailed,
  replay,
} from './api.ts';
import { reason } from './reasons.ts';
import { styles } from './styles.ts';
import { type TextKey, text, time } from './texts.ts';

const STATES: Readonly<Record<Box, readonly TextKey[]>> = {
  inbox: ['failed', 'waiting', 'applied', 'dismissed'],
  outbox: ['failed', 'waiting', 'sent', 'dismissed'],
};

/** Messages of a queue by state; one that failed is looked at, corrected and applied again, or set aside. */
@customElement('filmless-his-queues')
export class HisQueues extends LitElement {
  @property() locale = 'zh-CN';
  @state() private box: Box = 'inbox';
  @state() private state: TextKey = 'failed';
  @state() private page: QueuePage | undefined;
  @state() private chosen: QueueMessage | undefined;
  @state() private draft = '';
  @state() private problem = '';
  @state() private confirming = false;
  @state() private busy = false;

  static override styles = [
    styles,
    css`
      .split {
        display: grid;
        grid-template-columns: minmax(0, 3fr) minmax(380px, 2fr);
        gap: var(--filmless-space-3);
        align-items: start;
      }
      .list {
        max-height: calc(100vh - 250px);
        min-height: 200px;
      }
      .empty {
        padding: var(--filmless-space-6);
        text-align: center;
      }
      button[aria-pressed='true'] {
        background: var(--filmless-accent-surface);
        border-color: var(--filmless-accent);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  #t(key: TextKey, values?: Record<string, string | number>): string {
    return text(this.locale, key, values);
  }

  async #load(): Promise<void> {
    await this.#ask(async () => {
      this.page = await listQueue(this.box, this.state);
    });
  }

  async #choose(entry: QueueEntry): Promise<void> {
    await this.#ask(async () => {
      this.chosen = await getMessage(this.box, entry.id);
      this.draft = lines(this.chosen.message);
      this.confirming = false;
    });
  }

  #show(box: Box, state: TextKey): void {
    [this.box, this.state, this.chosen, this.page] = [box, state, undefined, undefined];
    void this.#load();
  }

  async #ask(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.problem = '';
    try {
      await work();
    } catch (error) {
      const failed = error instanceof RequestFailed ? error : new RequestFailed(0, String(error));
      this.problem =
        failed.status === 401
          ? this.#t('signedOut')
          : this.#t('failedRequest', { reason: reason(this.locale, failed.message) });
    }
    this.busy = false;
  }

  async #replay(): Promise<void> {
    const { chosen } = this;
    if (!chosen) return;
    const changed = this.box === 'inbox' && this.draft !== lines(chosen.message);
    await this.#ask(async () => {
      await replay(this.box, chosen.id, changed ? this.draft : undefined);
      this.chosen = undefined;
    });
    if (!this.problem) await this.#load();
  }

  async #setAside(): Promise<void> {
    const { chosen } = this;
    if (!chosen) return;
    if (!this.confirming) {
      this.confirming = true;
      return;
    }
    await this.#ask(async () => {
      await dismiss(this.box, chosen.id);
      this.chosen = undefined;
    });
    if (!this.problem) await this.#load();
  }

  override render() {
    const counts = this.page?.counts ?? {};
    return html`
      <div class="panel">
        <div class="panel-head">
          ${(['inbox', 'outbox'] as const).map(
            (box) => html`<button aria-pressed=${this.box === box} @click=${() => this.#show(box, 'failed')}>
              ${this.#t(box === 'inbox' ? 'incoming' : 'outgoing')}
            </button>`,
          )}
          <span class="spacer"></span>
          ${STATES[this.box].map(
            (state) => html`<button aria-pressed=${this.state === state} @click=${() => this.#show(this.box, state)}>
              ${this.#t(state)} ${counts[state] ?? ''}
            </button>`,
          )}
          <button ?disabled=${this.busy} @click=${() => void this.#load()}>${this.#t('reload')}</button>
        </div>
        ${this.problem ? html`<p class="note error" role="alert">${this.problem}</p>` : nothing}
        <div class="panel-body split">${this.#list()}${this.#detail()}</div>
      </div>
    `;
  }

  #list() {
    const { page } = this;
    if (!page) return html`<div></div>`;
    if (page.items.length === 0)
      return html`<p class="empty secondary">${this.#t(this.state === 'failed' ? 'noFailed' : 'noMessages')}</p>`;
    const columns: TextKey[] = ['time', 'system', 'type', 'patient', 'place', 'reason'];
    return html`<div class="list scroll">
      <table>
        <thead>
          <tr>${columns.map((column) => html`<th>${this.#t(column)}</th>`)}</tr>
        </thead>
        <tbody>
          ${page.items.map((entry) => this.#line(entry))}
        </tbody>
      </table>
      ${
        page.total > page.items.length
          ? html`<p class="secondary">${this.#t('more', { shown: page.items.length, total: page.total })}</p>`
          : nothing
      }
    </div>`;
  }

  #line(entry: QueueEntry) {
    const choose = () => void this.#choose(entry);
    return html`<tr
      class="choice"
      tabindex="0"
      aria-selected=${this.chosen?.id === entry.id}
      @click=${choose}
      @keydown=${(event: KeyboardEvent) => event.key === 'Enter' && choose()}
    >
      <td class="keep">${time(entry.receivedAt ?? entry.createdAt ?? '')}</td>
      <td>${entry.connection ?? entry.receiver}</td>
      <td class="keep">${entry.type}</td>
      <td>${entry.patients?.join(' ') ?? entry.patient}</td>
      <td class="keep">${entry.location ?? ''}</td>
      <td>${reason(this.locale, entry.error ?? '')}</td>
    </tr>`;
  }

  #detail() {
    const { chosen } = this;
    if (!chosen) return html`<p class="empty secondary">${this.#t('choose')}</p>`;
    const open = chosen.state === 'failed' || chosen.state === 'dismissed';
    const editable = open && this.box === 'inbox';
    const changed = editable && this.draft !== lines(chosen.message);
    return html`<div class="panel">
      <div class="panel-head">
        <h2>${chosen.type}</h2>
        <span class="secondary mono">${chosen.controlId ?? ''}</span>
        ${chosen.corrected ? html`<span class="secondary">${this.#t('corrected')}</span>` : nothing}
      </div>
      <div class="panel-body">
        ${
          chosen.error
            ? html`<p class="note error">${chosen.location ? html`<b>${chosen.location}</b> ` : nothing}${reason(this.locale, chosen.error)}</p>`
            : nothing
        }
        ${
          open && (chosen.appliedSince ?? 0) > 0
            ? html`<p class="note warning">${this.#t('newer', { count: chosen.appliedSince ?? 0 })}</p>`
            : nothing
        }
        <textarea
          aria-label=${this.#t('message')}
          spellcheck="false"
          rows="16"
          ?readonly=${!editable}
          .value=${this.draft}
          @input=${(event: InputEvent) => {
            this.draft = (event.target as HTMLTextAreaElement).value;
          }}
        ></textarea>
        ${open ? this.#buttons(chosen, changed) : nothing}
      </div>
    </div>`;
  }

  #buttons(chosen: QueueMessage, changed: boolean) {
    const again: TextKey = this.box === 'outbox' ? 'sendAgain' : changed ? 'applyCorrected' : 'applyAgain';
    return html`<div class="row">
      <button class="primary" ?disabled=${this.busy} @click=${() => void this.#replay()}>${this.#t(again)}</button>
      ${
        this.box === 'inbox'
          ? html`<button
              @click=${() => {
                const detail = { message: this.draft, connection: chosen.connection ?? '' };
                this.dispatchEvent(new CustomEvent('try-message', { detail, bubbles: true, composed: true }));
              }}
            >
              ${this.#t('tryIt')}
            </button>`
          : nothing
      }
      <span class="spacer"></span>
      ${
        chosen.state === 'failed'
          ? html`<button class=${this.confirming ? 'critical' : ''} ?disabled=${this.busy} @click=${() => void this.#setAside()}>
              ${this.#t(this.confirming ? 'reallySetAside' : 'setAside')}
            </button>`
          : nothing
      }
    </div>`;
  }
}

/** Segments end with CR; a text area shows lines. */
function lines(message: string): string {
  return message.replaceAll(/\r\n?/g, '\n').trimEnd();
}
