import { FilmlessError } from '../errors.ts';
import type { TextScope } from './character-set.ts';
import { dictionaryEntry, isPrivateCreator, tagToHex } from './dictionary.ts';
import { type ElementHead, type Encoding, readElementHead } from './element-head.ts';
import type { PendingText } from './text-resolver.ts';
import type { BulkDataItem, DicomJson, DicomJsonElement } from './types.ts';
import { inlineBinary, readNumbers, textValues } from './values.ts';
import { LO, OW, SQ, SS, UL, UN, US, type VrInfo, vrInfo } from './vr.ts';
import type { Window } from './windows.ts';

const BULK_OVER_BYTES = 1024;
/** Text and numbers of this size are bulk data too: no header value needs more memory. */
const LARGEST_VALUE_BYTES = 16 * 1024 * 1024;
/** All values that are kept; what is larger is no header but an attack on memory. */
const LARGEST_HEADER_BYTES = 128 * 1024 * 1024;
const DEEPEST_NESTING = 64;

const UNDEFINED_LENGTH = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const SPECIFIC_CHARACTER_SET = 0x00080005;
const PIXEL_REPRESENTATION = 0x00280103;
const LITTLE_ENDIAN_IMPLICIT: Encoding = { implicitVr: true, bigEndian: false };
/** What tells whose image it is: two different values in one data set leave no safe choice. */
const IDENTIFYING = new Set([0x00080016, 0x00080018, 0x00100010, 0x00100020, 0x0020000d, 0x0020000e]);

interface DatasetLevel {
  kind: 'dataset';
  dataset: DicomJson;
  encoding: Encoding;
  /** Absolute; Infinity when a delimiter ends it or the size is not known. */
  end: number;
  scope: TextScope;
  pixelRepresentation: number;
}

interface SequenceLevel {
  kind: 'sequence';
  key: string;
  element: DicomJsonElement;
  items: DicomJson[];
  encoding: Encoding;
  end: number;
}

interface FragmentsLevel {
  kind: 'fragments';
  encoding: Encoding;
  end: number;
}

type Level = DatasetLevel | SequenceLevel | FragmentsLevel;

/** What the reader wants next: a window that starts at `offsetBytes` and holds at least `lengthBytes`. */
export interface Need {
  offsetBytes: number;
  lengthBytes: number;
}

/**
 * Reads a data set into DICOM JSON, window by window, without recursion. It never steps back, so values it does not keep are never loaded.
 * @dicom PS3.5 7
 */
export class DatasetReader {
  readonly dataset: DicomJson = {};
  readonly bulkData: BulkDataItem[] = [];
  readonly pendingTexts: PendingText[] = [];
  readonly scope: TextScope = { parent: undefined, declared: undefined };
  /** First byte after what was read; after native pixel data, the end of the pixel data. */
  endOffsetBytes: number;
  readonly #levels: Level[];
  readonly #keepsCommandGroup: boolean;
  #position: number;
  #headerBytes = 0;
  #isDone = false;

