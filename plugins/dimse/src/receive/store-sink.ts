import { type FileHandle, open } from 'node:fs/promises';
import {
  type ByteSource,
  encodeFileMetaInformation,
  FilmlessError,
  type InstanceHeader,
  isAcceptableUid,
  readInstanceHeader,
  type StagedFile,
  StagedWriter,
} from '@filmless/core/plugin';
import type { AcceptedContext } from '../upper-layer/association-contract.ts';
import type { Command } from '../upper-layer/command.ts';
import type { DataSink } from '../upper-layer/message-receiver.ts';
import { ADMISSION_STEP_BYTES, type Admission } from './admission.ts';

/** Copies that may wait for the disk, where files are written through the thread pool. */
const MAX_UNWRITTEN_BYTES = 2 * 1024 * 1024;

export interface StoreTarget {
  stagingDirectory: string;
  /** In a thread of its own files are written at once; on the main thread through the thread pool. */
  ownThread: boolean;
  admission: Admission;
  /** Durable when resolved. */
  receive(file: StagedFile, header: InstanceHeader): Promise<void>;
  quarantine(file: StagedFile, error: FilmlessError): Promise<unknown>;
}

export interface StoreSinkOptions {
  context: AcceptedContext;
  command: Command;
  assumedCharacterSet: string;
  permitted: boolean;
  target: StoreTarget;
  /** Sends the response; undefined is success. */
  respond(error: FilmlessError | undefined): Promise<void>;
}

/**
 * One C-STORE: the data set goes to the staging folder as it comes, and is answered when it is durable. Whatever fails, the data set is taken
 * to its end and the association stays.
 * @dicom PS3.4 B.2.3, PS3.7 9.1.1
 */
export class StoreSink implements DataSink {
  readonly #options: StoreSinkOptions;
  #writer: StagedWriter | undefined;
  #failure: FilmlessError | undefined;
  #gone = false;
  #nextAdmissionBytes = ADMISSION_STEP_BYTES;
  #unwrittenBytes = 0;
  #written: Promise<void> | undefined;

  constructor(options: StoreSinkOptions) {
    this.#options = options;
  }

  /** Must be awaited before bytes are given. Never rejects: failures are answered at the end of the data set. */
  async open(): Promise<void> {
    const { command, context, target, permitted } = this.#options;
    const { sopClassUID, sopInstanceUID } = command;
    try {
      if (!context.role.scp) throw new FilmlessError('METHOD_NOT_ALLOWED', 'the peer is no SCU of this context');
      if (!permitted) throw new FilmlessError('FORBIDDEN', 'the device may not store');
      if (!sopClassUID || sopClassUID !== context.abstractSyntax)
        throw new FilmlessError('SOP_CLASS_MISMATCH', 'not the SOP class of the presentation context');
      if (!sopInstanceUID || !isAcceptableUid(sopInstanceUID))
        throw new FilmlessError('DICOM_IDENTIFIER_MISSING', 'AffectedSOPInstanceUID');
      const admitting = target.admission.check();
      if (admitting) await admitting;
      const prefix = encodeFileMetaInformation({
        SOPClassUID: sopClassUID,
        SOPInstanceUID: sopInstanceUID,
        transferSyntaxUID: context.transferSyntax,
      });
      this.#writer = await StagedWriter.open(target.stagingDirectory, { prefix, sync: target.ownThread });
    } catch (error) {
      this.#failure = FilmlessError.from(error);
    }
    if (this.#gone) await this.#discard();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    const writer = this.#writer;
    if (!writer) return undefined;
    try {
      const writing = this.#options.target.ownThread ? writer.write(bytes) : this.#writeLater(writer, bytes);
      const admitting = writer.sizeBytes >= this.#nextAdmissionBytes ? this.#admitMore() : undefined;
      if (!writing && !admitting) return undefined;
      return Promise.all([writing, admitting]).then(undefined, (error: unknown) => this.#fail(error)) as Promise<void>;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** On the main thread the bytes are written later, when the buffer they came in is used again: copied, and only so many at a time. */
  #writeLater(writer: StagedWriter, bytes: Uint8Array): Promise<void> | undefined {
    const writing = Promise.resolve(writer.write(Uint8Array.from(bytes)));
    this.#unwrittenBytes += bytes.length;
    const written = writing.then(() => {
      this.#unwrittenBytes -= bytes.length;
    });
    this.#written = written;
    if (this.#unwrittenBytes > MAX_UNWRITTEN_BYTES) return written;
    written.catch((error: unknown) => this.#fail(error));
    return undefined;
  }

  end(): Promise<void> {
    return this.#finish();
  }

  abort(): void {
    this.#gone = true;
    void this.#discard();
  }

  #admitMore(): Promise<void> | undefined {
    this.#nextAdmissionBytes += ADMISSION_STEP_BYTES;
    return this.#options.target.admission.check();
  }

  async #fail(error: unknown): Promise<void> {
    this.#failure ??= FilmlessError.from(error);
    await this.#discard();
  }

  async #discard(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    try {
      await writer?.abort();
    } catch (error) {
      // The response carries the first failure; a staging file that could not be removed goes at the next start.
      this.#failure ??= FilmlessError.from(error);
    }
  }

  async #finish(): Promise<void> {
    try {
      await this.#keep();
    } catch (error) {
      this.#failure ??= FilmlessError.from(error);
    }
    await this.#options.respond(this.#failure);
  }

  async #keep(): Promise<void> {
    await this.#written;
    const writer = this.#writer;
    if (!writer) throw this.#failure ?? new FilmlessError('INTERNAL');
    const { target, assumedCharacterSet } = this.#options;
    const source = new StagedFileSource(writer.path, writer.sizeBytes);
    // The header is read while the disk is busy with the file.
    const [file, header] = await Promise.allSettled([
      writer.finish(),
      readInstanceHeader(source, { head: writer.head, ...(assumedCharacterSet ? { assumedCharacterSet } : {}) }),
    ]);
    await source.close();
    if (file.status === 'rejected') throw file.reason;
    const unreadable = header.status === 'rejected' ? FilmlessError.from(header.reason) : this.#mismatch(header.value);
    if (unreadable) {
      await target.quarantine(file.value, unreadable);
      throw unreadable;
    }
    if (header.status === 'fulfilled') await target.receive(file.value, header.value);
  }

  #mismatch(header: InstanceHeader): FilmlessError | undefined {
    const { sopClassUID, sopInstanceUID } = this.#options.command;
    if (header.SOPClassUID !== sopClassUID)
      return new FilmlessError('SOP_CLASS_MISMATCH', 'SOPClassUID is not the one announced');
    if (header.SOPInstanceUID !== sopInstanceUID)
      return new FilmlessError('SOP_CLASS_MISMATCH', 'SOPInstanceUID is not the one announced');
    return undefined;
  }
}

/** The staged file, opened only when its header is longer than what is in memory. */
class StagedFileSource implements ByteSource {
  readonly sizeBytes: number;
  readonly #path: string;
  #file: FileHandle | undefined;

  constructor(path: string, sizeBytes: number) {
    this.#path = path;
    this.sizeBytes = sizeBytes;
  }

  async read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array> {
    this.#file ??= await open(this.#path);
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(lengthBytes, this.sizeBytes - offsetBytes)));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, offsetBytes + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
