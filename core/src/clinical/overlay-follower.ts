import { setTimeout as delay } from 'node:timers/promises';
import type { DocumentStore } from '../catalogue/contract.ts';
import type { Disposable } from '../disposable.ts';
import type { CheckpointStore } from '../events/checkpoint-store.ts';
import type { Logger } from '../plugins/contract.ts';
import type { QueryIndex } from '../query/contract.ts';
import type { PatientIdentifier } from './contract.ts';
import type { PatientOverlays } from './identity-overlays.ts';
import { ASSIGNMENT_PREFIX, PATIENT_PREFIX } from './patient-store.ts';
import { patientSchema } from './schema.ts';

const CHECKPOINT = 'core:identity-overlays';
const BATCH = 100;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 60_000;

interface Options {
  documents: DocumentStore;
  overlays: PatientOverlays;
  checkpoints: CheckpointStore;
  query: Pick<QueryIndex, 'instances'>;
  /** Projects instances once more, with what holds for them now. */
  again(SOPInstanceUIDs: readonly string[]): Promise<void>;
  /** These are one person's numbers: called before anything is shown under another of them. */
  together(patientIds: readonly string[]): Promise<void>;
  /** The index shows whose everything is now. */
  shown(changed: { patients: readonly PatientIdentifier[]; studies: readonly string[] }): Promise<void>;
  log: Logger;
}

/** Brings the index in line with the register of persons: from a checkpoint, so that a change before a crash is not forgotten. */
export class OverlayFollower {
  readonly #options: Options;
  readonly #stopping = new AbortController();
  readonly #listening: Disposable;
  #wake: () => void = () => undefined;
  #since: string | undefined;
  readonly #loop: Promise<void>;

  constructor(options: Options) {
    this.#options = options;
    this.#listening = options.documents.onChange(() => this.#wake());
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#loop;
    await this.#listening.dispose();
  }

  /** Resolves when the index shows all that was changed before the call. */
  async settled(): Promise<void> {
    const { documents } = this.#options;
    const head = Number.parseInt(await documents.head(), 10);
    while (!this.#stopping.signal.aborted && Number.parseInt(this.#since || '0', 10) < head) await delay(5);
  }

  async #run(): Promise<void> {
    const { documents, checkpoints, log } = this.#options;
    const { signal } = this.#stopping;
    let waitMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      try {
        this.#since ??= checkpoints.get(CHECKPOINT) ?? '';
        const { changes, lastSeq } = await documents.changes(this.#since, BATCH);
        if (changes.length > 0) await this.#follow(changes);
        if (signal.aborted) return;
        this.#since = lastSeq;
        if (changes.length > 0) checkpoints.set(CHECKPOINT, lastSeq);
        else await woken;
        waitMs = FIRST_RETRY_MS;
      } catch (error) {
        if (signal.aborted) return;
        log.error({ err: error, waitMs }, 'The index could not follow the register of persons, will be tried again');
        await delay(waitMs, undefined, { signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  async #follow(changes: readonly { id: string; document: object | undefined }[]): Promise<void> {
    const patients = new Map<string, PatientIdentifier>();
    const studies = new Set<string>();
    for (const { id, document } of changes) {
      if (id.startsWith(ASSIGNMENT_PREFIX)) studies.add(id.slice(ASSIGNMENT_PREFIX.length));
      if (!id.startsWith(PATIENT_PREFIX) || document === undefined) continue;
      const { touched } = patientSchema.parse(document);
      await this.#options.together(touched.map((identifier) => identifier.id));
      for (const identifier of touched) patients.set(JSON.stringify(identifier), identifier);
    }
    if (patients.size === 0 && studies.size === 0) return;
    const { overlays, query, again, shown } = this.#options;
    const changed = { patients: [...patients.values()], studies: [...studies] };
    overlays.changed(changed);
    const scope = { kind: 'all' } as const;
    const selectors = [
      ...[...new Set([...patients.values()].map(({ id }) => id))].map((PatientID) => ({ PatientID, scope })),
      ...[...studies].map((StudyInstanceUID) => ({ StudyInstanceUID, scope })),
    ];
    for (const selector of selectors) {
      const found = await query.instances(selector);
      await again(found.map(({ SOPInstanceUID }) => SOPInstanceUID));
    }
    await shown(changed);
  }
}
