import type { Logger } from '@filmless/core/plugin';
import { Hl7Message } from '@medplum/core';
import { type CharacterSet, decode, encode } from './character-sets.ts';
import { backoffMs } from './inbox-worker.ts';
import type { Outbox, OutboxEntry } from './outbox.ts';
import { componentOf } from './paths.ts';

/** `AR` may be about the receiver's state: so often it is tried again. HL7 v2.5.1 2.9.2.2 */
const MOST_REJECTS = 5;
const LONGEST_REST_MS = 60_000;

interface Options {
  outbox: Outbox;
  receiver: string;
  characterSet: CharacterSet;
  send(message: Uint8Array): Promise<Buffer>;
  log: Logger;
  done(outcome: 'sent' | 'failed' | 'postponed'): void;
}

/** Sends what waits for one receiver, in order; the next goes when the one before was taken, or was refused for what it says. */
export class OutboxSender {
  readonly #options: Options;
  #stopped = false;
  #woken = true;
  #wake: () => void = () => undefined;
  readonly #running: Promise<void>;

  constructor(options: Options) {
    this.#options = options;
    options.outbox.onWork(() => {
      this.#woken = true;
      this.#wake();
    });
    this.#running = this.#run();
  }

  async dispose(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { outbox, receiver } = this.#options;
    while (!this.#stopped) {
      this.#woken = false;
      const entry = outbox.next(receiver);
      const wait = entry ? entry.nextAt - Date.now() : LONGEST_REST_MS;
      if (entry && wait <= 0) await this.#one(entry);
      else await this.#rest(Math.min(wait, LONGEST_REST_MS));
    }
  }

  async #one(entry: OutboxEntry): Promise<void> {
    const { outbox, receiver, characterSet, send, log, done } = this.#options;
    const text = outbox.messageOf(entry.id);
    const bytes = encode(text, characterSet);
    if (!bytes) {
      outbox.failed(entry.id, `${characterSet} has no sign for some of the text`);
      done('failed');
      return;
    }
    try {
      const { code, controlId, reason } = answerIn(await send(bytes), characterSet);
      if (controlId !== controlIdOf(text)) throw new Error('the answer is to another message');
      if (code === 'AA' || code === 'CA') {
        outbox.sent(entry.id);
        done('sent');
      } else if (code === 'AE' || code === 'CE' || entry.attempts + 1 >= MOST_REJECTS) {
        outbox.failed(entry.id, `${code}${reason === '' ? '' : `: ${reason}`}`.slice(0, 500));
        log.warn({ id: entry.id, receiver, code }, 'A receiver refused an HL7 message');
        done('failed');
      } else this.#later(entry, code);
    } catch (error) {
      if (this.#stopped) return;
      this.#later(entry, error instanceof Error ? error.message : 'unknown');
    }
  }

  #later(entry: OutboxEntry, reason: string): void {
    const { outbox, receiver, log, done } = this.#options;
    outbox.postpone(entry.id, Date.now() + backoffMs(entry.attempts), reason);
    log.warn({ id: entry.id, receiver, attempts: entry.attempts + 1, reason }, 'An HL7 message will be sent again');
    done('postponed');
  }

  async #rest(ms: number): Promise<void> {
    if (this.#stopped || this.#woken) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
    this.#wake = () => undefined;
  }
}

const controlIdOf = (text: string): string => text.slice(0, text.indexOf('\r')).split('|')[9] ?? '';

/** @throws when it is no answer */
function answerIn(bytes: Buffer, characterSet: CharacterSet): { code: string; controlId: string; reason: string } {
  const message = Hl7Message.parse(decode(bytes, characterSet) ?? bytes.toString('latin1'));
  const answer = message.getSegment('MSA');
  const code = componentOf(answer?.getField(1), 1);
  if (!/^[AC][AER]$/.test(code)) throw new Error('the answer has no MSA');
  const text = componentOf(message.getSegment('ERR')?.getField(8), 1) || componentOf(answer?.getField(3), 1);
  return { code, controlId: componentOf(answer?.getField(2), 1), reason: text };
}
