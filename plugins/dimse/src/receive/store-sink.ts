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
  type StagingAhead,
} from '@filmless/core/plugin';
import type { AcceptedContext } from '../upper-layer/association-contract.ts';
import type { Command } from '../upper-layer/command.ts';
import type { DataSink } from '../upper-layer/message-receiver.ts';
import { ADMISSION_STEP_BYTES, type Admission } from './admission.ts';

/** Copies that may wait for the disk, where files are written through the thread pool. */
const MAX_UNWRITTEN_BYTES = 2 * 1024 * 1024;

export interface StoreTarget {
  stagingDirectory: string;
  /** In a thread of its own files are written at once; on the main thread, where this is absent, through the thread pool. */
  staging: StagingAhead | undefined;
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
  #gathered: Uint8Array[] = [];

  constructor(options: StoreSinkOptions) {
    this.#options = options;
  }

  /** Must be awaited, when there is something to wait for, before bytes are given. Never rejects: failures are answered at the end of the data set. */
  open(): Promise<void> | undefined {
    const { target } = this.#options;
    const { staging } = target;
    if (!staging) return this.#openLater();
    try {
      const admitting = target.admission.check();
      if (admitting) return admitting.then(() => this.#openNow(staging)).catch((error: unknown) => this.#fail(error));
      this.#openNow(staging);
    } catch (error) {
      this.#failure = FilmlessError.from(error);
    }
    return undefined;
  }

  #openNow(staging: StagingAhead): void {
    if (this.#gone) return;
    this.#writer = staging.open(this.#checked());
  }

  async #openLater(): Promise<void> {
    const { target } = this.#options;
    try {
      const prefix = this.#checked();
      const admitting = target.admission.check();
      if (admitting) await admitting;
      this.#writer = await StagedWriter.open(target.stagingDirectory, { prefix });
    } catch (error) {
      this.#failure = FilmlessError.from(error);
    }
    if (this.#gone) await this.#discard();
  }

  /** The file meta information of an instance that may come. */
  #checked(): Uint8Array {
    const { command, context, permitted } = this.#options;
    const { sopClassUID, sopInstanceUID } = command;
    if (!context.role.scp) throw new FilmlessError('METHOD_NOT_ALLOWED', 'the peer is no SCU of this context');
    if (!permitted) throw new FilmlessError('FORBIDDEN', 'the device may not store');
    if (!sopClassUID || sopClassUID !== context.abstractSyntax)
      throw new FilmlessError('SOP_CLASS_MISMATCH', 'not the SOP class of the presentation context');
    if (!sopInstanceUID || !isAcceptableUid(sopInstanceUID))
      throw new FilmlessError('DICOM_IDENTIFIER_MISSING', 'AffectedSOPInstanceUID');
    return encodeFileMetaInformation({
      SOPClassUID: sopClassUID,
      SOPInstanceUID: sopInstanceUID,
      transferSyntaxUID: context.transferSyntax,
    });
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    const writer = this.#writer;
    if (!writer) return undefined;
    if (this.#options.target.staging) {
      this.#gathered.push(bytes);
      return undefined;
    }
    try {
      return this.#admitted(writer, this.#writeLater(writer, bytes));
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Everything that came in one buffer is written by one call. */
  flush(): Promise<void> | undefined {
    const writer = this.#writer;
    const chunks = this.#gathered;
    if (!writer || chunks.length === 0) return undefined;
    this.#gathered = [];
    try {
      writer.writeMany(chunks);
      return this.#admitted(writer, undefined);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #admitted(writer: StagedWriter, writing: Promise<void> | undefined): Promise<void> | undefined {
    const admitting = writer.sizeBytes >= this.#nextAdmissionBytes ? this.#admitMore() : undefined;
    if (!writing && !admitting) return undefined;
    return Promise.all([writing, admitting]).then(undefined, (error: unknown) => this.#fail(error)) as Promise<void>;
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
    const writing = this.flush();
    return writing ? writing.then(() => this.#finish()) : this.#finish();
  }

  abort(): void {
    this.#gone = true;
    this.#gathered = [];
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
    const finishing = writer.finish();
    const source = new StagedFileSource(writer.path, writer.sizeBytes, finishing);
    // The header is read while the disk is busy with the file.
    const [file, header] = await Promise.allSettled([
      finishing,
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

/** The staged file, opened only when its header is longer than what is in memory, and not before it is whole. */
class StagedFileSource implements ByteSource {
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #written: Promise<unknown>;
  #file: FileHandle | undefined;

  constructor(path: string, sizeBytes: number, written: Promise<unknown>) {
    this.#path = path;
    this.sizeBytes = sizeBytes;
    this.#written = written;
  }

  async read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array> {
    await this.#written;
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
