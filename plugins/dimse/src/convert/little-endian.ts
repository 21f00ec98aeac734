import {
  dictionaryEntry,
  EXPLICIT_VR_LITTLE_ENDIAN,
  FilmlessError,
  IMPLICIT_VR_LITTLE_ENDIAN,
  tagToHex,
  vrOf,
} from '@filmless/core/plugin';

const UNDEFINED_LENGTH = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const PIXEL_REPRESENTATION = 0x00280103;
const DEEPEST_NESTING = 64;
/** Explicit VRs with 16-bit length; all others have 32. @dicom PS3.5 7.1.2 */
const SHORT_VRS: ReadonlySet<string> = new Set([
  'AE',
  'AS',
  'AT',
  'CS',
  'DA',
  'DS',
  'DT',
  'FL',
  'FD',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'SL',
  'SS',
  'ST',
  'TM',
  'UI',
  'UL',
  'US',
]);

export interface ElementHead {
  tag: number;
  /** '' in implicit data sets. */
  vr: string;
  headBytes: number;
  /** Or {@link UNDEFINED_LENGTH}. */
  lengthBytes: number;
}

/** True when the two differ in nothing but whether VRs are written. */
export function isLittleEndianPair(from: string, to: string): boolean {
  const native = [IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN];
  return from !== to && native.includes(from) && native.includes(to);
}

/** The head at `at`, or undefined when the bytes do not reach that far. Throws DICOM_MALFORMED. */
export function readElementHead(bytes: Buffer, at: number, implicit: boolean): ElementHead | undefined {
  if (at + 8 > bytes.length) return undefined;
  const tag = bytes.readUInt16LE(at) * 0x10000 + bytes.readUInt16LE(at + 2);
  if (implicit || tag >>> 16 === 0xfffe) return { tag, vr: '', headBytes: 8, lengthBytes: bytes.readUInt32LE(at + 4) };
  const vr = bytes.toString('latin1', at + 4, at + 6);
  if (!/^[A-Z]{2}$/.test(vr)) throw new FilmlessError('DICOM_MALFORMED', 'an element has no VR');
  if (SHORT_VRS.has(vr)) return { tag, vr, headBytes: 8, lengthBytes: bytes.readUInt16LE(at + 6) };
  if (at + 12 > bytes.length) return undefined;
  return { tag, vr, headBytes: 12, lengthBytes: bytes.readUInt32LE(at + 8) };
}

/**
 * Writes whole elements of a little endian data set with VRs instead of without, or the reverse. Values stay as they are, byte for byte;
 * sequences get undefined lengths. Keeps Pixel Representation in mind from one call to the next.
 * @dicom PS3.5 7.1, 7.5
 */
export class VrConverter {
  readonly #fromImplicit: boolean;
  #signedPixels = false;

  constructor(fromTransferSyntax: string) {
    this.#fromImplicit = fromTransferSyntax === IMPLICIT_VR_LITTLE_ENDIAN;
  }

  /** Throws DICOM_MALFORMED when the bytes are not whole elements. */
  elements(bytes: Buffer): Buffer {
    const out: Buffer[] = [];
    const end = this.#level(bytes, 0, bytes.length, undefined, out, 0);
    if (end !== bytes.length) throw malformed();
    return Buffer.concat(out);
  }

