/** Why a message is not taken. HL7 table 0357 */
export const ERROR_CODES = {
  100: 'Segment sequence error',
  101: 'Required field missing',
  102: 'Data type error',
  103: 'Table value not found',
  200: 'Unsupported message type',
  201: 'Unsupported event code',
  203: 'Unsupported version id',
  207: 'Application internal error',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** The message itself is at fault: the same again fails the same. `detail` says what is wrong and never carries a value of the message. */
export class MessageError extends Error {
  readonly code: ErrorCode;
  /** Where, such as `PID-3`. */
  readonly location: string;
  /** `AR`: not even kept; `AE`: kept in the list of errors. HL7 v2.5.1 2.9.2.2 */
  readonly answer: 'AE' | 'AR';

  constructor(answer: 'AE' | 'AR', code: ErrorCode, location: string, detail: string) {
    super(detail);
    this.name = 'MessageError';
    this.answer = answer;
    this.code = code;
    this.location = location;
  }
}
