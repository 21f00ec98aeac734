import type { GridDataProvider } from '@vaadin/grid';
import { isAbort } from '../../api/client.ts';
import type { EventStream, StudyEvent } from '../../api/events.ts';
import { openStudyEvents } from '../../api/events.ts';
import type { StudyQuery, StudyRow } from '../../api/studies.ts';
import { getStudy, searchStudies } from '../../api/studies.ts';

const COUNT_PAUSE_MS = 1000;

/**
 * The studies of one query, page by page, and what happens to them meanwhile. Rows never move by themselves: a study that is on the
 * screen changes in its place, new ones are only counted until `refresh`.
 * `change`: total, error or count of new studies changed. `rows`: shown rows changed in place. `reset`: the grid must start again.
 */
export class StudyListModel extends EventTarget {
  #query: StudyQuery = {};
  #abort = new AbortController();
  #rows = new Map<string, StudyRow>();
  #arrived = new Set<string>();
  #events: EventStream | undefined;
  #countTimer: ReturnType<typeof setTimeout> | undefined;
  #pendingUpdates = new Set<string>();
  #failedLoads: (() => void)[] = [];

  /** Undefined until the first page is here. */
  total: number | undefined;
  newCount = 0;
  error: unknown;
  /** A new function for every query and refresh, so that the grid forgets what it had. */
  dataProvider: GridDataProvider<StudyRow> = this.#provider();

  /** Live events from now on, until `stop`. */
  start(): void {
    this.#events ??= openStudyEvents(
      (event) => this.studyChanged(event),
      () => this.#scheduleCount(),
    );
  }

  stop(): void {
    this.#events?.close();
    this.#events = undefined;
    clearTimeout(this.#countTimer);
    this.#countTimer = undefined;
    this.#abort.abort();
  }

  setQuery(query: StudyQuery): void {
    this.#query = query;
    this.refresh();
  }

  refresh(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    clearTimeout(this.#countTimer);
    this.#countTimer = undefined;
    this.#rows.clear();
    this.#failedLoads = [];
    this.total = undefined;
    this.newCount = 0;
    this.error = undefined;
    this.dataProvider = this.#provider();
    this.dispatchEvent(new Event('reset'));
  }

  /** Asks again for the pages that failed; the rows that are there stay. */
  retry(): void {
    const loads = this.#failedLoads;
    this.#failedLoads = [];
    this.error = undefined;
    this.dispatchEvent(new Event('change'));
    for (const load of loads) load();
  }

  /** True for a study that came while the list was open and has not been looked at. */
  isNew(studyInstanceUid: string): boolean {
    return this.#arrived.has(studyInstanceUid);
  }

  seen(studyInstanceUid: string): void {
    if (this.#arrived.delete(studyInstanceUid)) this.dispatchEvent(new Event('rows'));
  }

  /** Rows that have been loaded, page by page. */
  get loaded(): StudyRow[] {
    return [...this.#rows.values()];
  }

  /** The first `limit` rows of the query as it is now, for printing. */
  async sheet(limit: number): Promise<{ total: number; items: StudyRow[] }> {
    return searchStudies(this.#query, limit, 0);
  }

  studyChanged(event: StudyEvent): void {
    const uid = event.StudyInstanceUID;
    if (this.#rows.has(uid)) void this.#update(uid);
    else {
      this.#arrived.add(uid);
      this.#scheduleCount();
    }
  }

  #provider(): GridDataProvider<StudyRow> {
    const { signal } = this.#abort;
    const query = this.#query;
    const load: GridDataProvider<StudyRow> = async (parameters, deliver) => {
      const { page, pageSize } = parameters;
      try {
        const { total, items } = await this.#page(query, page * pageSize, pageSize, signal);
        if (signal.aborted) return;
        for (const row of items) this.#rows.set(row.StudyInstanceUID, row);
        this.total ??= total;
        deliver(items, this.total);
      } catch (error) {
        if (signal.aborted || isAbort(error)) return;
        this.error = error;
        this.#failedLoads.push(() => load(parameters, deliver));
      }
      this.dispatchEvent(new Event('change'));
    };
    return load;
  }

  /** Newest first, later arrivals push everything down: pages after the first are asked for where they were when the list was opened. */
  async #page(
    query: StudyQuery,
    offset: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ total: number; items: StudyRow[] }> {
    const answer = await searchStudies(query, limit, offset, signal);
    const shift = this.total === undefined ? 0 : answer.total - this.total;
    if (shift <= 0 || !query.orderBy?.startsWith('-') || query.orderBy === '-PatientName') return answer;
    return searchStudies(query, limit, offset + shift, signal);
  }

  async #update(uid: string): Promise<void> {
    if (this.#pendingUpdates.has(uid)) return;
    this.#pendingUpdates.add(uid);
    try {
      const { study } = await getStudy(uid, this.#abort.signal);
      const row = this.#rows.get(uid);
      if (row) {
        Object.assign(row, study);
        this.dispatchEvent(new Event('rows'));
      }
    } catch (error) {
      // The row keeps what it showed; the next event or refresh tries again.
      if (!isAbort(error))
        console.warn('A study row could not be refreshed', error instanceof Error ? error.message : '');
    } finally {
      this.#pendingUpdates.delete(uid);
    }
  }

  #scheduleCount(): void {
    if (this.#countTimer !== undefined || this.total === undefined) return;
    this.#countTimer = setTimeout(() => void this.#count(), COUNT_PAUSE_MS);
  }

  /** How many the query would find now, against what is shown. An empty list has no row to move: it fills itself. */
  async #count(): Promise<void> {
    const { signal } = this.#abort;
    try {
      const { total } = await searchStudies(this.#query, 1, 0, signal);
      this.#countTimer = undefined;
      if (signal.aborted || this.total === undefined) return;
      if (this.total === 0 && total > 0) {
        this.refresh();
        return;
      }
      this.newCount = Math.max(0, total - this.total);
      this.dispatchEvent(new Event('change'));
    } catch (error) {
      this.#countTimer = undefined;
      if (!isAbort(error))
        console.warn('New studies could not be counted', error instanceof Error ? error.message : '');
    }
  }
}
