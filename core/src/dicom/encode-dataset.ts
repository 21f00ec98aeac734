import { FilmlessError } from '../errors.ts';
import { ByteWriter } from './byte-writer.ts';
import { encodeValue } from './encode-value.ts';
import { ASCII_ENCODER, type TextEncoder, textEncoder, UTF8_ENCODER } from './text-encoding.ts';
import { transferSyntax } from './transfer-syntaxes.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue } from './types.ts';
import { UN, type VrInfo, vrInfo } from './vr.ts';

const SPECIFIC_CHARACTER_SET = '00080005';
const DEEPEST_NESTING = 64;
const TAG = /^[0-9A-F]{8}$/;

interface Target {
  readonly implicitVr: boolean;
  readonly bigEndian: boolean;
  readonly text: TextEncoder;
  readonly keepsGroupLength: boolean;
  readonly bulkData: ((path: string) => Uint8Array | undefined) | undefined;
}

/** Thrown inside when the character set lacks a character; the whole data set is then encoded in UTF-8. */
class MissingCharacter extends Error {}

/**
 * Encodes a data set: tags sorted, values padded to even length, sequences with explicit length, no group lengths.
 *
 * Text is written in `characterSet` (`ISO_IR 192`, `GB18030`, `GBK`, `ISO_IR 100`, `\ISO 2022 IR 58`, ''; default: the data set's own where it can be written,
 * else `ISO_IR 192`) and (0008,0005) says so. When the set lacks a character, the whole data set is written in `ISO_IR 192`, and (0008,0005) says that.
 *
 * `bulkData` gives the bytes of BulkDataURI elements by their path, in the byte order of the transfer syntax. Without it they are an error, never left out.
 *
 * Throws INVALID_REQUEST when a value cannot be encoded. @dicom PS3.5 7, PS3.18 F
 */
export function encodeDataset(
  dataset: DicomJson,
  options: {
    transferSyntaxUID: string;
    characterSet?: string;
    bulkData?: (path: string) => Uint8Array | undefined;
  },
): Uint8Array {
  const syntax = transferSyntax(options.transferSyntaxUID);
  if (syntax === undefined || syntax.kind === 'deflated') {
    throw new FilmlessError('INVALID_REQUEST', 'the transfer syntax cannot be written');
  }
  const own = (dataset[SPECIFIC_CHARACTER_SET]?.Value ?? []).map((term) => String(term ?? '')).join('\\');
  const wanted = textEncoder(options.characterSet ?? own) ?? UTF8_ENCODER;
  const target = {
    implicitVr: syntax.implicitVr,
    bigEndian: syntax.bigEndian,
    keepsGroupLength: false,
    bulkData: options.bulkData,
  };
  try {
    return encodeRoot(dataset, { ...target, text: wanted });
  } catch (error) {
    if (!(error instanceof MissingCharacter)) throw error;
    return encodeRoot(dataset, { ...target, text: UTF8_ENCODER });
  }
}

/** Encodes a command set with its group length: implicit VR little endian. @dicom PS3.7 6.3.1 */
export function encodeCommandSet(command: DicomJson): Uint8Array {
  const { '00000000': _, ...elements } = command;
  const target = { implicitVr: true, bigEndian: false, keepsGroupLength: true, bulkData: undefined };
  let body: Uint8Array;
  try {
    body = encodeAll(elements, { ...target, text: ASCII_ENCODER });
  } catch (error) {
    if (!(error instanceof MissingCharacter)) throw error;
    // Error Comment is the one text of a command; it has no character set to say.
    throw new FilmlessError('INVALID_REQUEST', 'a command set holds ASCII text alone', { cause: error });
  }
  const length: DicomJson = { '00000000': { vr: 'UL', Value: [body.byteLength] } };
  return Buffer.concat([encodeAll(length, { ...target, text: ASCII_ENCODER }), body]);
}

