import { Hl7Message } from '@medplum/core';
import { type CharacterSet, characterSetNamed, decode, looksLikeUtf8 } from './character-sets.ts';
import { MessageError } from './errors.ts';
import { componentOf } from './paths.ts';

/** Segments a message may have: a report has hundreds. */
const MOST_SEGMENTS = 10_000;
const LONGEST_CONTROL_ID = 199;

/** A message that could be read. */
export interface ReadMessage {
  readonly message: Hl7Message;
  readonly text: string;
  readonly characterSet: CharacterSet;
  /** MSH-9 as `ADT^A01`. */
  readonly type: string;
  /** MSH-10 */
  readonly controlId: string;
}

/** What an answer needs of the message it answers; of one that could not be read, what there is. */
export interface MessageHead {
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  readonly type: string;
  readonly event: string;
  readonly controlId: string;
  readonly processingId: string;
  readonly version: string;
  /** MSH-15, e.g. `AL`: the sender knows accept and application answers. HL7 v2.5.1 2.9.3 */
  readonly acceptAcknowledgment: string;
  /** MSH-16 */
  readonly applicationAcknowledgment: string;
  readonly characterSet: CharacterSet;
}

/**
 * Reads what came. MSH-18 says the character set, else the connection's; without both the bytes must be UTF-8.
 * @throws MessageError `AR` for everything that is no message
 */
export function readMessage(bytes: Buffer, ofConnection: CharacterSet | undefined): ReadMessage {
  const characterSet = characterSetOf(bytes, ofConnection);
  const text = decode(bytes, characterSet)
    ?.replace(/^\ufeff/, '')
    .replace(/^\s+/, '');
  if (text === undefined)
    throw new MessageError(
      'AR',
      102,
      'MSH-18',
      `the bytes are not ${characterSet}, which the message or its connection is said to be in`,
    );
  if ((characterSet === 'GB18030' || characterSet === 'GBK') && looksLikeUtf8(bytes))
    throw new MessageError(
      'AR',
      102,
      'MSH-18',
      `the bytes are UTF-8, not ${characterSet} as MSH-18 or the connection says`,
    );
  return parse(text, characterSet, headOf(bytes, ofConnection));
}

/** Reads what a person typed or corrected: text, whatever its MSH-18 says. @throws MessageError as `readMessage` */
export function readText(given: string): ReadMessage {
  const text = given.replace(/^\s+/, '').replaceAll(/\r\n|\n/g, '\r');
  return parse(text, 'UTF-8', headOfText(text, 'UTF-8'));
}

function parse(text: string, characterSet: CharacterSet, head: MessageHead): ReadMessage {
  checkSeparators(text);
  if ((text.match(/[\r\n]+/g)?.length ?? 0) > MOST_SEGMENTS)
    throw new MessageError('AR', 100, '', `more than ${MOST_SEGMENTS} segments`);
  const message = Hl7Message.parse(text);
  checkSegments(message);
  const { controlId, type, event } = head;
  if (type === '') throw new MessageError('AR', 200, 'MSH-9', 'MSH-9 has no message type');
  if (controlId === '' || controlId.length > LONGEST_CONTROL_ID)
    throw new MessageError('AR', 101, 'MSH-10', `MSH-10 must have 1 to ${LONGEST_CONTROL_ID} characters`);
  if (!/^2(\.|$)/.test(componentOf(message.header.getField(12), 1)))
    throw new MessageError('AR', 203, 'MSH-12', 'MSH-12 is not a version 2');
  return { message, text, characterSet, type: event === '' ? type : `${type}^${event}`, controlId };
}

/** Bytes to look at: as text in the set they are in, else byte by byte. */
export function textOf(bytes: Buffer, ofConnection: CharacterSet | undefined): string {
  const characterSet = quietly(() => characterSetOf(bytes, ofConnection)) ?? ofConnection ?? 'UTF-8';
  return decode(bytes, characterSet) ?? decode(bytes, 'GB18030') ?? bytes.toString('latin1');
}

/** What can be read of the header, also of a message that is refused. Never throws. */
export function headOf(bytes: Buffer, ofConnection: CharacterSet | undefined): MessageHead {
  const line = bytes.subarray(0, endOfLine(bytes));
  const characterSet = quietly(() => characterSetOf(bytes, ofConnection)) ?? ofConnection ?? 'UTF-8';
  return headOfText(
    (decode(line, characterSet) ?? line.toString('latin1')).replace(/^\ufeff/, '').trimStart(),
    characterSet,
  );
}

function headOfText(text: string, characterSet: CharacterSet): MessageHead {
  const header = quietly(() => (text.startsWith('MSH') && text.length > 8 ? Hl7Message.parse(text).header : undefined));
  const value = (field: number, component = 1) =>
    (header ? componentOf(header.getField(field), component) : '').replaceAll(/\p{Cc}/gu, '').slice(0, 250);
  return {
    sendingApplication: value(3),
    sendingFacility: value(4),
    receivingApplication: value(5),
    receivingFacility: value(6),
    type: value(9),
    event: value(9, 2),
    controlId: value(10),
    processingId: value(11),
    version: value(12),
    acceptAcknowledgment: value(15),
    applicationAcknowledgment: value(16),
    characterSet,
  };
}

/**
 * MSH-18 stands behind names that may be in Chinese, in which a second byte can look like a separator: the line is read in each set it could be in, and the
 * reading counts that names its own set.
 */
function characterSetOf(bytes: Buffer, ofConnection: CharacterSet | undefined): CharacterSet {
  const line = bytes.subarray(0, endOfLine(bytes));
  let unknown = false;
  for (const candidate of ['UTF-8', 'GB18030', 'ISO-8859-1'] as const) {
    const text = decode(line, candidate)
      ?.replace(/^\ufeff/, '')
      .trimStart();
    if (!text?.startsWith('MSH')) continue;
    const separator = text[3] ?? '|';
    const repetition = text[5] ?? '~';
    const name = (text.split(separator)[17] ?? '').split(repetition)[0] ?? '';
    if (name.trim() === '') continue;
    const named = characterSetNamed(name);
    if (named) return named;
    unknown = true;
  }
  if (unknown) throw new MessageError('AR', 103, 'MSH-18', 'MSH-18 names a character set that is not known here');
  return ofConnection ?? 'UTF-8';
}

function endOfLine(bytes: Buffer): number {
  const ends = [bytes.indexOf(0x0d), bytes.indexOf(0x0a)].filter((at) => at !== -1);
  return ends.length === 0 ? bytes.length : Math.min(...ends);
}

/** MSH-1 and MSH-2: five different signs, none of them a letter or digit. HL7 v2 2.5.4 */
function checkSeparators(text: string): void {
  if (!text.startsWith('MSH')) throw new MessageError('AR', 100, 'MSH', 'the message does not begin with MSH');
  const field = text[3] ?? '';
  const end = text.indexOf(field, 4);
  const encoding = end === -1 ? '' : text.slice(4, end);
  const signs = [field, ...encoding];
  // The fifth, for truncation, came with v2.7.
  const valid =
    encoding.length >= 4 &&
    encoding.length <= 5 &&
    new Set(signs).size === signs.length &&
    signs.every((sign) => /[!-/:-@[-`{-~]/.test(sign));
  if (!valid) throw new MessageError('AR', 102, 'MSH-2', 'MSH-1 and MSH-2 are not five different separators');
}

function checkSegments(message: Hl7Message): void {
  for (const { name } of message.segments) {
    if (name !== '' && !/^[A-Z][A-Z0-9]{2}$/.test(name))
      throw new MessageError('AR', 100, '', 'a line does not begin with the name of a segment');
  }
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
