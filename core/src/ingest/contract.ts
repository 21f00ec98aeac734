import type { Readable } from 'node:stream';
import type { InstanceRecord, InstanceSource } from '../catalogue/contract.ts';
import type { InstanceHeader } from '../dicom/types.ts';
import type { StagedFile } from '../storage/contract.ts';

export interface ReceivedInstance {
  file: StagedFile;
  header: InstanceHeader;
}

export interface ReceiveOutcome {
  /** `duplicate`: same SOP instance, same data set: nothing changed. `conflict`: same UID, other data set: kept aside for a person. */
  status: 'stored' | 'duplicate' | 'conflict';
  record: InstanceRecord;
}

/** What `before('instance.receive')` handlers see and may change; throwing a FilmlessError refuses the instance. */
export interface InstanceReceiveEvent {
  readonly header: InstanceHeader;
  source: InstanceSource;
}

export interface Admittance {
  /**
   * Where the receiver's thread may place what it staged itself (`BlobPlacer.placeNow`). Undefined while anybody may refuse an instance for what it is:
   * bytes get their place only after that was asked.
   */
  placeIn: string | undefined;
}

/** The one way in. Resolves only when blob and record are durable. */
export interface Ingest {
  /** Free-space floor and readiness, before bytes are taken: STORAGE_FULL, UNAVAILABLE. */
  admit(sizeBytes: number): Promise<Admittance>;
  /** For a file a receiver staged itself (see StagedWriter), with the header it read. On refusal the staged file is removed. */
  receive(instance: ReceivedInstance, source: InstanceSource): Promise<ReceiveOutcome>;
  /** Stages, reads the header and receives a Part 10 stream. What cannot be read goes to quarantine, and its reason is thrown. */
  receiveStream(stream: Readable, source: InstanceSource): Promise<ReceiveOutcome>;
  /**
   * For a record that another node made, whose bytes are still there: settled like any other, and durable when resolved. Where it came from is
   * what `source` says.
   */
  receiveRecord(record: InstanceRecord, source: InstanceSource): Promise<ReceiveOutcome>;
  /** For a receiver that could not read what it staged. */
  quarantine(file: StagedFile, error: unknown, source: InstanceSource): Promise<void>;
  /** A person's decision on a conflict. */
  resolveConflict(id: string, keep: 'existing' | 'received', decidedBy: string): Promise<void>;
}
