import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { type Logger, TLS_POLICY, type TlsMaterial } from '@filmless/core/plugin';
import { FrameReader, frame } from './framing.ts';

export interface MllpLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxMessageBytes: number;
  /** Between two messages. */
  readonly idleTimeoutMs: number;
  /** From the beginning of a message to its end. */
  readonly messageTimeoutMs: number;
}

/** What a message means is not the server's business. */
export interface MllpHandler<C> {
  /** Who calls; undefined is turned away. */
  accept(address: string): C | undefined;
  /** The answers. */
  message(bytes: Buffer, from: C): Promise<readonly Buffer[]>;
  cutOff(head: Buffer, from: C, why: string): readonly Buffer[];
}

/** Messages of one connection that are not answered yet; more are not read. */
const MOST_UNANSWERED = 64;
/** Of a message that is too long, read on to be able to answer it. */
const MOST_LENGTHS_READ = 8;

/** MLLP release 1 over TCP or TLS, bounded in every direction: connections, bytes of a message, time for a message, messages not answered. */
export class MllpServer<C> {
  readonly #handler: MllpHandler<C>;
  readonly #limits: MllpLimits;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #sockets = new Map<Socket, string>();
  /** With TLS also those whose handshake is not over. */
  readonly #raw = new Set<Socket>();

  constructor(options: {
    handler: MllpHandler<C>;
    limits: MllpLimits;
    log: Logger;
    tls?: TlsMaterial & { requestCert: boolean };
  }) {
    this.#handler = options.handler;
    this.#limits = options.limits;
    this.#log = options.log;
    // Half open: a sender that has ended its side still gets its answers.
    const { tls } = options;
    this.#server = tls
      ? createTlsServer(
          {
            ...TLS_POLICY,
            ...tls,
            allowHalfOpen: true,
            handshakeTimeout: options.limits.messageTimeoutMs,
            rejectUnauthorized: tls.requestCert,
          },
          (socket) => this.#open(socket),
        )
      : createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#open(socket));
    // Handshakes that fail are the peer's affair.
    this.#server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
    this.#server.on('connection', (socket: Socket) => {
      this.#raw.add(socket);
      socket.on('close', () => this.#raw.delete(socket));
    });
    this.#server.maxConnections = options.limits.maxConnections;
  }

  /** Connections from now on are shown this certificate. */
  renew(material: TlsMaterial): void {
    if (isTls(this.#server)) this.#server.setSecureContext({ ...TLS_POLICY, ...material });
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Resolves to the port. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((done, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(port, host, () => {
        this.#server.off('error', failed);
        this.#server.on('error', (error) => this.#log.error({ reason: error.message }, 'The HL7 listener failed'));
        done((this.#server.address() as AddressInfo).port);
      });
    });
  }

  async dispose(): Promise<void> {
    const closed = new Promise<void>((done) => this.#server.close(() => done()));
    for (const socket of [...this.#sockets.keys(), ...this.#raw]) socket.destroy();
    await closed;
  }

  #open(socket: Socket): void {
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    socket.on('error', () => undefined);
    // A peer that went away without a word is noticed before the idle time is over.
    socket.setKeepAlive(true, 60_000);
    const from = this.#handler.accept(address);
    const same = [...this.#sockets.values()].filter((one) => one === address).length;
    if (from === undefined || same >= this.#limits.maxConnectionsPerAddress) {
      this.#log.warn({ address, known: from !== undefined }, 'An HL7 connection was turned away');
      socket.destroy();
      return;
    }
    this.#sockets.set(socket, address);
    socket.on('close', () => this.#sockets.delete(socket));
    this.#serve(socket, from);
  }

  #serve(socket: Socket, from: C): void {
    const { maxMessageBytes, messageTimeoutMs, idleTimeoutMs } = this.#limits;
    const reader = new FrameReader(maxMessageBytes);
    let unanswered = 0;
    let last: Promise<unknown> = Promise.resolve();
    let deadline: NodeJS.Timeout | undefined;
    // Answers go out in the order of the messages, however long each takes.
    const answer = (making: Promise<readonly Buffer[]> | readonly Buffer[], then?: () => void) => {
      unanswered += 1;
      if (unanswered >= MOST_UNANSWERED) socket.pause();
      const ready = Promise.resolve(making);
      last = last.then(async () => {
        const answers = await ready;
        unanswered -= 1;
        if (socket.writable) for (const bytes of answers) socket.write(frame(bytes));
        if (unanswered < MOST_UNANSWERED) socket.resume();
        then?.();
      });
    };
    const giveUp = (why: string) => {
      socket.pause();
      answer(this.#handler.cutOff(reader.head, from, why), () => socket.destroySoon());
    };
    const watch = () => {
      if (!reader.unfinished) {
        clearTimeout(deadline);
        deadline = undefined;
      } else
        deadline ??= setTimeout(
          () => giveUp(`the message did not end within ${messageTimeoutMs} ms`),
          messageTimeoutMs,
        );
    };
    socket.setTimeout(idleTimeoutMs, () => {
      if (unanswered === 0 && !reader.unfinished) socket.destroy();
    });
    socket.on('close', () => clearTimeout(deadline));
    socket.on('end', () => {
      if (reader.unfinished) giveUp('the connection ended inside the message');
      else last = last.then(() => socket.destroySoon());
    });
    socket.on('data', (chunk: Buffer) => {
      for (const found of reader.push(chunk)) {
        // The time of one message is not the time of the next.
        clearTimeout(deadline);
        deadline = undefined;
        switch (found.kind) {
          case 'message':
            answer(this.#handler.message(found.bytes, from));
            break;
          case 'too-long':
            answer(this.#handler.cutOff(found.head, from, `the message has over ${maxMessageBytes} bytes`));
            break;
          case 'cut-off':
            answer(this.#handler.cutOff(found.head, from, 'another message began before its end'));
            break;
          case 'stray':
            this.#log.warn({}, 'An HL7 connection sent what is no MLLP, and was closed');
            socket.destroy();
            return;
        }
      }
      if (reader.length > maxMessageBytes * MOST_LENGTHS_READ) giveUp(`the message has over ${maxMessageBytes} bytes`);
      watch();
    });
  }
}

const isTls = (server: Server): server is TlsServer => 'setSecureContext' in server;
