import '@vaadin/button';
import '@vaadin/progress-bar';
import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { uploadInstance } from '../../api/imports.ts';
import type { DataColumn, DataGrid } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { FilmlessElement } from '../../components/element.ts';
import { errorText } from '../../components/error-text.ts';
import '../../components/error-note.ts';
import { icon } from '../../components/icon.ts';
import { iconFile, iconFolder, iconUpload } from '../../components/icons.ts';
import type { BadgeState } from '../../components/state-badge.ts';
import '../../components/state-badge.ts';
import { formatBytes } from '../../format/figures.ts';
import { t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import type { FoundFile } from './dropped-files.ts';
import { filesOfDrop, filesOfInput } from './dropped-files.ts';
import { importStyles } from './import.styles.ts';
import type { EntryState, ImportEntry } from './import-queue.ts';
import { ImportQueue } from './import-queue.ts';
import './import-studies.ts';

const BADGES: Record<EntryState, BadgeState> = {
  waiting: 'off',
  uploading: 'info',
  stored: 'done',
  duplicate: 'done',
  conflict: 'warning',
  quarantined: 'critical',
  failed: 'critical',
  skipped: 'off',
  cancelled: 'off',
};
const PROBLEMS: readonly EntryState[] = ['failed', 'quarantined', 'conflict', 'cancelled'];

/** One queue for the page: leaving the screen does not stop an import. */
const queue = new ImportQueue({ upload: uploadInstance });
let owner = '';

/** Whoever signs in again after a pause goes on with the import; the next person at this computer does not see it. */
session.addEventListener('change', () => {
  if (!session.user || session.user.name === owner) return;
  void queue.abandon();
});

/** Files and folders into the archive. */
@customElement('fl-import')
export class ImportScreen extends FilmlessElement {
  @property({ attribute: false }) queue = queue;
  @state() private dragging = false;
  @state() private readingCount: number | undefined;
  @state() private readError: unknown;
  @state() private problemsOnly = false;
  @query('fl-data-grid') private readonly grid!: DataGrid<ImportEntry> | null;
  #frame = 0;
  #shown: { key: string; rows: readonly ImportEntry[] } = { key: '', rows: [] };

  static override styles = importStyles;

  readonly #columns: DataColumn<ImportEntry>[] = [
    {
      key: 'path',
      header: () => t.imports.fileName,
      width: 340,
      fixed: true,
      grow: true,
      render: (entry) => html`<span title=${entry.path}>${entry.path}</span>`,
    },
    {
      key: 'size',
      header: () => t.imports.fileSize,
      width: 90,
      align: 'end',
      render: (entry) => formatBytes(entry.file.size),
    },
    {
      key: 'state',
      header: () => t.imports.fileState,
      width: 120,
      fixed: true,
      render: (entry) =>
        html`<fl-state-badge .state=${BADGES[entry.state]} .label=${t.imports.state[entry.state]}></fl-state-badge>`,
    },
    {
      key: 'detail',
      header: () => t.imports.fileDetail,
      width: 420,
      grow: true,
      render: (entry) => this.#detail(entry),
    },
  ];

  readonly #onQueue = () => {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.requestUpdate();
      this.grid?.redraw();
    });
  };

  readonly #onLeave = (event: BeforeUnloadEvent) => {
    if (this.queue.running) event.preventDefault();
  };

  override connectedCallback(): void {
    super.connectedCallback();
    this.queue.addEventListener('change', this.#onQueue);
    window.addEventListener('beforeunload', this.#onLeave);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.queue.removeEventListener('change', this.#onQueue);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    // While files are under way, closing the page must still ask: the listener stays until they are through.
    if (!this.queue.running) window.removeEventListener('beforeunload', this.#onLeave);
  }

  #detail(entry: ImportEntry): unknown {
    if (entry.state === 'duplicate') return t.imports.detail.duplicate;
    if (entry.state === 'conflict') return t.imports.detail.conflict;
    if (entry.skipped) return entry.skipped === 'index' ? t.imports.detail.skippedIndex : t.imports.detail.skippedEmpty;
    if (!entry.error) return nothing;
    const { title, remedy, forIt } = errorText(entry.error);
    const text = t.common.sentences(
      title,
      t.common.paragraph([remedy, entry.state === 'quarantined' ? t.imports.quarantineHint : '']),
    );
    return html`<span title=${`${text} (${forIt})`}>${text} <span class="secondary">${entry.error.code}</span></span>`;
  }

  #add(files: readonly FoundFile[]): void {
    if (files.length === 0) return;
    owner = session.user?.name ?? '';
    this.queue.add(files);
  }

  async #drop(event: DragEvent): Promise<void> {
    event.preventDefault();
    this.dragging = false;
    if (!event.dataTransfer) return;
    this.readError = undefined;
    this.readingCount = 0;
    try {
      this.#add(
        await filesOfDrop(event.dataTransfer, (count) => {
          this.readingCount = count;
        }),
      );
    } catch (error) {
      this.readError = error;
    } finally {
      this.readingCount = undefined;
    }
  }

  #pick(folder: boolean): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.webkitdirectory = folder;
    input.addEventListener('change', () => input.files && this.#add(filesOfInput(input.files)));
    input.click();
  }

  #dropZone() {
    return html`<div
      class="drop ${this.dragging ? 'over' : ''} ${this.queue.entries.length > 0 ? 'small' : ''}"
      @dragover=${(event: DragEvent) => {
        event.preventDefault();
        this.dragging = true;
      }}
      @dragleave=${() => {
        this.dragging = false;
      }}
      @drop=${(event: DragEvent) => void this.#drop(event)}
    >
      ${icon(iconUpload, 24)}
      <div class="words">
        <strong>${this.dragging ? t.imports.dropNow : this.readingCount === undefined ? t.imports.drop : t.imports.reading(this.readingCount)}</strong>
        <div class="secondary">${t.imports.dropHint}</div>
      </div>
      <vaadin-button theme="primary" @click=${() => this.#pick(true)}><span class="row">${icon(iconFolder, 18)}${t.imports.chooseFolder}</span></vaadin-button>
      <vaadin-button @click=${() => this.#pick(false)}><span class="row">${icon(iconFile, 18)}${t.imports.chooseFiles}</span></vaadin-button>
    </div>`;
  }

  #duration(seconds: number): string {
    return seconds < 90
      ? t.imports.seconds(Math.max(1, Math.ceil(seconds)))
      : t.imports.minutes(Math.ceil(seconds / 60));
  }

  #progress() {
    const { queue: current } = this;
    const { counts, finishedCount, entries } = current;
    const elapsed = (Date.now() - current.startedAtMs) / 1000;
    const perSecond = elapsed > 0.5 ? current.sentBytes / elapsed : 0;
    const left = perSecond > 0 ? (current.totalBytes - current.sentBytes) / perSecond : 0;
    const busy = current.running;
    const done = !busy && counts.waiting === 0;
    const retryable = counts.failed + counts.cancelled;
    return html`<div class="progress">
      <div class="row">
        <strong role="status">
          ${done ? (counts.cancelled > 0 ? t.imports.cancelled : current.problemCount > 0 ? t.imports.finishedProblems(current.problemCount) : t.imports.finished) : current.stoppedBy ? t.imports.pausedTitle : t.imports.progress(finishedCount, entries.length)}
        </strong>
        <span class="secondary num">
          ${t.common.joined([
            t.imports.bytes(formatBytes(current.sentBytes), formatBytes(current.totalBytes)),
            ...(busy && perSecond > 0
              ? [t.imports.speed(formatBytes(perSecond)), t.imports.remaining(this.#duration(left))]
              : []),
          ])}
        </span>
        <span class="spacer"></span>
        ${busy || (counts.waiting > 0 && !current.stoppedBy) ? html`<vaadin-button @click=${() => current.cancel()}>${t.imports.cancel}</vaadin-button>` : nothing}
        ${!busy && retryable > 0 ? html`<vaadin-button @click=${() => current.retryFailed()}>${t.imports.retryFailed(retryable)}</vaadin-button>` : nothing}
        ${done ? html`<vaadin-button theme="tertiary" @click=${() => current.clear()}>${t.imports.clear}</vaadin-button>` : nothing}
      </div>
      <vaadin-progress-bar aria-label=${t.imports.title} .value=${entries.length === 0 ? 0 : Math.min(1, finishedCount / entries.length)}></vaadin-progress-bar>
      <div class="tallies">
        ${(Object.keys(counts) as EntryState[])
          .filter((key) => counts[key] > 0)
          .map(
            (key) =>
              html`<span><fl-state-badge .state=${BADGES[key]} .label=${t.imports.state[key]}></fl-state-badge> <b class="num">${counts[key].toLocaleString('en-US')}</b></span>`,
          )}
      </div>
      ${
        current.stoppedBy
          ? html`<fl-error-note .error=${current.stoppedBy}></fl-error-note>
              <div class="row"><vaadin-button theme="primary" @click=${() => current.resume()}>${t.imports.resume}</vaadin-button><vaadin-button @click=${() => current.cancel()}>${t.imports.cancel}</vaadin-button></div>`
          : nothing
      }
    </div>`;
  }

  /** A new array only when rows were added or left: the grid keeps its place otherwise. */
  #rows(): readonly ImportEntry[] {
    const { entries, problemCount, counts } = this.queue;
    const key = this.problemsOnly
      ? `problems ${problemCount} ${counts.cancelled} ${entries.length}`
      : `all ${entries.length}`;
    if (key !== this.#shown.key)
      this.#shown = {
        key,
        rows: this.problemsOnly ? entries.filter((entry) => PROBLEMS.includes(entry.state)) : [...entries],
      };
    return this.#shown.rows;
  }

  #files() {
    const items = this.#rows();
    return html`<section class="panel files">
      <div class="panel-head">
        <h2>${t.imports.files}</h2>
        <span class="spacer"></span>
        <button class="icon-button" aria-pressed=${!this.problemsOnly} @click=${() => {
          this.problemsOnly = false;
        }}>${t.imports.filterAll} <span class="num">${this.queue.entries.length.toLocaleString('en-US')}</span></button>
        <button class="icon-button" aria-pressed=${this.problemsOnly} @click=${() => {
          this.problemsOnly = true;
        }}>${t.imports.filterProblems} <span class="num">${(this.queue.problemCount + this.queue.counts.cancelled).toLocaleString('en-US')}</span></button>
      </div>
      ${items.length === 0 ? html`<p class="none secondary">${t.imports.noProblems}</p>` : html`<fl-data-grid .columns=${this.#columns} .items=${items} layoutKey="import" itemIdPath="id" .label=${t.imports.files}></fl-data-grid>`}
    </section>`;
  }

  override render() {
    const started = this.queue.entries.length > 0;
    return html`<div class="page ${started ? 'started' : ''}">
      <div class="page-head"><div><h1>${t.imports.title}</h1><p>${t.imports.intro}</p></div></div>
      ${this.#dropZone()}
      ${this.readError === undefined ? nothing : html`<fl-error-note .error=${this.readError}></fl-error-note>`}
      ${started ? html`<section class="panel">${this.#progress()}</section>` : nothing}
      ${this.queue.studies.size > 0 ? html`<fl-import-studies .tallies=${[...this.queue.studies.values()]} .settled=${!this.queue.running}></fl-import-studies>` : nothing}
      ${started ? this.#files() : nothing}
    </div>`;
  }
}
