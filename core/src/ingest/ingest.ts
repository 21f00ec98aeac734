import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Catalogue, InstanceRecord, InstanceSource } from '../catalogue/contract.ts';
import { ERRORS, FilmlessError } from '../errors.ts';
import type { Logger } from '../plugins/contract.ts';
import type { BlobStorage, StagedFile } from '../storage/contract.ts';
import type { Admittance, Ingest, InstanceReceiveEvent, ReceivedInstance, ReceiveOutcome } from './contract.ts';
import { InstanceSettler } from './instance-settler.ts';
import { makeRecord, receivedFrom } from './make-record.ts';
import { completeFile, missingStart, readStagedHeader, stageStream } from './stage-stream.ts';

export interface InstanceIngestOptions {
  storage: BlobStorage;
  catalogue: Catalogue;
  /** The `before('instance.receive')` hooks: may change the source, may refuse by throwing. */
  beforeReceive: (event: InstanceReceiveEvent) => Promise<void>;
  /** Whether one of them may refuse what a device sends; yes when left out. */
  mayRefuse?: () => boolean;
  log: Logger;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Shared with `rebuildCatalogue`, when that may run meanwhile. */
  settler?: InstanceSettler;
}

/** The one way in: hooks, then the blob, then its record, then the acknowledgement; each durable before the next. */
export class InstanceIngest implements Ingest {
  readonly #storage: BlobStorage;
  readonly #beforeReceive: (event: InstanceReceiveEvent) => Promise<void>;
  readonly #mayRefuse: () => boolean;
  readonly #log: Logger;
  readonly #clock: () => number;
  readonly #settler: InstanceSettler;
  readonly #underWay = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(options: InstanceIngestOptions) {
    this.#storage = options.storage;
    this.#beforeReceive = options.beforeReceive;
    this.#mayRefuse = options.mayRefuse ?? (() => true);
    this.#log = options.log;
    this.#clock = options.clock ?? Date.now;
    this.#settler = options.settler ?? new InstanceSettler(options.storage, options.catalogue);
  }

  async admit(sizeBytes: number): Promise<Admittance> {
    this.#assertRunning();
    await this.#storage.ensureSpace(sizeBytes);
    return { placeIn: this.#mayRefuse() ? undefined : this.#storage.placeDirectory };
  }

  receive(instance: ReceivedInstance, source: InstanceSource): Promise<ReceiveOutcome> {
    return this.#track(this.#receive(instance, source));
  }

  receiveStream(stream: Readable, source: InstanceSource): Promise<ReceiveOutcome> {
    return this.#track(this.#receiveStream(stream, source));
  }

  async receiveRecord(record: InstanceRecord, source: InstanceSource): Promise<ReceiveOutcome> {
    this.#assertRunning();
    const received = receivedFrom(source, this.#now());
    return this.#track(this.#settler.settle({ ...record, received }, async () => undefined));
  }

  async quarantine(file: StagedFile, error: unknown, source: InstanceSource): Promise<void> {
    const { code, detail } = FilmlessError.from(error);
    const reason = detail ?? ERRORS[code].title;
    await this.#storage.quarantine(file, {
      code,
      reason,
      receivedAt: this.#now(),
      via: source.via,
      source: source.name,
      ...(source.fileName !== undefined && { fileName: source.fileName }),
    });
    this.#log.warn({ code, reason, via: source.via, source: source.name }, 'An object went into quarantine');
  }

  async resolveConflict(id: string, keep: 'existing' | 'received', decidedBy: string): Promise<void> {
    await this.#track(this.#settler.resolve(id, keep, decidedBy, this.#now()));
  }

  /** Takes nothing more, and resolves when what was under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#underWay);
  }

  async #receive({ file, header }: ReceivedInstance, source: InstanceSource): Promise<ReceiveOutcome> {
    try {
      this.#assertRunning();
      const event: InstanceReceiveEvent = { header, source };
      await this.#beforeReceive(event);
      const record = makeRecord(header, file, event.source, this.#now());
      const outcome = await this.#settler.settle(record, () => this.#storage.adopt(file));
      if (outcome.status === 'conflict') {
        const { via, name } = event.source;
        this.#log.warn(
          { via, source: name },
          'An instance differs from the stored one of the same UID and is kept aside',
        );
      }
      return outcome;
    } catch (error) {
      // Gone already when it was adopted: then the blob stays, because a commit that failed may still have been written.
      await rm(file.path, { force: true });
      throw FilmlessError.from(error);
    }
  }

  async #receiveStream(stream: Readable, source: InstanceSource): Promise<ReceiveOutcome> {
    try {
      await this.admit(0);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    const staged = await stageStream(this.#storage, stream);
    let instance: ReceivedInstance;
    try {
      instance = { file: staged.file, header: await readStagedHeader(staged, source.assumedCharacterSet) };
    } catch (error) {
      await this.quarantine(staged.file, error, source);
      throw FilmlessError.from(error);
    }
    const start = missingStart(staged.head, instance.header);
    if (start) {
      try {
        instance = await completeFile(this.#storage, instance, start, source.assumedCharacterSet);
      } catch (error) {
        await rm(staged.file.path, { force: true });
        throw FilmlessError.from(error);
      }
    }
    return this.#receive(instance, source);
  }

  #assertRunning(): void {
    if (this.#stopped) throw new FilmlessError('UNAVAILABLE', 'The node is stopping');
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  #now(): string {
    return new Date(this.#clock()).toISOString();
  }
}
