import { encode, MSH_18 } from './character-sets.ts';
import { ERROR_CODES, type ErrorCode, type MessageError } from './errors.ts';
import type { MessageHead } from './message.ts';
import { escapeText } from './paths.ts';
import { timestampOf } from './times.ts';

export type AckCode = 'AA' | 'AE' | 'AR';

/** A sender that asks for accept answers gets their names. HL7 v2.5.1 2.9.3.1 */
const ACCEPT: Readonly<Record<AckCode, string>> = { AA: 'CA', AE: 'CE', AR: 'CR' };

/** The answer, in the character set of what it answers. HL7 v2.5.1 2.9.2, 2.15.1 */
export function acknowledgment(
  head: MessageHead,
  code: AckCode,
  options: { controlId: string; now: Date; error?: Pick<MessageError, 'code' | 'location' | 'message'> },
): Buffer {
  const { error } = options;
  const accept = ['AL', 'ER', 'SU'].includes(head.acceptAcknowledgment);
  const header = [
    'MSH',
    '^~\\&',
    escapeText(head.receivingApplication),
    escapeText(head.receivingFacility),
    escapeText(head.sendingApplication),
    escapeText(head.sendingFacility),
    timestampOf(options.now),
    '',
    head.event === '' ? 'ACK' : `ACK^${escapeText(head.event)}^ACK`,
    options.controlId,
    head.processingId === '' ? 'P' : escapeText(head.processingId),
    head.version === '' ? '2.5.1' : escapeText(head.version),
    '',
    '',
    '',
    '',
    '',
    MSH_18[head.characterSet],
  ];
  const lines = [
    header.join('|'),
    [
      'MSA',
      accept ? ACCEPT[code] : code,
      escapeText(head.controlId),
      ...(error ? [escapeText(error.message)] : []),
    ].join('|'),
    ...(error ? [errorSegment(error)] : []),
  ];
  const text = `${lines.join('\r')}\r`;
  return encode(text, head.characterSet) ?? Buffer.from(text.replaceAll(/\P{ASCII}/gu, '?'), 'ascii');
}

function errorSegment({ code, location, message }: { code: ErrorCode; location: string; message: string }): string {
  const [segment = '', field = ''] = location.split('-');
  const where = segment === '' ? '' : `${segment}^1${field === '' ? '' : `^${field.split('.')[0]}`}`;
  return `ERR||${where}|${code}^${escapeText(ERROR_CODES[code])}^HL70357|E||||${escapeText(message)}`;
}
