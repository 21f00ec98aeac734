import { encode, MSH_18 } from './character-sets.ts';
import { ERROR_CODES, type ErrorCode, type MessageError } from './errors.ts';
import type { MessageHead } from './message.ts';
import { escapeText } from './paths.ts';
import { timestampOf } from './times.ts';

export type AckCode = 'AA' | 'AE' | 'AR';

interface Options {
  /** A number for each answer. */
  newControlId: () => string;
  now: Date;
  error?: Pick<MessageError, 'code' | 'location' | 'message'>;
}

/**
 * The answers, in the character set of what they answer: one as in original mode, or, for a sender that names conditions in MSH-15 or MSH-16, those it
 * asks for: that the message is kept, and what becomes of it. At least one, for MLLP senders wait. HL7 v2.5.1 2.9.2, 2.9.3
 */
export function acknowledgments(head: MessageHead, code: AckCode, options: Options): Buffer[] {
  const { acceptAcknowledgment: accept, applicationAcknowledgment: application } = head;
  const told = isAsked(application, code === 'AA');
  // Kept, though nothing can be done with it: that is what the application answer says, if there is one.
  const acceptCode = code === 'AE' && told ? 'CA' : ACCEPT[code];
  if (!isAsked(accept, acceptCode === 'CA')) {
    const inAcceptTerms = !told && ['ER', 'SU'].includes(accept);
    return [answer(head, inAcceptTerms ? acceptCode : code, options)];
  }
  // What was not kept is answered once.
  if (code === 'AR' || !told) return [answer(head, acceptCode, options)];
  const { error: _, ...withoutError } = options;
  return [answer(head, acceptCode, withoutError), answer(head, code, options)];
}

/** HL7 table 0155 */
function isAsked(condition: string, success: boolean): boolean {
  return condition === 'AL' || condition === (success ? 'SU' : 'ER');
}

const ACCEPT = { AA: 'CA', AE: 'CE', AR: 'CR' } as const;

/** HL7 v2.5.1 2.15.1 */
function answer(head: MessageHead, code: AckCode | 'CA' | 'CE' | 'CR', { newControlId, now, error }: Options): Buffer {
  const header = [
    'MSH',
    '^~\\&',
    escapeText(head.receivingApplication),
    escapeText(head.receivingFacility),
    escapeText(head.sendingApplication),
    escapeText(head.sendingFacility),
    timestampOf(now),
    '',
    head.event === '' ? 'ACK' : `ACK^${escapeText(head.event)}^ACK`,
    newControlId(),
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
    ['MSA', code, escapeText(head.controlId), ...(error ? [escapeText(error.message)] : [])].join('|'),
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