  /** The head of one element, written the other way. */
  head({ tag, lengthBytes }: Pick<ElementHead, 'tag' | 'lengthBytes'>): Buffer {
    return this.#fromImplicit
      ? explicitHead(tag, this.#vrFor(tag, lengthBytes), lengthBytes)
      : implicitHead(tag, lengthBytes);
  }

  /** Converts up to `end`, or to the delimiter `until`; returns where it stopped. */
  #level(bytes: Buffer, start: number, end: number, until: number | undefined, out: Buffer[], depth: number): number {
    if (depth > DEEPEST_NESTING) throw malformed();
    let at = start;
    while (at < end) {
      const head = readElementHead(bytes, at, this.#fromImplicit);
      if (!head) throw malformed();
      at += head.headBytes;
      if (head.tag === until) return at;
      at = this.#element(bytes, at, end, head, out, depth);
    }
    if (until !== undefined) throw malformed();
    return at;
  }

  #element(bytes: Buffer, valueAt: number, end: number, head: ElementHead, out: Buffer[], depth: number): number {
    const { tag, lengthBytes } = head;
    if (tag >>> 16 === 0xfffe) throw malformed();
    const vr = this.#fromImplicit ? this.#vrFor(tag, lengthBytes) : head.vr;
    const valueEnd = lengthBytes === UNDEFINED_LENGTH ? end : valueAt + lengthBytes;
    if (valueEnd > end) throw malformed();
    if (vr === 'SQ') {
      out.push(this.head({ tag, lengthBytes: UNDEFINED_LENGTH }));
      const stopped = this.#items(bytes, valueAt, valueEnd, lengthBytes === UNDEFINED_LENGTH, out, depth);
      out.push(implicitHead(SEQUENCE_END, 0));
      return stopped;
    }
    if (lengthBytes === UNDEFINED_LENGTH) {
      // Encapsulated pixels are in no native data set, and what lies in UN of undefined length is implicit in both. @dicom PS3.5 6.2.2
      if (vr !== 'UN') throw malformed();
      const stopped = skipItems(bytes, valueAt, end, depth);
      out.push(this.head({ tag, lengthBytes }), bytes.subarray(valueAt, stopped));
      return stopped;
    }
    if (tag === PIXEL_REPRESENTATION && lengthBytes === 2) this.#signedPixels = bytes.readUInt16LE(valueAt) === 1;
    // Group lengths would be wrong in the other form.
    if ((tag & 0xffff) !== 0) out.push(this.head({ tag, lengthBytes }), bytes.subarray(valueAt, valueEnd));
    return valueEnd;
  }

  #items(bytes: Buffer, start: number, end: number, delimited: boolean, out: Buffer[], depth: number): number {
    let at = start;
    while (at < end || delimited) {
      const head = readElementHead(bytes, at, true);
      if (!head) throw malformed();
      at += 8;
      if (delimited && head.tag === SEQUENCE_END) return at;
      if (head.tag !== ITEM) throw malformed();
      out.push(implicitHead(ITEM, UNDEFINED_LENGTH));
      const itemEnd = head.lengthBytes === UNDEFINED_LENGTH ? end : at + head.lengthBytes;
      if (itemEnd > end) throw malformed();
      at = this.#level(
        bytes,
        at,
        itemEnd,
        head.lengthBytes === UNDEFINED_LENGTH ? ITEM_END : undefined,
        out,
        depth + 1,
      );
      out.push(implicitHead(ITEM_END, 0));
    }
    return at;
  }

  #vrFor(tag: number, lengthBytes: number): string {
    const entry = dictionaryEntry(tag);
    const vr = entry?.vr === 'xs' && this.#signedPixels ? 'SS' : vrOf(tagToHex(tag));
    if (lengthBytes === UNDEFINED_LENGTH) return vr === 'SQ' ? vr : 'UN';
    return SHORT_VRS.has(vr) && lengthBytes > 0xffff ? 'UN' : vr;
  }
}

function explicitHead(tag: number, vr: string, lengthBytes: number): Buffer {
  const short = SHORT_VRS.has(vr);
  const head = Buffer.alloc(short ? 8 : 12);
  writeTag(head, tag);
  head.write(vr, 4, 'latin1');
  if (short) head.writeUInt16LE(lengthBytes, 6);
  else head.writeUInt32LE(lengthBytes, 8);
  return head;
}

function implicitHead(tag: number, lengthBytes: number): Buffer {
  const head = Buffer.alloc(8);
  writeTag(head, tag);
  head.writeUInt32LE(lengthBytes, 4);
  return head;
}

function writeTag(head: Buffer, tag: number): void {
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
}

/** The end of items of undefined length that are implicit little endian, after their delimiter. */
function skipItems(bytes: Buffer, start: number, end: number, depth: number): number {
  if (depth > DEEPEST_NESTING) throw malformed();
  let at = start;
  for (;;) {
    const head = at < end ? readElementHead(bytes, at, true) : undefined;
    if (!head) throw malformed();
    at += 8;
    if (head.tag === SEQUENCE_END || head.tag === ITEM_END) return at;
    if (head.lengthBytes === UNDEFINED_LENGTH) at = skipItems(bytes, at, end, depth + 1);
    else at += head.lengthBytes;
    if (at > end) throw malformed();
  }
}

function malformed(): FilmlessError {
  return new FilmlessError('DICOM_MALFORMED', 'the data set cannot be written in the other transfer syntax');
}
