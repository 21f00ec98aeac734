import type { ByteSource } from '../dicom/types.ts';
import type { FilmlessError } from '../errors.ts';
import type { InstanceLocator } from '../query/contract.ts';

/** A stored instance on its way to another system. */
export interface InstanceToDeliver
  extends Pick<
    InstanceLocator,
    'SOPInstanceUID' | 'SOPClassUID' | 'StudyInstanceUID' | 'transferSyntaxUID' | 'sha256' | 'datasetOffsetBytes'
  > {
  sizeBytes: number;
  /** `stored`: as it lies here, converted only where the destination takes nothing else. `uncompressed`: explicit VR little endian where it can be had. */
  form: 'stored' | 'uncompressed';
}

/**
 * What the destination said of one instance. `later`: for now (no room, busy, bytes not here yet); `refused`: the same again would be refused the same.
 * No patient data in `error`.
 */
export type DeliveryOutcome =
  | { kind: 'delivered'; transferSyntaxUID: string }
  | { kind: 'later' | 'refused'; error: FilmlessError };

/** Where instances can be sent, by the name its sender knows it under. */
export interface SendingDestination {
  name: string;
  title: string;
  /** Under which names it sends to this node (AE titles, accounts): what came from it is not sent back to it. */
  sources: readonly string[];
}

/** A way to one destination that stays open while it is used: an association, a kept connection. */
export interface SendingConnection {
  /** False when it ended; open another one. */
  readonly isOpen: boolean;
  /**
   * Tells of each instance as soon as it is known. Throws DEVICE_UNREACHABLE or UNAVAILABLE when the destination cannot be reached, UNAUTHENTICATED when it
   * does not let this node in: what was not told of until then was not delivered, as far as is known.
   */
  send(
    instances: readonly InstanceToDeliver[],
    signal: AbortSignal,
  ): AsyncIterable<{ SOPInstanceUID: string; outcome: DeliveryOutcome }>;
  close(): Promise<void>;
}

/** Sends stored instances by one protocol, byte by byte from the store and with the identity that holds now. Key of the point: `dimse`, `stow`. */
export interface InstanceSender {
  title: { 'zh-CN': string; en: string };
  /** As many instances go to `send` at once, at most. */
  batchSize: number;
  destinations(): Promise<readonly SendingDestination[]>;
  /** Cheap: the destination is reached with the first instance. NOT_FOUND. */
  connect(destination: string): Promise<SendingConnection>;
  /** Whether it answers and lets this node in. NOT_FOUND, DEVICE_UNREACHABLE, UNAVAILABLE, UNAUTHENTICATED. */
  verify(destination: string, signal: AbortSignal): Promise<void>;
}

/** A file that is there until it is closed. */
export type ConvertedObject = ByteSource & { readonly datasetOffsetBytes: number; close(): Promise<void> };

/** Writes stored instances in another transfer syntax. Key of the point: the UID of that one. */
export interface InstanceConverter {
  canConvert(transferSyntaxUID: string): boolean;
  /**
   * A Part 10 file in a temporary place, with the identity that holds now; at most a frame of it is in memory. `close` must be called.
   * TRANSCODE_UNSUPPORTED, DECODE_FAILED, BLOB_MISSING.
   */
  convert(instance: Pick<InstanceToDeliver, 'SOPInstanceUID'>, signal: AbortSignal): Promise<ConvertedObject>;
}
