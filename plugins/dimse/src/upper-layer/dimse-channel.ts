import {
  type DicomJson,
  decodeDataset,
  encodeCommandSet,
  FilmlessError,
  IMPLICIT_VR_LITTLE_ENDIAN,
  statusCategory,
} from '@filmless/core/plugin';
import type { Association } from './association.ts';
import type { AcceptedContext, AssociationClosed } from './association-contract.ts';
import { type Command, interpretCommand, requestCommand, responseCommand } from './command.ts';
import { BufferSink, type DataSink, DiscardSink } from './message-receiver.ts';
import { ABORT, ProtocolViolation } from './pdu.ts';
import type { OutgoingDataset } from './pdu-sender.ts';

/** So many responses may wait for whoever asked before reading stops. */
const MAX_WAITING_RESPONSES = 64;

export interface Response {
  command: Command;
  context: AcceptedContext;
  /** Encoded as the context says. */
  dataset: Uint8Array | undefined;
}

export interface RequestHandler {
  /** Returns where the data set goes; must be given when `command.hasDataset`. */
  request(context: AcceptedContext, command: Command): DataSink | undefined;
  cancel(messageId: number): void;
}

export interface RequestOptions {
  more?: DicomJson;
  dataset?: Uint8Array | OutgoingDataset;
  /** Longest wait for each response. */
  timeoutMs: number;
}

interface Waiting {
  push(response: Response): Promise<void> | undefined;
  fail(error: FilmlessError): void;
}

/** DIMSE over one association: commands in and out, responses matched with their requests. @dicom PS3.7 */
export class DimseChannel {
  readonly #association: Association;
  readonly #handler: RequestHandler;
  readonly #maxIdentifierBytes: number;
  readonly #waiting = new Map<number, Waiting>();
  #lastMessageId = 0;
  #ended: FilmlessError | undefined;

  constructor(association: Association, handler: RequestHandler, maxIdentifierBytes: number) {
    this.#association = association;
    this.#handler = handler;
    this.#maxIdentifierBytes = maxIdentifierBytes;
  }

  /** True while a response is awaited. */
  get awaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** For {@link Association}'s handler. */
  command(context: AcceptedContext, bytes: Uint8Array): DataSink | undefined {
    const command = decodeCommand(bytes);
    if (command.kind === 'cancel') {
      this.#handler.cancel(command.messageId);
      return undefined;
    }
    return command.kind === 'request' ? this.#handler.request(context, command) : this.#response(context, command);
  }

  /** For {@link Association}'s handler. */
  closed(how: AssociationClosed): void {
    this.#ended = new FilmlessError('DEVICE_UNREACHABLE', `the association has ended: ${how.detail}`);
    for (const waiting of this.#waiting.values()) waiting.fail(this.#ended);
    this.#waiting.clear();
  }

  /** Throws DEVICE_UNREACHABLE when the association has ended. */
  async respond(
    context: AcceptedContext,
    request: Command,
    status: number,
    options: { comment?: string | undefined; more?: DicomJson | undefined; dataset?: Uint8Array | undefined } = {},
  ): Promise<void> {
    const { comment, more, dataset } = options;
    const command = encodeCommandSet(responseCommand(request, status, dataset !== undefined, comment, more));
    await this.#association.sender.send(context.id, command, dataset);
  }

  /** Sends a command that has no response (C-CANCEL). */
  async tell(context: AcceptedContext, command: DicomJson): Promise<void> {
    await this.#association.sender.send(context.id, encodeCommandSet(command));
  }

  nextMessageId(): number {
    do this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    while (this.#waiting.has(this.#lastMessageId));
    return this.#lastMessageId;
  }

  /** The one response to a request. */
  async requestOne(
    context: AcceptedContext,
    service: NonNullable<Command['service']>,
    options: RequestOptions,
  ): Promise<Response> {
    for await (const response of this.request(context, service, this.nextMessageId(), options)) {
      if (statusCategory(response.command.status) !== 'pending') return response;
    }
    throw this.#ended ?? new FilmlessError('DEVICE_UNREACHABLE', 'no response came');
  }

  /** All responses, the final one last. Throws DEVICE_UNREACHABLE when none comes in time or the association ends. */
  async *request(
    context: AcceptedContext,
    service: NonNullable<Command['service']>,
    messageId: number,
    options: RequestOptions,
  ): AsyncGenerator<Response, void, undefined> {
    if (this.#ended) throw this.#ended;
    const queue = new ResponseQueue();
    this.#waiting.set(messageId, queue);
    try {
      const command = requestCommand(
        service,
        messageId,
        context.abstractSyntax,
        options.dataset !== undefined,
        options.more,
      );
      await this.#association.sender.send(context.id, encodeCommandSet(command), options.dataset);
      while (true) {
        const response = await queue.next(options.timeoutMs);
        if (!response) {
          this.#association.abort(ABORT.NOT_SPECIFIED, `no response within ${options.timeoutMs} ms`);
          throw new FilmlessError('DEVICE_UNREACHABLE', `no response to ${service} within ${options.timeoutMs} ms`);
        }
        yield response;
        if (statusCategory(response.command.status) !== 'pending') return;
      }
    } finally {
      this.#waiting.delete(messageId);
      queue.close();
    }
  }

  #response(context: AcceptedContext, command: Command): DataSink | undefined {
    const waiting = this.#waiting.get(command.messageId);
    const take = (dataset: Uint8Array | undefined) => waiting?.push({ command, context, dataset });
    if (command.hasDataset) {
      // A late response to something given up.
      if (!waiting) return new DiscardSink(() => undefined);
      return new BufferSink(this.#maxIdentifierBytes, take);
    }
    const pause = take(undefined);
    if (pause) this.#association.wait(pause);
    return undefined;
  }
}

/** Throws a ProtocolViolation when the bytes are no command. */
function decodeCommand(bytes: Uint8Array): Command {
  let json: DicomJson;
  try {
    json = decodeDataset(bytes, IMPLICIT_VR_LITTLE_ENDIAN);
  } catch {
    throw new ProtocolViolation(ABORT.NOT_SPECIFIED, 'a command set cannot be read');
  }
  const command = interpretCommand(json);
  if (!command) throw new ProtocolViolation(ABORT.NOT_SPECIFIED, 'a command set has no known command field');
  return command;
}

/** Responses between the network and whoever asked; stops the network when too many wait. */
class ResponseQueue implements Waiting {
  readonly #responses: Response[] = [];
  #failure: FilmlessError | undefined;
  #wake: (() => void) | undefined;
  #roomAgain: (() => void) | undefined;

  push(response: Response): Promise<void> | undefined {
    this.#responses.push(response);
    this.#wake?.();
    if (this.#responses.length < MAX_WAITING_RESPONSES) return undefined;
    return new Promise((resolve) => {
      this.#roomAgain = resolve;
    });
  }

  fail(error: FilmlessError): void {
    this.#failure = error;
    this.#wake?.();
  }

  /** Nobody listens any more. */
  close(): void {
    this.#roomAgain?.();
  }

  /** Undefined when none came in time. */
  async next(timeoutMs: number): Promise<Response | undefined> {
    if (this.#responses.length === 0 && !this.#failure) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    const response = this.#responses.shift();
    if (response) {
      if (this.#responses.length < MAX_WAITING_RESPONSES / 2) {
        this.#roomAgain?.();
        this.#roomAgain = undefined;
      }
      return response;
    }
    if (this.#failure) throw this.#failure;
    return undefined;
  }
}
