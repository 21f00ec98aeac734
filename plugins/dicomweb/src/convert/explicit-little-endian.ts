import {
  type ByteSource,
  dictionaryEntry,
  FilmlessError,
  isPrivateCreator,
  tagToHex,
  vrOf,
} from '@filmless/core/plugin';
import { swapWords } from '../pixels/stored-values.ts';
import { Cursor } from './cursor.ts';
import {
  explicitHead,
  hasLongLength,
  ITEM,
  ITEM_END,
  itemHead,
  SEQUENCE_END,
  UNDEFINED_LENGTH,
  wordBytesOf,
} from './explicit-head.ts';

export interface Encoding {
  implicitVr: boolean;
  bigEndian: boolean;
}

export interface ConversionOptions {
  encoding: Encoding;
  /** Top-level elements to leave out. */
  omit: ReadonlySet<number>;
  /** Values of top-level elements, whether they are there or not, in little endian order and of even length. */
  set: ReadonlyMap<number, Buffer>;
}

interface Scope {
  encoding: Encoding;
  pixelSigned: boolean;
}

const IMPLICIT: Encoding = { implicitVr: true, bigEndian: false };
const PIXEL_REPRESENTATION = 0x00280103;
const DEEPEST_NESTING = 64;

/**
 * Rewrites the elements from `start` to `end` in explicit VR little endian, value by value as they are: text keeps its bytes and its character set.
 * Sequences get undefined lengths; group lengths, which would be wrong, are dropped. What is implicit and unknown becomes UN.
 * @dicom PS3.5 A.2, 6.2.2
 */
export async function* toExplicitLittleEndian(
  source: ByteSource,
  start: number,
  end: number,
  options: ConversionOptions,
): AsyncGenerator<Uint8Array> {
  const cursor = new Cursor(source, start, end);
  yield* convertDataset(cursor, end, { encoding: options.encoding, pixelSigned: false }, 0, options);
}

async function* convertDataset(
  cursor: Cursor,
  end: number,
  outer: Scope,
  depth: number,
  top?: ConversionOptions,
): AsyncGenerator<Uint8Array> {
  if (depth > DEEPEST_NESTING) throw new FilmlessError('DICOM_MALFORMED', 'sequences are nested too deep');
  const scope = { ...outer };
  const missing = [...(top?.set ?? [])].sort(([a], [b]) => a - b);
  while (cursor.position < end && !cursor.atEnd) {
    const head = await readHead(cursor, scope);
    if (head.tag === ITEM_END) return;
    if (head.tag === SEQUENCE_END) throw new FilmlessError('DICOM_MALFORMED', 'a delimiter is out of place');
    if ((head.tag & 0xffff) === 0 || top?.omit.has(head.tag)) {
      await skipValue(cursor, head, scope, depth);
      continue;
    }
    while (missing[0] && missing[0][0] <= head.tag) yield* written(missing.shift());
    if (top?.set.has(head.tag)) await skipValue(cursor, head, scope, depth);
    else yield* convertElement(cursor, head, scope, depth);
  }
  while (missing[0]) yield* written(missing.shift());
}

function* written(element: readonly [tag: number, value: Buffer] | undefined): Generator<Uint8Array> {
  if (!element) return;
  const [tag, value] = element;
  yield explicitHead(tag, vrOf(tagToHex(tag)), value.length);
  yield value;
}

interface Head {
  tag: number;
  vr: string;
  lengthBytes: number;
  /** What items of it are encoded in. */
  itemEncoding: Encoding;
}

async function* convertElement(cursor: Cursor, head: Head, scope: Scope, depth: number): AsyncGenerator<Uint8Array> {
  const { tag, vr, lengthBytes } = head;
  if (lengthBytes === UNDEFINED_LENGTH && (vr === 'OB' || vr === 'OW')) {
    yield explicitHead(tag, 'OB', UNDEFINED_LENGTH);
    yield* copyFragments(cursor);
    return;
  }
  if (vr === 'SQ' || lengthBytes === UNDEFINED_LENGTH) {
    yield explicitHead(tag, 'SQ', UNDEFINED_LENGTH);
    yield* convertItems(cursor, lengthBytes, { ...scope, encoding: head.itemEncoding }, depth);
    yield itemHead(SEQUENCE_END, 0);
    return;
  }
  yield explicitHead(tag, vr, lengthBytes);
  if (tag === PIXEL_REPRESENTATION && lengthBytes === 2) {
    const value = await cursor.peek(2);
    scope.pixelSigned = (scope.encoding.bigEndian ? value.readUInt16BE(0) : value.readUInt16LE(0)) === 1;
  }
  const wordBytes = scope.encoding.bigEndian ? wordBytesOf(vr) : 1;
  for await (const piece of cursor.take(lengthBytes))
    yield wordBytes > 1 && piece.length % wordBytes === 0 ? swapWords(piece, wordBytes) : piece;
}