  /** `sizeBytes`: end of the data set when known. */
  constructor(encoding: Encoding, offsetBytes: number, sizeBytes: number | undefined, keepsCommandGroup = false) {
    this.#position = offsetBytes;
    this.endOffsetBytes = offsetBytes;
    this.#keepsCommandGroup = keepsCommandGroup;
    const end = sizeBytes ?? Number.POSITIVE_INFINITY;
    this.#levels = [
      { kind: 'dataset', dataset: this.dataset, encoding, end, scope: this.scope, pixelRepresentation: 0 },
    ];
  }

  /** Reads on; returns what is needed next, or undefined when the data set was read up to its end or its pixel data. */
  advance(window: Window): Need | undefined {
    while (!this.#isDone) {
      const need = this.#step(window);
      if (need !== undefined) {
        const available = window.offsetBytes + window.bytes.byteLength - need.offsetBytes;
        if (window.isEnd && available < need.lengthBytes) {
          throw new FilmlessError('DICOM_TRUNCATED', 'the data set ends inside an element');
        }
        return need;
      }
    }
    this.endOffsetBytes = this.#position;
    return undefined;
  }

  #step(window: Window): Need | undefined {
    const level = this.#levels[this.#levels.length - 1]!;
    if (this.#position >= level.end) {
      if (this.#position > level.end) throw malformed('an element is longer than what it lies in');
      this.#close();
      return undefined;
    }
    const start = this.#position - window.offsetBytes;
    const available = window.bytes.byteLength - start;
    // Without delimiters and without a known size, the end of the bytes is the end of the data set.
    if (available <= 0 && window.isEnd && this.#levels.length === 1) {
      if (available < 0) throw new FilmlessError('DICOM_TRUNCATED', 'the data set ends inside a value');
      this.#isDone = true;
      return undefined;
    }
    if (start < 0 || available < 8) return { offsetBytes: this.#position, lengthBytes: 8 };
    if (level.kind !== 'dataset') return this.#readItemHead(level, window.bytes, start);

    const head = readElementHead(window.bytes, start, level.encoding, level.end - this.#position, window.isEnd);
    if (typeof head === 'number') return { offsetBytes: this.#position, lengthBytes: head };
    return this.#readElement(level, head, window, start);
  }

  #readElement(level: DatasetLevel, head: ElementHead, window: Window, start: number): Need | undefined {
    const { tag, headBytes, lengthBytes } = head;
    const valueOffset = this.#position + headBytes;
    if (tag >= 0xfffe0000) return this.#readDelimiter(level, tag, headBytes, lengthBytes);
    const vr = this.#valueRepresentation(level, head);
    if (this.#levels.length === 1 && (tag === 0x7fe00010 || tag === 0x7fe00008 || tag === 0x7fe00009)) {
      this.#addBulk(level.dataset, tagToHex(tag), vr, valueOffset, lengthBytes);
      this.#position = lengthBytes === UNDEFINED_LENGTH ? valueOffset : valueOffset + lengthBytes;
      if (this.#position > level.end) {
        throw new FilmlessError('DICOM_TRUNCATED', 'the pixel data ends before its declared length');
      }
      this.#isDone = true;
      return undefined;
    }
    if (lengthBytes === UNDEFINED_LENGTH) return this.#openUndefinedLength(level, head, vr, valueOffset);
    const valueEnd = valueOffset + lengthBytes;
    if (valueEnd > level.end) {
      if (this.#levels.length > 1) throw malformed('an element is longer than the item it lies in');
      throw new FilmlessError('DICOM_TRUNCATED', 'the data set ends inside an element');
    }
    if (vr.kind === 'sequence') {
      this.#spend(headBytes);
      const encoding = head.vr === UN ? LITTLE_ENDIAN_IMPLICIT : level.encoding;
      this.#openSequence(level, tag, encoding, valueOffset, valueEnd);
      return undefined;
    }
    // Group lengths are retired, and what group 2 says is not part of the data set.
    const group = tag >>> 16;
    const isSkipped = ((tag & 0xffff) === 0 && group !== 0) || group === 2 || (group === 0 && !this.#keepsCommandGroup);
    if (isSkipped) {
      this.#position = valueEnd;
      return undefined;
    }
    const limit = vr.kind === 'binary' ? BULK_OVER_BYTES : LARGEST_VALUE_BYTES;
    if (lengthBytes > limit) {
      this.#addBulk(level.dataset, tagToHex(tag), vr, valueOffset, lengthBytes);
      this.#position = valueEnd;
      return undefined;
    }
    const from = start + headBytes;
    if (from + lengthBytes > window.bytes.byteLength) {
      return { offsetBytes: this.#position, lengthBytes: headBytes + lengthBytes };
    }
    this.#spend(headBytes + lengthBytes);
    const element = this.#readValue(level, vr, window.bytes, from, from + lengthBytes);
    this.#store(level, tag, element);
    this.#position = valueEnd;
    return undefined;
  }

  #readValue(level: DatasetLevel, vr: VrInfo, bytes: Buffer, start: number, end: number): DicomJsonElement {
    const element: DicomJsonElement = { vr: vr.vr };
    if (start === end) return element;
    switch (vr.kind) {
      case 'number':
      case 'tag':
        readNumbers(element, vr, bytes, start, end, level.encoding.bigEndian);
        return element;
      case 'binary':
        element.InlineBinary = inlineBinary(vr, bytes, start, end, level.encoding.bigEndian);
        return element;
      case 'text':
      case 'long-text':
      case 'name':
        if (!isAscii(bytes, start, end)) {
          this.pendingTexts.push({ element, vr, bytes: bytes.subarray(start, end), scope: level.scope });
          return element;
        }
    }
    const values = textValues(vr, bytes.toString('latin1', start, end));
    if (values !== undefined) element.Value = values;
    return element;
  }

  #store(level: DatasetLevel, tag: number, element: DicomJsonElement): void {
    const key = tagToHex(tag);
    const earlier = level.dataset[key];
    if (earlier !== undefined) {
      // DCMTK and others keep the first of two; for what identifies, two different ones are refused.
      const isSame = JSON.stringify(earlier) === JSON.stringify(element) && !this.#isPending(earlier);
      if (this.#levels.length === 1 && IDENTIFYING.has(tag) && !isSame) throw malformed(`${key} is there twice`);
      return;
    }
    level.dataset[key] = element;
    if (tag === SPECIFIC_CHARACTER_SET) level.scope.declared = (element.Value ?? []).map((term) => String(term ?? ''));
    else if (tag === PIXEL_REPRESENTATION) level.pixelRepresentation = element.Value?.[0] === 1 ? 1 : 0;
  }

  #isPending(element: DicomJsonElement): boolean {
    return this.pendingTexts.some((text) => text.element === element);
  }

  #valueRepresentation(level: DatasetLevel, { tag, vr }: ElementHead): VrInfo {
    if (vr !== undefined && vr !== UN) return vr;
    // UN of a known element was implicit VR once; big endian files keep it as it is.
    if (vr === UN && level.encoding.bigEndian) return UN;
    const entry = dictionaryEntry(tag);
    if (entry !== undefined) {
      if (entry.vr === 'xs') return level.pixelRepresentation === 1 ? SS : US;
      return vrInfo(entry.vr) ?? UN;
    }
    if (vr === UN) return UN;
    if ((tag & 0xffff) === 0) return UL;
    return isPrivateCreator(tag) ? LO : UN;
  }

  #openUndefinedLength(level: DatasetLevel, head: ElementHead, vr: VrInfo, valueOffset: number): undefined {
    this.#spend(head.headBytes);
    if (vr.kind === 'sequence' || vr === UN) {
      // UN of undefined length holds implicit VR little endian items. @dicom PS3.5 6.2.2 note 2
      const encoding = head.vr === UN ? LITTLE_ENDIAN_IMPLICIT : level.encoding;
      this.#openSequence(level, head.tag, encoding, valueOffset, Number.POSITIVE_INFINITY);
      return;
    }
    if (vr.kind !== 'binary') throw malformed('an element that is no sequence has no length');
    this.#addBulk(level.dataset, tagToHex(head.tag), vr === OW ? vrInfo('OB')! : vr, valueOffset, UNDEFINED_LENGTH);
    this.#push({ kind: 'fragments', encoding: level.encoding, end: Number.POSITIVE_INFINITY });
    this.#position = valueOffset;
  }

  #openSequence(level: DatasetLevel, tag: number, encoding: Encoding, valueOffset: number, end: number): void {
    const element: DicomJsonElement = { vr: SQ.vr };
    this.#store(level, tag, element);
    this.#push({ kind: 'sequence', key: tagToHex(tag), element, items: [], encoding, end });
    this.#position = valueOffset;
  }

  #readItemHead(level: SequenceLevel | FragmentsLevel, bytes: Buffer, start: number): undefined {
    const { bigEndian } = level.encoding;
    const tag = bigEndian
      ? bytes.readUInt16BE(start) * 0x10000 + bytes.readUInt16BE(start + 2)
      : bytes.readUInt16LE(start) * 0x10000 + bytes.readUInt16LE(start + 2);
    const lengthBytes = bigEndian ? bytes.readUInt32BE(start + 4) : bytes.readUInt32LE(start + 4);
    this.#position += 8;
    if (tag === SEQUENCE_END) {
      this.#close();
      return;
    }
    if (tag !== ITEM) throw malformed('a sequence holds something that is no item');
    if (level.kind === 'fragments') {
      if (lengthBytes === UNDEFINED_LENGTH) throw malformed('a fragment has no length');
      this.#position += lengthBytes;
      return;
    }
    this.#spend(8);
    const dataset: DicomJson = {};
    level.items.push(dataset);
    level.element.Value = level.items;
    const end = lengthBytes === UNDEFINED_LENGTH ? level.end : this.#position + lengthBytes;
    if (end > level.end) throw malformed('an item is longer than its sequence');
    const { scope, pixelRepresentation } = this.#enclosing();
    this.#push({
      kind: 'dataset',
      dataset,
      encoding: level.encoding,
      end,
      scope: { parent: scope, declared: undefined },
      pixelRepresentation,
    });
  }

  #readDelimiter(level: DatasetLevel, tag: number, headBytes: number, lengthBytes: number): undefined {
    if (tag === ITEM) throw malformed('an item lies outside a sequence');
    if (tag === ITEM_END || tag === SEQUENCE_END) {
      if (lengthBytes !== 0) throw malformed('a delimiter has a value');
      this.#position += headBytes;
      // A sequence delimiter where the item's is missing ends both. At the top level stray ones mean nothing.
      if (this.#levels.length > 1) {
        this.#close();
        if (tag === SEQUENCE_END) this.#close();
      }
      return;
    }
    this.#position += headBytes + lengthBytes;
    if (this.#position > level.end) throw new FilmlessError('DICOM_TRUNCATED', 'the data set ends inside an element');
  }

  #enclosing(): DatasetLevel {
    for (let index = this.#levels.length - 1; index >= 0; index--) {
      const level = this.#levels[index]!;
      if (level.kind === 'dataset') return level;
    }
    throw malformed('an item lies outside a data set');
  }

  #push(level: Level): void {
    if (this.#levels.length >= DEEPEST_NESTING * 2) throw malformed('sequences are nested too deep');
    this.#levels.push(level);
  }

  #close(): void {
    if (this.#levels.length === 1) this.#isDone = true;
    else this.#levels.pop();
  }

  #spend(bytes: number): void {
    this.#headerBytes += bytes;
    if (this.#headerBytes > LARGEST_HEADER_BYTES) throw malformed('the header is larger than a header may be');
  }

  #addBulk(dataset: DicomJson, key: string, vr: VrInfo, offsetBytes: number, length: number): void {
    if (dataset[key] !== undefined) return;
    let path = '';
    for (const level of this.#levels) {
      if (level.kind === 'sequence') path += `${level.key}/${level.items.length - 1}/`;
    }
    path += key;
    dataset[key] = { vr: vr.vr, BulkDataURI: path };
    this.bulkData.push({ path, vr: vr.vr, offsetBytes, lengthBytes: length === UNDEFINED_LENGTH ? -1 : length });
  }
}

function malformed(detail: string): FilmlessError {
  return new FilmlessError('DICOM_MALFORMED', detail);
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80 || byte === 0x1b) return false;
  }
  return true;
}
