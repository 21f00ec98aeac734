import { ApiError, isAbort } from '../../api/client.ts';
import type { ImportResult } from '../../api/imports.ts';

export type EntryState =
  | 'waiting'
  | 'uploading'
  | 'stored'
  | 'duplicate'
  | 'conflict'
  | 'quarantined'
  | 'failed'
  | 'skipped'
  | 'cancelled';

export interface ImportEntry {
  readonly id: number;
  readonly file: File;
  /** With its folders. */
  readonly path: string;
  state: EntryState;
  sentBytes: number;
  StudyInstanceUID: string;
  error: ApiError | undefined;
  /** Why it was skipped. */
  skipped: 'index' | 'empty' | undefined;
}

export interface StudyTally {
  StudyInstanceUID: string;
  stored: number;
  duplicate: number;
  conflict: number;
}

export type Upload = (
  file: File,
  path: string,
  options: { signal: AbortSignal; onProgress: (sentBytes: number) => void },
) => Promise<ImportResult>;

/** Index and system files that lie beside images on discs. */
const NOT_IMAGES = /(^|\/)(DICOMDIR|\.DS_Store|Thumbs\.db|desktop\.ini|autorun\.inf|\._[^/]*)$/i;
/** The node keeps these files in quarantine, with the reason. */
const QUARANTINED = new Set([
  'NOT_DICOM',
  'DICOM_TRUNCATED',
  'DICOM_MALFORMED',
  'DICOM_IDENTIFIER_MISSING',
  'SOP_CLASS_MISMATCH',
]);
/** Every further file would fail the same way: the queue stops and asks. */
const STOPPING = new Set(['STORAGE_FULL', 'STORAGE_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN']);
/** Worth another try by itself. */
const TRANSIENT = new Set(['NETWORK', 'UNAVAILABLE', 'TOO_MANY_REQUESTS']);
const RETRY_PAUSES_MS = [1000, 4000];

export interface QueueOptions {
  upload: Upload;
  /** Uploads at the same time. */
  parallel?: number;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Sends files, a few at a time. `change` when anything changed; read the counts then. */
export class ImportQueue extends EventTarget {
  readonly entries: ImportEntry[] = [];
  readonly studies = new Map<string, StudyTally>();
  /** Why the queue stopped by itself; `resume` goes on. */
  stoppedBy: ApiError | undefined;
  startedAtMs = 0;
  readonly counts: Record<EntryState, number> = {
    waiting: 0,
    uploading: 0,
    stored: 0,
    duplicate: 0,
    conflict: 0,
    quarantined: 0,
    failed: 0,
    skipped: 0,
    cancelled: 0,
  };
  totalBytes = 0;
  /** Bytes of finished files; what is under way is in {@link sentBytes}. */
  #finishedBytes = 0;
  #active = new Set<ImportEntry>();
  #next = 0;
  #abort = new AbortController();
  readonly #upload: Upload;
  readonly #parallel: number;
  readonly #pause: (ms: number, signal: AbortSignal) => Promise<void>;

  constructor(options: QueueOptions) {
    super();
    this.#upload = options.upload;
    this.#parallel = options.parallel ?? 3;
    this.#pause = options.pause ?? pauseFor;
  }

