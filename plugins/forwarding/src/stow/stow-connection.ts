import { Readable } from 'node:stream';
import {
  type ConvertedObject,
  type Delivery,
  type DeliveryOutcome,
  EXPLICIT_VR_LITTLE_ENDIAN,
  FilmlessError,
  type InstanceToDeliver,
  type Points,
  type SendingConnection,
} from '@filmless/core/plugin';
import { type Dispatcher, request } from 'undici';
import { multipartBody } from './multipart-body.ts';
import { mayPass, parseStoreResponse, type StoreResponse, SYNTAX_REASONS } from './store-response.ts';

const LARGEST_ANSWER_BYTES = 4 * 1024 * 1024;
/** Of the server itself or of what stands before it: not of what was sent. */
const NOT_NOW = new Set([408, 425, 429, 502, 503, 504]);

export interface StowTarget {
  url: string;
  authorization: string | undefined;
}

interface Options {
  target: () => StowTarget;
  dispatcher: () => Dispatcher;
  delivery: () => Delivery;
  points: Pick<Points, 'get'>;
}

interface Answer {
  status: number;
  response: StoreResponse | undefined;
}

interface Ready {
  instance: InstanceToDeliver;
  converted: boolean;
  open: () => Promise<ConvertedObject>;
}

/** Store transactions with one server, several instances in each. @dicom PS3.18 10.5 */
export class StowConnection implements SendingConnection {
  readonly isOpen = true;
  readonly #options: Options;
  constructor(options: Options) {
    this.#options = options;
  }

  async *send(instances: readonly InstanceToDeliver[], signal: AbortSignal): ReturnType<SendingConnection['send']> {
    const ready: Ready[] = [];
    for (const instance of instances) {
      const wantsAnother = instance.form === 'uncompressed' && instance.transferSyntaxUID !== EXPLICIT_VR_LITTLE_ENDIAN;
      ready.push(this.#ready(instance, wantsAnother && this.#canConvert(instance)));
    }
    let alone = false;
    while (ready.length > 0) {
      const batch = ready.splice(0, alone ? 1 : ready.length);
      const outcomes = await this.#store(batch, signal);
      if (!outcomes) {
        // One of them breaks it, and the server does not say which.
        alone = true;
        ready.unshift(...batch);
        continue;
      }
      for (const [i, { instance }] of batch.entries()) {
        const outcome = outcomes[i];
        if (outcome) yield { SOPInstanceUID: instance.SOPInstanceUID, outcome };
      }
    }
  }

  async close(): Promise<void> {}

  /** Undefined when several were sent and must be sent one by one. */
  async #store(batch: readonly Ready[], signal: AbortSignal): Promise<DeliveryOutcome[] | undefined> {
    const opened = await Promise.allSettled(batch.map(({ open }) => open()));
    const sources = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failures = opened.map((each) => (each.status === 'rejected' ? failureOf(each.reason) : undefined));
    if (sources.length === 0) return failures.flatMap((failure) => (failure ? [failure] : []));
    let answer: Answer;
    try {
      answer = await this.#post(sources, signal);
    } catch (error) {
      if (!(error instanceof PostFailure)) throw error;
      const { began, cause } = error;
      if (!began || signal.aborted) throw unavailable(cause);
      // It let us in and broke off: it may be what we sent.
      if (batch.length > 1) return undefined;
      return [{ kind: 'later', error: new FilmlessError('DEVICE_UNREACHABLE', 'the server breaks off', { cause }) }];
    }
    if (answer.status === 401 || answer.status === 403)
      throw new FilmlessError('UNAUTHENTICATED', `the server answered ${answer.status}`);
    if (NOT_NOW.has(answer.status)) throw new FilmlessError('UNAVAILABLE', `the server answered ${answer.status}`);
    const isTold = answer.response !== undefined || (answer.status >= 200 && answer.status < 300);
    if (!isTold && batch.length > 1) return undefined;
    return Promise.all(batch.map((each, i) => failures[i] ?? this.#outcomeOf(each, answer, signal)));
  }

  /** What the server said of one, tried once more uncompressed when it was for its transfer syntax. */
  async #outcomeOf(ready: Ready, { status, response }: Answer, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { instance, converted } = ready;
    const reason = response?.failed.get(instance.SOPInstanceUID);
    const isStored = status >= 200 && status < 300 && reason === undefined;
    if (isStored && response && !response.stored.has(instance.SOPInstanceUID))
      return { kind: 'later', error: new FilmlessError('NOT_ACCEPTABLE', 'the server does not say that it stored it') };
    if (isStored) {
      const transferSyntaxUID = converted ? EXPLICIT_VR_LITTLE_ENDIAN : instance.transferSyntaxUID;
      return { kind: 'delivered', transferSyntaxUID };
    }
    const forItsSyntax = reason === undefined ? status === 415 : SYNTAX_REASONS.has(reason);
    if (
      forItsSyntax &&
      !converted &&
      instance.transferSyntaxUID !== EXPLICIT_VR_LITTLE_ENDIAN &&
      this.#canConvert(instance)
    ) {
      const [again] = (await this.#store([this.#ready(instance, true)], signal)) ?? [];
      if (again) return again;
    }
    const said = reason ? `reason ${reason.toString(16).toUpperCase().padStart(4, '0')}H` : `status ${status}`;
    const error = new FilmlessError('NOT_ACCEPTABLE', `the server answered ${said}`);
    const heals = reason === undefined ? status >= 500 && status !== 501 : mayPass(reason);
    return { kind: heals ? 'later' : 'refused', error };
  }

  #ready(instance: InstanceToDeliver, converted: boolean): Ready {
    const { delivery, points } = this.#options;
    const open = async (): Promise<ConvertedObject> => {
      const converter = converted ? points.get('InstanceConverter', EXPLICIT_VR_LITTLE_ENDIAN) : undefined;
      return converter ? converter.convert(instance, new AbortController().signal) : delivery().open(instance);
    };
    return { instance, converted, open };
  }

  #canConvert({ transferSyntaxUID }: InstanceToDeliver): boolean {
    return (
      this.#options.points.get('InstanceConverter', EXPLICIT_VR_LITTLE_ENDIAN)?.canConvert(transferSyntaxUID) ?? false
    );
  }