async function* convertItems(
  cursor: Cursor,
  lengthBytes: number,
  scope: Scope,
  depth: number,
): AsyncGenerator<Uint8Array> {
  const end = lengthBytes === UNDEFINED_LENGTH ? cursor.end : cursor.position + lengthBytes;
  while (cursor.position < end) {
    const { tag, lengthBytes: itemBytes } = await readItemHead(cursor, scope.encoding.bigEndian);
    if (tag === SEQUENCE_END) return;
    if (tag !== ITEM) throw new FilmlessError('DICOM_MALFORMED', 'a sequence holds something that is no item');
    yield itemHead(ITEM, UNDEFINED_LENGTH);
    yield* convertDataset(cursor, itemBytes === UNDEFINED_LENGTH ? end : cursor.position + itemBytes, scope, depth + 1);
    yield itemHead(ITEM_END, 0);
  }
}

async function* copyFragments(cursor: Cursor): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { tag, lengthBytes } = await readItemHead(cursor, false);
    yield itemHead(tag, lengthBytes);
    if (tag === SEQUENCE_END) return;
    yield* cursor.take(lengthBytes);
  }
}

async function skipValue(cursor: Cursor, head: Head, scope: Scope, depth: number): Promise<void> {
  if (head.lengthBytes !== UNDEFINED_LENGTH) {
    cursor.position += head.lengthBytes;
    return;
  }
  // Where it ends is known only after reading through it.
  for await (const _ of convertElement(cursor, head, scope, depth));
}

async function readHead(cursor: Cursor, scope: Scope): Promise<Head> {
  const { encoding } = scope;
  const bytes = await cursor.peek(8);
  const tag = readTag(bytes, encoding.bigEndian);
  if (encoding.implicitVr || tag >>> 16 === 0xfffe) {
    cursor.position += 8;
    const lengthBytes = encoding.bigEndian ? bytes.readUInt32BE(4) : bytes.readUInt32LE(4);
    return { tag, vr: implicitVr(tag, scope), lengthBytes, itemEncoding: encoding };
  }
  const vr = bytes.toString('latin1', 4, 6);
  if (!hasLongLength(vr)) {
    cursor.position += 8;
    return {
      tag,
      vr,
      lengthBytes: encoding.bigEndian ? bytes.readUInt16BE(6) : bytes.readUInt16LE(6),
      itemEncoding: encoding,
    };
  }
  const long = await cursor.peek(12);
  cursor.position += 12;
  // UN holds implicit VR little endian items, whatever surrounds it. @dicom PS3.5 6.2.2 note 2
  return {
    tag,
    vr,
    lengthBytes: encoding.bigEndian ? long.readUInt32BE(8) : long.readUInt32LE(8),
    itemEncoding: vr === 'UN' ? IMPLICIT : encoding,
  };
}

async function readItemHead(cursor: Cursor, bigEndian: boolean): Promise<{ tag: number; lengthBytes: number }> {
  const bytes = await cursor.peek(8);
  const head = {
    tag: readTag(bytes, bigEndian),
    lengthBytes: bigEndian ? bytes.readUInt32BE(4) : bytes.readUInt32LE(4),
  };
  cursor.position += 8;
  return head;
}

function readTag(bytes: Buffer, bigEndian: boolean): number {
  return bigEndian
    ? bytes.readUInt16BE(0) * 0x10000 + bytes.readUInt16BE(2)
    : bytes.readUInt16LE(0) * 0x10000 + bytes.readUInt16LE(2);
}

function implicitVr(tag: number, scope: Scope): string {
  const entry = dictionaryEntry(tag);
  if (entry?.vr === 'xs') return scope.pixelSigned ? 'SS' : 'US';
  if (entry) return vrOf(tagToHex(tag));
  return isPrivateCreator(tag) ? 'LO' : 'UN';
}
