import { expect, it } from 'vitest';
import { type AckCode, acknowledgments } from './acknowledge.ts';
import { MessageError } from './errors.ts';
import { headOf } from './message.ts';

const ERRORS = { AE: new MessageError('AE', 103, 'PID-3', 'why'), AR: new MessageError('AR', 100, '', 'why') };

/** MSA-1 of each answer, with `!` where the error is told, to a message with these conditions in MSH-15 and MSH-16. */
function codes(accept: string, application: string, code: AckCode): string {
  const message = `MSH|^~\\&|HIS||PACS||20260101||ADT^A08^ADT_A01|ID|P|2.5.1|||${accept}|${application}||UNICODE UTF-8\r`;
  let number = 0;
  const answers = acknowledgments(headOf(Buffer.from(message), undefined), code, {
    newControlId: () => `N${++number}`,
    now: new Date(0),
    ...(code === 'AA' ? {} : { error: ERRORS[code] }),
  }).map(String);
  answers.forEach((text, index) => {
    expect(text.split('|')[9]).toBe(`N${index + 1}`);
    expect(text).toContain('|ID');
  });
  return answers.map((text) => `${/\rMSA\|(..)/.exec(text)?.[1]}${text.includes('\rERR|') ? '!' : ''}`).join(' ');
}

it.each([
  ['', '', 'AA', 'AE!', 'AR!'],
  ['AL', 'AL', 'CA AA', 'CA AE!', 'CR!'],
  ['AL', 'NE', 'CA', 'CE!', 'CR!'],
  ['AL', '', 'CA', 'CE!', 'CR!'],
  ['AL', 'ER', 'CA', 'CA AE!', 'CR!'],
  ['AL', 'SU', 'CA AA', 'CE!', 'CR!'],
  ['NE', 'AL', 'AA', 'AE!', 'AR!'],
  ['ER', 'AL', 'AA', 'AE!', 'CR!'],
  // Nothing is asked for; one answer all the same, for MLLP senders wait.
  ['ER', 'NE', 'CA', 'CE!', 'CR!'],
  ['NE', 'NE', 'AA', 'AE!', 'AR!'],
])(
  'MSH-15 "%s" and MSH-16 "%s": %s when it was taken, %s when not, %s when it was not kept',
  (accept, application, taken, wrong, refused) => {
    expect([
      codes(accept, application, 'AA'),
      codes(accept, application, 'AE'),
      codes(accept, application, 'AR'),
    ]).toEqual([taken, wrong, refused]);
  },
);