  /** Closes the sources. Throws a PostFailure. */
  async #post(sources: readonly ConvertedObject[], signal: AbortSignal): Promise<Answer> {
    const { target, dispatcher } = this.#options;
    const { contentType, lengthBytes, chunks } = multipartBody(sources);
    let began = false;
    async function* body() {
      began = true;
      yield* chunks;
    }
    try {
      const { url, authorization } = target();
      const answer = await request(`${url.replace(/\/+$/, '')}/studies`, {
        method: 'POST',
        headers: {
          'content-type': contentType,
          'content-length': String(lengthBytes),
          accept: 'application/dicom+json',
          ...(authorization !== undefined && { authorization }),
        },
        body: Readable.from(body(), { objectMode: false }),
        dispatcher: dispatcher(),
        signal,
      });
      return { status: answer.statusCode, response: parseStoreResponse(await textOf(answer.body)) };
    } catch (error) {
      if (error instanceof FilmlessError) throw error;
      throw new PostFailure(began, error);
    } finally {
      await Promise.all(sources.map((source) => source.close().catch(() => undefined)));
    }
  }
}

class PostFailure extends Error {
  readonly began: boolean;

  constructor(began: boolean, cause: unknown) {
    super('no answer', { cause });
    this.began = began;
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes <= LARGEST_ANSWER_BYTES) chunks.push(chunk);
  }
  return sizeBytes <= LARGEST_ANSWER_BYTES ? Buffer.concat(chunks).toString('utf8') : '';
}

function unavailable(cause: unknown): FilmlessError {
  if (cause instanceof FilmlessError) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return new FilmlessError('UNAVAILABLE', code ?? 'the server does not answer', { cause });
}

/** Bytes that are elsewhere may come yet; what cannot be written will not be written next time. */
function failureOf(reason: unknown): DeliveryOutcome {
  const error = FilmlessError.from(reason);
  const willNotHeal = ['NOT_ACCEPTABLE', 'TRANSCODE_UNSUPPORTED', 'DECODE_FAILED', 'PAYLOAD_TOO_LARGE'];
  return { kind: willNotHeal.includes(error.code) ? 'refused' : 'later', error };
}
