import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import Koa from 'koa';
import compress from 'koa-compress';
import type { RequestAudit } from '../audit/request-audit.ts';
import { FilmlessError } from '../errors.ts';
import type { Logger, Metrics, Points } from '../plugins/contract.ts';
import { AccessLog } from './access-log.ts';
import { Authenticator, type AuthenticatorParts } from './authenticate.ts';
import type { ProxyTrust } from './client-info.ts';
import { clientInfoReader } from './client-info.ts';
import { allowOrigins } from './cors.ts';
import { dispatcher } from './dispatch.ts';
import { InFlight } from './in-flight.ts';
import { createNodeServer } from './node-server.ts';
import { answerProblem, cutOrAnswerProblem } from './problem-answer.ts';
import { limitLaunches, limitSignIns } from './rate-limits.ts';
import type { RequestContext, RequestState } from './request-state.ts';
import { openRequestState, splitTarget } from './request-state.ts';
import { Router } from './router.ts';
import { securityHeaders } from './security-headers.ts';
import { readTlsFiles, TLS_POLICY, type TlsFileSettings, watchTlsFiles } from './tls-files.ts';

export interface HttpServerOptions extends ProxyTrust {
  host: string;
  /** 0 takes a free one; see {@link HttpServer.port}. */
  port: number;
  /** Origins whose pages may ask with tokens of their own, e.g. `https://his.hospital`. */
  corsOrigins?: readonly string[];
  points: Points;
  security: AuthenticatorParts;
  /** Absent in tests of other things. */
  audit?: RequestAudit;
  log: Logger;
  metrics: Metrics;
  /** PEM files; plain HTTP when absent. */
  tls?: (TlsFileSettings & { everyMs?: number }) | undefined;
  limits?: Partial<HttpLimits>;
}

export interface HttpLimits {
  headersTimeoutMs: number;
  idleTimeoutMs: number;
  /** For a JSON body to come whole. */
  jsonDeadlineMs: number;
  /** Sign-ins a minute from one address. */
  signInsPerMinute: number;
  /** Launches a minute from one address: those of a whole ward may come through one proxy. */
  launchesPerMinute: number;
  /** How often a long answer checks that its session still lasts. */
  recheckMs: number;
  /** What is in flight gets so long when the server stops. */
  drainMs: number;
}

const LIMITS: HttpLimits = {
  headersTimeoutMs: 15_000,
  idleTimeoutMs: 60_000,
  jsonDeadlineMs: 30_000,
  signInsPerMinute: 60,
  launchesPerMinute: 600,
  recheckMs: 15_000,
  drainMs: 10_000,
};

