import { randomUUID } from 'node:crypto';
import type { Logger } from '@filmless/core/plugin';
import { type AckCode, acknowledgments } from './acknowledge.ts';
import type { CharacterSet } from './character-sets.ts';
import { MessageError } from './errors.ts';
import type { Inbox } from './inbox.ts';
import type { Mapping } from './mapping.ts';
import { headOf, readMessage } from './message.ts';
import { planMessage } from './plan.ts';
import type { Plan, Sender } from './planning.ts';

/** A system that messages come from, with all that its settings say. */
export interface Connection extends Sender {
  readonly characterSet: CharacterSet | undefined;
  readonly mapping: Mapping;
}

/** What becomes of the bytes of one message. Refusals that are not kept are `AR`. */
export class MessageReceiver {
  readonly #inbox: Inbox;
  readonly #log: Logger;
  readonly #answered: (code: AckCode) => void;

  constructor(inbox: Inbox, log: Logger, answered: (code: AckCode) => void) {
    this.#inbox = inbox;
    this.#log = log;
    this.#answered = answered;
  }

  /** The answers: `AA` when the message is durable and can be applied, `AE` when it is durable and in the list of errors. Never rejects. */
  async receive(bytes: Buffer, connection: Connection): Promise<Buffer[]> {
    try {
      const read = readMessage(bytes, connection.characterSet);
      const planned = plan(() => planMessage(read, connection.mapping, connection));
      const error = 'error' in planned ? planned.error : undefined;
      const { state } = await this.#inbox.add({
        connection: connection.name,
        controlId: read.controlId,
        type: read.type,
        patients: 'error' in planned ? [] : planned.patients,
        raw: bytes,
        ...(error ? { error: { location: error.location, text: error.message } } : {}),
      });
      if (error && state === 'failed') return this.#refuse(bytes, connection, error);
      return this.#answer(bytes, connection, 'AA');
    } catch (error) {
      if (error instanceof MessageError) return this.#refuse(bytes, connection, error);
      this.#log.error(
        { connection: connection.name, reason: error instanceof Error ? error.name : 'unknown' },
        'An HL7 message could not be kept',
      );
      return this.#refuse(
        bytes,
        connection,
        new MessageError('AR', 207, '', 'the message could not be kept; send it again'),
      );
    }
  }

  /** Of a message that did not come whole. */
  refuseCutOff(head: Buffer, connection: Connection, why: string): Buffer[] {
    return this.#refuse(head, connection, new MessageError('AR', 100, '', why));
  }

  #refuse(bytes: Buffer, connection: Connection, error: MessageError): Buffer[] {
    const { code, location, message, answer } = error;
    this.#log.warn(
      { connection: connection.name, answer, code, location, reason: message },
      'An HL7 message was refused',
    );
    return this.#answer(bytes, connection, answer, error);
  }

  #answer(bytes: Buffer, connection: Connection, code: AckCode, error?: MessageError): Buffer[] {
    this.#answered(code);
    return acknowledgments(headOf(bytes, connection.characterSet), code, {
      newControlId: () => randomUUID().replaceAll('-', '').slice(0, 20),
      now: new Date(),
      ...(error ? { error } : {}),
    });
  }
}

/** An `AR` is thrown: nothing is kept of it. */
function plan(make: () => Plan): Plan | { error: MessageError } {
  try {
    return make();
  } catch (error) {
    if (error instanceof MessageError && error.answer === 'AE') return { error };
    throw error;
  }
}
