import { setTimeout as delay } from 'node:timers/promises';
import type { Audit } from '../audit/contract.ts';
import type { Catalogue, InstanceRecord } from '../catalogue/contract.ts';
import type { Clock } from '../clock.ts';
import { FilmlessError } from '../errors.ts';
import { blobState } from '../ingest/verify.ts';
import type { Logger } from '../plugins/contract.ts';
import type { BlobStorage } from '../storage/contract.ts';
import { type MendSource, mendBlob } from '../storage/mend-blob.ts';
import type { ScrubRound, ScrubStore } from './scrub-store.ts';

export interface ScrubSettings {
  /** A round begins so many days after the one before began. 0: only when somebody asks. */
  everyDays: number;
  /** At most so much is read, on the average. */
  bytesPerSecond: number;
}

interface Options {
  catalogue: Pick<Catalogue, 'all' | 'listConflicts' | 'onChange'>;
  storage: BlobStorage;
  store: ScrubStore;
  sources: () => readonly { key: string; value: MendSource }[];
  /** Of these, the ones that the store lacks on purpose. */
  absentOnPurpose: (sha256: readonly string[]) => Promise<ReadonlySet<string>>;
  settings: ScrubSettings;
  audit: Audit;
  log: Logger;
  clock: Clock;
}

type Blob = Pick<InstanceRecord, 'SOPInstanceUID' | 'sha256' | 'sizeBytes'>;

const DAY_MS = 86_400_000;
/** How often it is looked whether a round is due. */
const LOOK_EVERY_MS = 60_000;
const SAVE_EVERY_MS = 5_000;
/** Receiving goes first: so long after an instance came, the scrub keeps still, but never longer than `PAUSE_MAX_MS` for one blob. */
const BUSY_MS = 2_000;
const PAUSE_MAX_MS = 10_000;

/**
 * Reads every stored blob against its hash, round after round, slowly. What has rotted or is lost is replaced from a source that has it. Where a
 * round stands survives a restart.
 */