function encodeRoot(dataset: DicomJson, target: Target): Uint8Array {
  const { [SPECIFIC_CHARACTER_SET]: _, ...rest } = dataset;
  const { terms } = target.text;
  // Multi-valued sets begin with an empty term for the default repertoire.
  const declared: DicomJson =
    terms.length === 0 ? {} : { [SPECIFIC_CHARACTER_SET]: { vr: 'CS', Value: terms.map((term) => term || null) } };
  return encodeAll({ ...rest, ...declared }, target);
}

function encodeAll(dataset: DicomJson, target: Target): Uint8Array {
  const writer = new ByteWriter(target.bigEndian);
  writeLevel(writer, dataset, target, '', 0);
  return writer.finish();
}

function writeLevel(writer: ByteWriter, dataset: DicomJson, target: Target, path: string, depth: number): void {
  if (depth > DEEPEST_NESTING) throw new FilmlessError('INVALID_REQUEST', 'sequences are nested too deep');
  for (const key of Object.keys(dataset).sort()) {
    if (!TAG.test(key)) throw new FilmlessError('INVALID_REQUEST', 'a data set has a key that is no tag');
    if (key.endsWith('0000') && !target.keepsGroupLength) continue;
    // All text is in one character set: what items said of theirs is no longer so.
    if (depth > 0 && key === SPECIFIC_CHARACTER_SET) continue;
    const element = dataset[key]!;
    const vr = vrInfo(element.vr) ?? UN;
    if (vr.kind === 'sequence') {
      writeElementHead(writer, key, vr, 0, target);
      const start = writer.length;
      writeItems(writer, element, target, `${path}${key}`, depth);
      writer.uint32At(start - 4, writer.length - start);
      continue;
    }
    const value = elementValue(key, element, vr, target, path);
    const isOdd = value.byteLength % 2 === 1;
    writeElementHead(writer, key, vr, value.byteLength + (isOdd ? 1 : 0), target);
    writer.bytes(value);
    if (isOdd) writer.byte(vr.kind === 'binary' || vr.vr === 'UI' ? 0 : 0x20);
  }
}

function writeItems(writer: ByteWriter, element: DicomJsonElement, target: Target, path: string, depth: number): void {
  for (const [index, item] of (element.Value ?? []).entries()) {
    if (!isItem(item)) throw new FilmlessError('INVALID_REQUEST', 'a sequence holds something that is no item');
    writeTag(writer, 'FFFEE000');
    writer.uint32(0);
    const start = writer.length;
    writeLevel(writer, item, target, `${path}/${index}/`, depth + 1);
    writer.uint32At(start - 4, writer.length - start);
  }
}

function isItem(value: DicomJsonValue): value is DicomJson {
  return typeof value === 'object' && value !== null;
}

function elementValue(key: string, element: DicomJsonElement, vr: VrInfo, target: Target, path: string): Uint8Array {
  if (element.BulkDataURI !== undefined) {
    const bulk = target.bulkData?.(`${path}${key}`);
    if (bulk === undefined) throw new FilmlessError('INVALID_REQUEST', `the bulk data of ${key} is not at hand`);
    return bulk;
  }
  const value = encodeValue(key, element, vr, target.bigEndian, target.text);
  if (value === undefined) throw new MissingCharacter();
  return value;
}

/** The last four bytes written are the length, or the last two where it is short. */
function writeElementHead(writer: ByteWriter, key: string, vr: VrInfo, lengthBytes: number, target: Target): void {
  writeTag(writer, key);
  if (target.implicitVr) {
    writer.uint32(lengthBytes);
    return;
  }
  // A value that a 16-bit length cannot tell is written as UN. @dicom PS3.5 6.2.2 note 1
  const written = vr.longLength || lengthBytes <= 0xffff ? vr : UN;
  writer.latin1(written.vr);
  if (written.longLength) {
    writer.uint16(0);
    writer.uint32(lengthBytes);
  } else writer.uint16(lengthBytes);
}

function writeTag(writer: ByteWriter, key: string): void {
  const tag = Number.parseInt(key, 16);
  writer.uint16(tag >>> 16);
  writer.uint16(tag & 0xffff);
}