  get sentBytes(): number {
    let bytes = this.#finishedBytes;
    for (const entry of this.#active) bytes += Math.min(entry.sentBytes, entry.file.size);
    return bytes;
  }

  get running(): boolean {
    return this.#active.size > 0;
  }

  get finishedCount(): number {
    return this.entries.length - this.counts.waiting - this.counts.uploading;
  }

  get problemCount(): number {
    return this.counts.failed + this.counts.quarantined + this.counts.conflict;
  }

  add(files: readonly { file: File; path: string }[]): void {
    if (!this.running && this.counts.waiting === 0) this.startedAtMs = Date.now();
    if (this.#abort.signal.aborted) this.#abort = new AbortController();
    for (const { file, path } of files) {
      const skipped = NOT_IMAGES.test(path) ? 'index' : file.size === 0 ? 'empty' : undefined;
      const state: EntryState = skipped ? 'skipped' : 'waiting';
      this.entries.push({
        id: this.entries.length,
        file,
        path,
        state,
        sentBytes: 0,
        StudyInstanceUID: '',
        error: undefined,
        skipped,
      });
      this.counts[state] += 1;
      if (!skipped) this.totalBytes += file.size;
    }
    this.#run();
    this.#changed();
  }

  /** Files under way are broken off, files not sent stay unsent; nothing stored is undone. */
  cancel(): void {
    this.#abort.abort();
    this.stoppedBy = undefined;
    for (const entry of this.entries) if (entry.state === 'waiting') this.#move(entry, 'cancelled');
    this.#changed();
  }

  resume(): void {
    this.stoppedBy = undefined;
    this.#run();
    this.#changed();
  }

  /** Everything that failed or was cancelled, once more. What is in quarantine stays there: the same bytes would end there again. */
  retryFailed(): void {
    if (this.#abort.signal.aborted) this.#abort = new AbortController();
    this.stoppedBy = undefined;
    this.startedAtMs = Date.now();
    for (const entry of this.entries) {
      if (entry.state !== 'failed' && entry.state !== 'cancelled') continue;
      if (entry.state === 'failed') this.#finishedBytes -= entry.file.size;
      entry.sentBytes = 0;
      entry.error = undefined;
      this.#move(entry, 'waiting');
    }
    this.#next = 0;
    this.#run();
    this.#changed();
  }

  /** Cancels and forgets everything. */
  async abandon(): Promise<void> {
    this.cancel();
    while (this.running) await new Promise((resolve) => this.addEventListener('change', resolve, { once: true }));
    this.clear();
  }

  clear(): void {
    if (this.running) return;
    this.entries.length = 0;
    this.studies.clear();
    for (const state of Object.keys(this.counts) as EntryState[]) this.counts[state] = 0;
    this.totalBytes = 0;
    this.#finishedBytes = 0;
    this.#next = 0;
    this.stoppedBy = undefined;
    this.#changed();
  }

  #run(): void {
    while (this.#active.size < this.#parallel && this.stoppedBy === undefined && !this.#abort.signal.aborted) {
      while (this.#next < this.entries.length && this.entries[this.#next]?.state !== 'waiting') this.#next += 1;
      const entry = this.entries[this.#next];
      if (!entry) return;
      this.#active.add(entry);
      this.#move(entry, 'uploading');
      void this.#send(entry, this.#abort.signal);
    }
  }

  async #send(entry: ImportEntry, signal: AbortSignal): Promise<void> {
    try {
      const result = await this.#sendWithRetries(entry, signal);
      entry.StudyInstanceUID = result.StudyInstanceUID;
      this.#tally(result);
      this.#finish(entry, result.status);
    } catch (error) {
      if (isAbort(error) || signal.aborted) {
        this.#finish(entry, 'cancelled');
      } else {
        const problem = ApiError.from(error);
        if (STOPPING.has(problem.code)) {
          this.stoppedBy = problem;
          entry.sentBytes = 0;
          this.#active.delete(entry);
          this.#move(entry, 'waiting');
          this.#next = Math.min(this.#next, this.entries.indexOf(entry));
        } else {
          entry.error = problem;
          this.#finish(entry, QUARANTINED.has(problem.code) ? 'quarantined' : 'failed');
        }
      }
    }
    this.#run();
    this.#changed();
  }

  async #sendWithRetries(entry: ImportEntry, signal: AbortSignal): Promise<ImportResult> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#upload(entry.file, entry.path, {
          signal,
          onProgress: (sentBytes) => {
            entry.sentBytes = sentBytes;
            this.#changed();
          },
        });
      } catch (error) {
        const problem = ApiError.from(error);
        const pauseMs = RETRY_PAUSES_MS[attempt];
        if (isAbort(error) || signal.aborted || !TRANSIENT.has(problem.code) || pauseMs === undefined) throw error;
        entry.sentBytes = 0;
        await this.#pause(problem.retryAfterSeconds === undefined ? pauseMs : problem.retryAfterSeconds * 1000, signal);
      }
    }
  }

  #finish(entry: ImportEntry, state: EntryState): void {
    this.#active.delete(entry);
    entry.sentBytes = 0;
    if (state !== 'cancelled') this.#finishedBytes += entry.file.size;
    this.#move(entry, state);
  }

  #move(entry: ImportEntry, state: EntryState): void {
    this.counts[entry.state] -= 1;
    entry.state = state;
    this.counts[state] += 1;
  }

  #tally(result: ImportResult): void {
    if (result.StudyInstanceUID === '') return;
    const tally = this.studies.get(result.StudyInstanceUID) ?? {
      StudyInstanceUID: result.StudyInstanceUID,
      stored: 0,
      duplicate: 0,
      conflict: 0,
    };
    tally[result.status] += 1;
    this.studies.set(result.StudyInstanceUID, tally);
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('Aborted', 'AbortError'));
    });
  });
}