export class Scrub {
  readonly #options: Options;
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #working: Promise<void> | undefined;
  #receivedAtMs = 0;
  #asked = false;
  #round: ScrubRound | undefined;
  /** Blobs that were found damaged and not repaired. */
  #open = new Set<string>();

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    const listening = this.#options.catalogue.onChange(() => {
      this.#receivedAtMs = this.#options.clock.now();
    });
    this.#working = this.#work().finally(() => listening.dispose());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#working;
  }

  /** A round from the start, now. */
  begin(): void {
    this.#asked = true;
    this.#wake.abort();
  }

  async round(): Promise<ScrubRound | undefined> {
    return this.#round ?? (await this.#options.store.round());
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#round ??= (await this.#options.store.round()) ?? (await this.#firstStart());
        if (this.#asked || this.#isDue()) await this.#runRound();
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log.error({ err: error }, 'the scrub broke off and goes on later');
      }
      if (!this.#asked) await this.#sleep(LOOK_EVERY_MS);
    }
  }

  #isDue(): boolean {
    const { settings, clock } = this.#options;
    if (this.#round?.running) return true;
    if (settings.everyDays === 0 || !this.#round) return false;
    return clock.now() - Date.parse(this.#round.startedAt) >= settings.everyDays * DAY_MS;
  }

  /** A node that was just set up has nothing to look for yet: its first round begins when one would be due after this. */
  async #firstStart(): Promise<ScrubRound> {
    const round = { ...this.#newRound(), running: false };
    await this.#options.store.saveRound(round);
    return round;
  }

  async #runRound(): Promise<void> {
    const { store, clock, log } = this.#options;
    const round = this.#beginOrResume();
    this.#open = await store.openFindings();
    let savedAtMs = clock.now();
    for await (const blob of this.#blobs(round)) {
      await this.#check(round, blob);
      if (this.#asked) return;
      if (clock.now() - savedAtMs < SAVE_EVERY_MS) continue;
      savedAtMs = clock.now();
      await store.saveRound(round);
    }
    const { startedAt, checked, bytes, repaired, damaged } = round;
    round.last = { startedAt, finishedAt: this.#now(), checked, bytes, repaired, damaged };
    round.running = false;
    await store.saveRound(round);
    log.info({ checked, repaired, damaged }, 'every stored object was compared with its hash');
  }

  #beginOrResume(): ScrubRound {
    if (this.#round?.running && !this.#asked) return this.#round;
    this.#asked = false;
    this.#round = this.#newRound();
    return this.#round;
  }

  #newRound(): ScrubRound {
    const last = this.#round?.last;
    return {
      startedAt: this.#now(),
      position: '',
      checked: 0,
      bytes: 0,
      repaired: 0,
      damaged: 0,
      ...(last && { last }),
      running: true,
    };
  }

  /** The instances first, then what is kept of conflicts, which is little. */
  async *#blobs(round: ScrubRound): AsyncGenerator<Blob> {
    const { catalogue } = this.#options;
    for await (const record of catalogue.all(round.position)) {
      yield record;
      round.position = record.SOPInstanceUID;
    }
    for (const { SOPInstanceUID, existing, received } of await catalogue.listConflicts()) {
      yield received;
      yield { SOPInstanceUID, sha256: existing.sha256, sizeBytes: 0 };
    }
  }

  async #check(round: ScrubRound, blob: Blob): Promise<void> {
    const { storage, store, absentOnPurpose } = this.#options;
    await this.#keepStillWhileReceiving();
    const begunAtMs = this.#options.clock.now();
    const state = await blobState(storage, blob.sha256);
    round.checked += 1;
    if (state === 'ok') {
      round.bytes += blob.sizeBytes;
      if (this.#open.delete(blob.sha256)) await store.settleFinding(blob.sha256);
    } else if (state === 'corrupt' || !(await absentOnPurpose([blob.sha256])).has(blob.sha256)) {
      await this.#mend(round, blob, state);
    }
    const { bytesPerSecond } = this.#options.settings;
    await this.#sleep((blob.sizeBytes / bytesPerSecond) * 1000 - (this.#options.clock.now() - begunAtMs));
    this.#stopping.signal.throwIfAborted();
  }

  async #mend(round: ScrubRound, { SOPInstanceUID, sha256 }: Blob, damage: 'missing' | 'corrupt'): Promise<void> {
    const { storage, sources, store, audit, log } = this.#options;
    const foundAt = this.#now();
    let repairedFrom: string | undefined;
    try {
      repairedFrom = await mendBlob({
        storage,
        sources: sources(),
        sha256,
        damage,
        now: foundAt,
        signal: this.#stopping.signal,
      });
    } catch (error) {
      this.#stopping.signal.throwIfAborted();
      log.error({ sha256, code: FilmlessError.from(error).code }, 'a damaged object could not be repaired');
    }
    if (repairedFrom === undefined) round.damaged += 1;
    else round.repaired += 1;
    await store.saveFinding({
      SOPInstanceUID,
      sha256,
      damage,
      foundAt,
      ...(repairedFrom !== undefined && { repairedAt: this.#now(), repairedFrom }),
    });
    await audit.recordDurably({
      action: 'change',
      outcome: repairedFrom === undefined ? 'failed' : 'success',
      actor: { kind: 'system', id: 'scrub' },
      address: '',
      target: `blob ${sha256}`,
      detail: `${damage}; ${repairedFrom === undefined ? 'no good copy was found' : `replaced from ${repairedFrom}`}`,
    });
    log.warn({ sha256, damage, repairedFrom }, 'the scrub found a damaged object');
  }

  async #keepStillWhileReceiving(): Promise<void> {
    const { clock } = this.#options;
    for (let paused = 0; clock.now() - this.#receivedAtMs < BUSY_MS && paused < PAUSE_MAX_MS; paused += BUSY_MS) {
      await this.#sleep(BUSY_MS);
      if (this.#stopping.signal.aborted || this.#asked) return;
    }
  }

  async #sleep(ms: number): Promise<void> {
    if (ms <= 0) return;
    if (this.#wake.signal.aborted && !this.#stopping.signal.aborted) this.#wake = new AbortController();
    await delay(ms, undefined, { signal: this.#wake.signal }).catch(() => undefined);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
