import { type FileHandle, open } from 'node:fs/promises';
import { type DicomJson, element, encodeDataset, encodeFileMetaInformation, newUid } from '@filmless/core/plugin';
import { READABLE } from '../disks/durable-files.ts';

const MEDIA_STORAGE_DIRECTORY = '1.2.840.10008.1.3.10';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const BUFFER_BYTES = 1024 * 1024;
/** From the start of an item: its two links, which are known only when what they lead to has its place. */
const NEXT_AT = 16;
const LOWER_AT = 38;

/** Where a record lies. */
export type RecordAt = number;

/**
 * Writes a DICOMDIR from front to back: memory does not grow with it. Links to what follows are filled in behind.
 * @dicom PS3.3 F.3, PS3.10 8.6
 */
export class DirectoryFile {
  readonly #file: FileHandle;
  readonly #firstAt: number;
  readonly #lastAt: number;
  #buffer: Buffer[] = [];
  #buffered = 0;
  /** Where the buffer begins in the file. */
  #written = 0;

  private constructor(file: FileHandle, head: { bytes: Buffer; firstAt: number; lastAt: number }) {
    this.#file = file;
    this.#firstAt = head.firstAt;
    this.#lastAt = head.lastAt;
    this.#buffer.push(head.bytes);
    this.#buffered = head.bytes.length;
  }

  static async create(path: string, fileSetId: string): Promise<DirectoryFile> {
    return new DirectoryFile(await open(path, 'w', READABLE), headOf(fileSetId));
  }

  /** A record without links yet. */
  async add(type: string, keys: DicomJson): Promise<RecordAt> {
    const at = this.#written + this.#buffered;
    const record = encodeDataset(
      {
        ...keys,
        '00041400': element('UL', 0),
        '00041410': element('US', 0xffff),
        '00041420': element('UL', 0),
        '00041430': element('CS', type),
      },
      { transferSyntaxUID: EXPLICIT_LITTLE_ENDIAN, characterSet: 'ISO_IR 192' },
    );
    const item = Buffer.alloc(8);
    item.writeUInt32LE(0xe000fffe, 0);
    item.writeUInt32LE(record.length, 4);
    this.#buffer.push(Buffer.concat([item, record]));
    this.#buffered += 8 + record.length;
    if (this.#buffered >= BUFFER_BYTES) await this.#flush();
    return at;
  }

  /** `next` follows `record` at the same level. */
  linkNext(record: RecordAt, next: RecordAt): Promise<void> {
    return this.#patch(record + NEXT_AT, next);
  }

  /** `first` is the first one below `record`. */
  linkLower(record: RecordAt, first: RecordAt): Promise<void> {
    return this.#patch(record + LOWER_AT, first);
  }

  /** Ends the file, durably. `first` and `last` of the topmost level; undefined when there is no record. */
  async finish(root: { first: RecordAt; last: RecordAt } | undefined): Promise<void> {
    const end = Buffer.alloc(8);
    end.writeUInt32LE(0xe0ddfffe, 0);
    this.#buffer.push(end);
    this.#buffered += end.length;
    await this.#patch(this.#firstAt, root?.first ?? 0);
    await this.#patch(this.#lastAt, root?.last ?? 0);
    await this.#flush();
    await this.#file.sync();
    await this.#file.close();
  }

  /** After this the file is left as it is. */
  async abort(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }

  async #patch(at: number, value: number): Promise<void> {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    if (at < this.#written) {
      await this.#file.write(bytes, 0, 4, at);
      return;
    }
    let start = this.#written;
    for (const part of this.#buffer) {
      if (at < start + part.length) {
        bytes.copy(part, at - start);
        return;
      }
      start += part.length;
    }
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#buffer);
    await this.#file.write(bytes, 0, bytes.length, this.#written);
    this.#written += bytes.length;
    this.#buffer = [];
    this.#buffered = 0;
  }
}

/** Everything before the first record. The sequence has no length: it is not known yet. */
function headOf(fileSetId: string): { bytes: Buffer; firstAt: number; lastAt: number } {
  const meta = encodeFileMetaInformation({
    SOPClassUID: MEDIA_STORAGE_DIRECTORY,
    SOPInstanceUID: newUid(),
    transferSyntaxUID: EXPLICIT_LITTLE_ENDIAN,
  });
  const dataset = encodeDataset(
    {
      '00041130': element('CS', fileSetId),
      '00041200': element('UL', 0),
      '00041202': element('UL', 0),
      '00041212': element('US', 0),
    },
    { transferSyntaxUID: EXPLICIT_LITTLE_ENDIAN },
  );
  const sequence = Buffer.from('04002012' + '5351' + '0000' + 'ffffffff', 'hex');
  const bytes = Buffer.concat([meta, dataset, sequence]);
  // From the end of the head: the sequence, the flag (10), then the two offsets (12 each), each with its value last.
  const lastAt = bytes.length - sequence.length - 10 - 4;
  return { bytes, firstAt: lastAt - 12, lastAt };
}