/** The node's HTTP side. Routes come from the `HttpRoute` point and may come and go while it runs. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #limits: HttpLimits;
  readonly #router: Router;
  readonly #inFlight = new InFlight();
  readonly #server: Server;
  /** For commands on this machine, where the certificate names the hospital and not the loopback. Undefined without TLS. */
  readonly #local: Server | undefined;
  readonly #certificate: { dispose(): void } | undefined;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#router = new Router(options.points, options.log);
    const callback = this.#createApp().callback();
    const { headersTimeoutMs, idleTimeoutMs } = this.#limits;
    const timeouts = { headersTimeoutMs, idleTimeoutMs };
    // Koa's promise never rejects: its failures go to `onerror`.
    const listener = (request: IncomingMessage, response: ServerResponse) => void callback(request, response);
    this.#server = createNodeServer(listener, {
      ...timeouts,
      ...(options.tls ? { tls: readTlsFiles(options.tls) } : {}),
    });
    if (options.tls) {
      this.#local = createNodeServer(listener, timeouts);
      this.#certificate = this.#renewing(options.tls);
    }
  }

  /** Resolves when connections are taken; rejects when the address is in use. */
  async listen(): Promise<void> {
    await listening(this.#server, this.#options.port, this.#options.host);
    if (this.#local) await listening(this.#local, 0, '127.0.0.1');
    for (const server of [this.#server, this.#local])
      server?.on('error', (error: NodeJS.ErrnoException) =>
        this.#options.log.error({ code: error.code }, 'HTTP server error'),
      );
    this.#options.log.info({ host: this.#options.host, port: this.port, tls: Boolean(this.#local) }, 'HTTP listening');
  }

  /** How a command on this machine reaches the node, whatever certificate it shows to others. */
  get localUrl(): string {
    return `http://127.0.0.1:${portOf(this.#local ?? this.#server)}`;
  }

  /** The port really bound. Throws UNAVAILABLE before `listen`. */
  get port(): number {
    return portOf(this.#server);
  }

  /** Takes no more connections, lets what is in flight end (at most `drainMs`), then cuts the rest. */
  async stop(): Promise<void> {
    await this.#router.dispose();
    this.#certificate?.dispose();
    if (!this.#server.listening) return;
    const servers = [this.#server, ...(this.#local ? [this.#local] : [])];
    const closed = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    this.#inFlight.beginStop();
    const deadline = setTimeout(() => {
      for (const server of servers) server.closeAllConnections();
    }, this.#limits.drainMs);
    try {
      await closed;
    } finally {
      clearTimeout(deadline);
    }
  }

  #renewing({ everyMs, ...files }: TlsFileSettings & { everyMs?: number }): { dispose(): void } {
    const { log } = this.#options;
    return watchTlsFiles(
      files,
      (material) => {
        if (isTls(this.#server)) this.#server.setSecureContext({ ...TLS_POLICY, ...material });
        log.info({ cert: files.cert }, 'the certificate was renewed');
      },
      (error) => log.error({ err: error, cert: files.cert }, 'the new certificate cannot be used; the old one stays'),
      everyMs,
    );
  }

  #createApp(): Koa<RequestState> {
    const { security, log, metrics } = this.#options;
    const app = new Koa<RequestState>();
    const accessLog = new AccessLog(log, metrics, this.#inFlight);
    const readClient = clientInfoReader(this.#options);
    const authenticator = new Authenticator(security);

    app.context.onerror = function onerror(this: RequestContext, error) {
      if (error) cutOrAnswerProblem(this, error, log);
    };
    app.use(async (context, next) => {
      // Koa, the steps below and the handlers each listen for the end.
      context.res.setMaxListeners(32);
      const gone = this.#inFlight.add(context.req, context.res);
      openRequestState(context, gone);
      accessLog.begin(context);
      context.set('X-Request-Id', context.state.requestId);
      context.res.once('close', () => {
        // Kept-alive connections would hold up the stop.
        if (!this.#inFlight.stopping) return;
        setImmediate(() => {
          for (const server of [this.#server, this.#local]) server?.closeIdleConnections();
        });
      });
      try {
        if (this.#inFlight.stopping) {
          context.set('Connection', 'close');
          throw new FilmlessError('UNAVAILABLE', 'the node is stopping');
        }
        await next();
      } catch (error) {
        answerProblem(context, error, log);
      }
    });
    app.use(securityHeaders());
    app.use(allowOrigins(this.#options.corsOrigins ?? []));
    app.use(async (context, next) => {
      context.state.client = readClient(context.req);
      Object.assign(context.state, splitTarget(context.req.url ?? ''));
      context.state.match = this.#router.match(context.method, context.state.path);
      await next();
    });
    app.use(limitSignIns(this.#limits.signInsPerMinute));
    app.use(limitLaunches(this.#limits.launchesPerMinute));
    app.use(async (context, next) => {
      await next();
      // What is compressed on the way is another representation than the one the strong tag names.
      const tag = String(context.res.getHeader('ETag') ?? '');
      if (tag.startsWith('"') && context.compress !== false && context.res.hasHeader('Content-Encoding'))
        context.set('ETag', `W/${tag}`);
    });
    app.use(compress({ threshold: 1024, filter: worthCompressing }));
    app.use(dispatcher({ authenticator, service: security.service, limits: this.#limits, audit: this.#options.audit }));
    return app;
  }
}

/** Texts. Images are compressed already, as far as their transfer syntax does, and events must not wait in a compressor. */
function worthCompressing(mediaType: string): boolean {
  return /^(text\/(?!event-stream)|application\/(javascript|wasm)|image\/svg|.*[/+](json|xml)\b)/.test(mediaType);
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new FilmlessError('UNAVAILABLE', 'not listening');
  return address.port;
}

function isTls(server: Server): server is Server & Pick<TlsServer, 'setSecureContext'> {
  return 'setSecureContext' in server;
}
