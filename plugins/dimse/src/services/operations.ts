import {
  type Audit,
  type DimseRequest,
  type DimseResponse,
  FilmlessError,
  type Logger,
  type Points,
  type Security,
  statusCategory,
} from '@filmless/core/plugin';
import type { Associations } from '../receive/associations.ts';
import type { OperationAsked } from '../receive/protocol.ts';
import type { AssociationLink, AssociationService } from './association-service.ts';
import { operationEvent } from './operation-event.ts';

/** Responses that may wait while earlier ones are being sent. */
const MAX_BATCH = 64;

type Handler = Pick<AssociationService, 'permission' | 'handle'>;

interface Options {
  services: readonly AssociationService[];
  points: Points;
  associations: Associations;
  security: Security;
  audit: Audit;
  log: Logger;
}

/** Runs what peers ask for, but C-ECHO and C-STORE: looks the service up, checks the permission, sends the responses as they come. */
export class Operations {
  readonly #options: Options;
  readonly #running = new Map<string, { association: string; abort: AbortController }>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** SOP classes to be accepted for these services. */
  sopClassUIDs(): string[] {
    const own = this.#options.services.flatMap((service) => service.sopClassUIDs);
    return [
      ...new Set([...own, ...this.#options.points.entries('DimseService').map(({ value }) => value.sopClassUID)]),
    ];
  }

  /** Resolves when the final response was handed to the receiver. Throws when there is none to send. */
  async run(
    asked: OperationAsked,
    link: AssociationLink,
    respond: (responses: DimseResponse[]) => Promise<unknown>,
  ): Promise<void> {
    const association = this.#options.associations.get(asked.association);
    if (!association) throw new FilmlessError('DEVICE_UNREACHABLE', 'the association has ended');
    const handler = this.#handlerFor(asked.service, asked.sopClassUID);
    try {
      this.#options.security.require(association.identity, handler.permission);
    } catch (error) {
      this.#options.audit.record(operationEvent(asked, association, error));
      throw error;
    }
    const abort = new AbortController();
    this.#running.set(asked.operation, { association: asked.association, abort });
    const request: DimseRequest = {
      service: asked.service,
      sopClassUID: asked.sopClassUID,
      sopInstanceUID: asked.sopInstanceUID,
      command: asked.command,
      dataset: asked.dataset,
      calling: {
        aeTitle: association.callingAeTitle,
        address: association.address,
        identity: association.identity,
        characterSet: association.device?.characterSet ?? '',
      },
      signal: abort.signal,
    };
    try {
      await sendAsTheyCome(handler.handle(request, link), respond);
      this.#options.audit.record(operationEvent(asked, association));
    } catch (error) {
      this.#options.audit.record(operationEvent(asked, association, error));
      const known = FilmlessError.from(error);
      if (known.code === 'INTERNAL')
        this.#options.log.error(
          { err: known.cause, service: asked.service, peer: association.callingAeTitle },
          'A DIMSE service failed',
        );
      throw known;
    } finally {
      this.#running.delete(asked.operation);
    }
  }

  /** C-CANCEL. */
  cancel(operation: string): void {
    this.#running.get(operation)?.abort.abort();
  }

  associationClosed(association: string): void {
    for (const running of this.#running.values()) if (running.association === association) running.abort.abort();
  }

  #handlerFor(service: DimseRequest['service'], sopClassUID: string): Handler {
    const own = this.#options.services.find((one) => one.service === service && one.sopClassUIDs.includes(sopClassUID));
    if (own) return own;
    for (const { value } of this.#options.points.entries('DimseService')) {
      if (value.sopClassUID === sopClassUID && value.services.includes(service)) {
        return { permission: value.permission, handle: (request) => value.handle(request) };
      }
    }
    if (this.sopClassUIDs().includes(sopClassUID))
      throw new FilmlessError('METHOD_NOT_ALLOWED', `${service} of this SOP class`);
    throw new FilmlessError('SOP_CLASS_NOT_SUPPORTED', service);
  }
}

/** Sends the first response at once, and while it is on its way collects the next: quick to begin, and few messages between threads. */
async function sendAsTheyCome(
  responses: AsyncIterable<DimseResponse>,
  respond: (responses: DimseResponse[]) => Promise<unknown>,
): Promise<void> {
  let waiting: DimseResponse[] = [];
  let sending: Promise<void> | undefined;
  let failure: unknown;
  let final = false;
  const send = async () => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await respond(batch);
    }
    sending = undefined;
  };
  for await (const response of responses) {
    if (failure) throw failure;
    if (final) throw new FilmlessError('INTERNAL', 'a service responded after its final response');
    final = statusCategory(response.status) !== 'pending';
    waiting.push(response);
    sending ??= send().catch((error: unknown) => {
      failure = error;
    });
    if (waiting.length >= MAX_BATCH) await sending;
  }
  await sending;
  if (failure) throw failure;
  if (!final) throw new FilmlessError('INTERNAL', 'a service gave no final response');
}
