import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import {
  type Board,
  type BoardNode,
  type BoardStudy,
  fetchStudy,
  getBoard,
  RequestFailed,
  removeNode,
  repair,
} from './api.ts';
import './join.ts';
import { reason } from './reasons.ts';
import { styles } from './styles.ts';
import { lag, nameText, type TextKey, text } from './texts.ts';

/** While images are on their way, and while all is still. */
const BUSY_MS = 2_000;
const STILL_MS = 15_000;

/** The hospital: its nodes, and for each study what is there and what is here. */
@customElement('filmless-archive')
export class HospitalScreen extends LitElement {
  @property() locale = 'zh-CN';
  @state() private board: Board | undefined;
  @state() private problem = '';
  @state() private notice = '';
  @state() private removing = '';
  @state() private onlyOpen = false;
  @state() private filter = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #events: EventSource | undefined;
  /** When the timer rings. */
  #due = Number.POSITIVE_INFINITY;

  static override styles = [
    styles,
    css`
      .page {
        display: flex;
        flex-direction: column;
        gap: var(--filmless-space-3);
        padding: var(--filmless-space-3) var(--filmless-space-4);
      }
      .filter {
        width: 240px;
      }
      .empty {
        padding: var(--filmless-space-6);
        text-align: center;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#follow();
    // A study that is new shows at once and not only when it is asked for.
    this.#events = new EventSource('/api/events');
    this.#events.addEventListener('study', () => this.#in(BUSY_MS / 2));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#events?.close();
  }

  async #follow(): Promise<void> {
    if (document.visibilityState === 'visible') await this.#load();
    if (!this.isConnected) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const isBusy = this.board?.studies.some(({ state }) => state === 'coming' || state === 'differs') ?? true;
    this.#in(isBusy ? BUSY_MS : STILL_MS);
  }

  #in(ms: number): void {
    const due = performance.now() + ms;
    if (this.#timer !== undefined && due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.#follow(), ms);
  }

  #t(key: TextKey, values?: Record<string, string | number>): string {
    return text(this.locale, key, values);
  }

  async #load(): Promise<void> {
    await this.#try(async () => {
      this.board = await getBoard();
    });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.problem = '';
    } catch (error) {
      const isSignedOut = error instanceof RequestFailed && error.status === 401;
      this.problem = isSignedOut ? this.#t('signedOut') : this.#t('failed', { reason: reason(this.locale, error) });
    }
  }

  #repair(): Promise<void> {
    return this.#try(async () => {
      await repair();
      this.notice = this.#t('repairing');
      await this.#load();
    });
  }

  #fetch({ study }: BoardStudy): Promise<void> {
    return this.#try(async () => {
      await fetchStudy(study);
      this.notice = this.#t('fetching');
      await this.#follow();
    });
  }

  #remove(name: string): Promise<void> {
    this.removing = '';
    return this.#try(async () => {
      await removeNode(name);
      await this.#load();
    });
  }

  override render() {
    const { board } = this;
    return html`<div class="page">
      <div class="row">
        <h1>${this.#t('title')}</h1>
        <span class="secondary">${this.#t('help')}</span>
        <span class="spacer"></span>
        <button ?disabled=${!board?.nodes.length} @click=${() => this.#repair()}>${this.#t('repair')}</button>
      </div>
      ${this.problem ? html`<p class="note error" role="alert">${this.problem}</p>` : nothing}
      ${this.notice ? html`<p class="note ok" role="status">${this.notice}</p>` : nothing}
      ${board ? [this.#nodes(board), this.#studies(board)] : nothing}
    </div>`;
  }

  #nodes(board: Board) {
    const { own, nodes } = board;
    return html`<section class="panel">
      <div class="panel-head">
        <h2>${this.#t('nodes')}</h2>
        <span class="secondary">${this.#t('thisNode')}: ${own.name} · ${this.#t(own.role ?? 'alone')} · ${own.address}</span>
        <span class="spacer"></span>
        <filmless-archive-join
          .locale=${this.locale}
          .ownRole=${own.role}
          @joined=${(event: CustomEvent<string>) => {
            this.notice = this.#t('joined', { name: event.detail });
            void this.#load();
          }}
        ></filmless-archive-join>
      </div>
      ${
        nodes.length === 0
          ? html`<p class="empty secondary">${this.#t('noNodes')}</p>`
          : html`<table>
              <thead>
                <tr>
                  <th>${this.#t('node')}</th>
                  <th>${this.#t('role')}</th>
                  <th>${this.#t('link')}</th>
                  <th>${this.#t('address')}</th>
                  <th class="number">${this.#t('studies')}</th>
                  <th class="number">${this.#t('complete')}</th>
                  <th class="number">${this.#t('missing')}</th>
                  <th class="number">${this.#t('lag')}</th>
                  <th></th>
                </tr>
              </thead>
              <tbody>
                ${nodes.map((node) => this.#node(node))}
              </tbody>
            </table>`
      }
    </section>`;
  }

  #node(node: BoardNode) {
    const isCut = node.isReachable === false;
    const link = node.isReachable === null ? 'comes' : isCut ? 'cut' : 'reachable';
    return html`<tr>
      <td>${node.name}</td>
      <td>${this.#t(node.role)}</td>
      <td><span class="dot ${isCut ? 'late' : node.isReachable ? 'complete' : ''}"></span>${this.#t(link)}</td>
      <td class="mono">${node.address}</td>
      <td class="number">${node.studies}</td>
      <td class="number">${node.complete}</td>
      <td class="number">${node.missing}</td>
      <td class="number">${lag(this.locale, node.lagSeconds)}</td>
      <td class="number">
        ${
          this.removing === node.name
            ? html`<span title=${this.#t('removeHelp')}>${this.#t('reallyRemove', { name: node.name })}</span>
                <button class="critical" @click=${() => this.#remove(node.name)}>${this.#t('remove')}</button>
                <button @click=${() => this.#ask('')}>${this.#t('cancel')}</button>`
            : html`<button @click=${() => this.#ask(node.name)}>${this.#t('remove')}</button>`
        }
      </td>
    </tr>`;
  }

  #ask(name: string): void {
    this.removing = name;
  }

  #studies(board: Board) {
    const wanted = this.filter.trim().toLowerCase();
    const found = board.studies
      .filter(({ state }) => !this.onlyOpen || state !== 'complete')
      .filter((each) => `${nameText(each.PatientName)} ${each.PatientID} ${each.node}`.toLowerCase().includes(wanted));
    const missing = board.nodes.reduce((sum, node) => sum + node.missing, 0);
    return html`<section class="panel">
      <div class="panel-head">
        <h2>${this.#t('studies')}</h2>
        <span class="secondary">
          ${board.total === 0 ? nothing : this.#t(this.#summary(board, missing), { count: missing })}
        </span>
        <span class="spacer"></span>
        <label
          ><input
            type="checkbox"
            style="width:auto;height:auto"
            .checked=${this.onlyOpen}
            @change=${(event: Event) => {
              this.onlyOpen = (event.target as HTMLInputElement).checked;
            }}
          />
          ${this.#t('open')}</label
        >
        <input
          class="filter"
          type="search"
          placeholder=${this.#t('search')}
          aria-label=${this.#t('search')}
          @input=${(event: Event) => {
            this.filter = (event.target as HTMLInputElement).value;
          }}
        />
      </div>
      ${
        found.length === 0
          ? html`<p class="empty secondary">${this.#t(this.#emptyText(board))}</p>`
          : html`<table>
              <thead>
                <tr>
                  <th>${this.#t('state')}</th>
                  <th>${this.#t('node')}</th>
                  <th>${this.#t('patient')}</th>
                  <th>${this.#t('study')}</th>
                  <th>${this.#t('date')}</th>
                  <th class="number">${this.#t('there')}</th>
                  <th class="number">${this.#t('here')}</th>
                  <th class="number">${this.#t('missing')}</th>
                  <th class="number">${this.#t('lag')}</th>
                  <th></th>
                </tr>
              </thead>
              <tbody>
                ${found.map((study) => this.#study(study))}
              </tbody>
            </table>`
      }
    </section>`;
  }

  #emptyText({ own, total }: Board): TextKey {
    if (total > 0) return 'noneFound';
    return own.role === 'department' ? 'seeCentre' : 'noStudies';
  }

  #summary(board: Board, missing: number): TextKey {
    if (board.nodes.every((node) => node.complete === node.studies)) return 'allComplete';
    if (missing === 0) return 'comparing';
    return board.own.role === 'gateway' ? 'notFetched' : 'notComplete';
  }

  #study(study: BoardStudy) {
    const date = study.StudyDate.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
    return html`<tr>
      <td><span class="dot ${study.state}"></span>${this.#t(study.state)}</td>
      <td>${study.node}</td>
      <td>${nameText(study.PatientName)} <span class="secondary">${study.PatientID}</span></td>
      <td>${study.modalities.join(', ')} ${study.StudyDescription}</td>
      <td>${date}</td>
      <td class="number">${study.there}</td>
      <td class="number">${study.here}</td>
      <td class="number">${study.missing}</td>
      <td class="number">${lag(this.locale, study.lagSeconds)}</td>
      <td class="number">
        ${study.missing > 0 ? html`<button @click=${() => this.#fetch(study)}>${this.#t('fetch')}</button>` : nothing}
      </td>
    </tr>`;
  }
}
