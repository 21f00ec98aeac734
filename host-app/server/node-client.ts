import type { NodeConfig } from '@filmless/core/config';
import { readControlFile } from '@filmless/core/control';
import { z } from 'zod';
import { openNode } from './open-node.ts';

/** A problem the node answered with. */
export class ClientError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly status: number;

  constructor(status: number, code: string, message: string, remedy: string) {
    super(message);
    this.name = 'ClientError';
    this.status = status;
    this.code = code;
    this.remedy = remedy;
  }
}

const problem = z.object({
  title: z.string(),
  code: z.string(),
  detail: z.string().optional(),
  remedy: z.string().optional(),
});
const session = z.object({ token: z.string() });

/** Speaks REST to a node on this machine. */
export interface NodeClient {
  /** Whether the node was already running, or was started for this command alone. */
  readonly running: boolean;
  json<T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T>;
  /** An answer as text. */
  text(path: string): Promise<string>;
  /** The lines of a newline-delimited JSON answer, as they come. */
  lines<T>(schema: z.ZodType<T>, path: string, body: unknown): AsyncIterable<T>;
  upload(path: string, body: ReadableStream<Uint8Array> | Blob, headers: Record<string, string>): Promise<unknown>;
  /** Of any account, the only administrator's too. */
  setPassword(name: string, password: string): Promise<void>;
  close(): Promise<void>;
}

interface Credentials {
  secret: string;
  /** Of a session that the secret opened. */
  token: string;
}

/** To the running node if there is one; else a node without DICOM devices is opened in this process for as long as the command takes. */
export async function connectToNode(config: NodeConfig): Promise<NodeClient> {
  const running = await runningNode(config);
  if (running) return client(running.url, running, true, async () => undefined);
  const node = await openNode({
    ...config,
    http: { ...config.http, host: '127.0.0.1', port: 0 },
    disabledPlugins: [...config.disabledPlugins, 'dimse'],
    log: { level: config.log.level === 'info' ? 'warn' : config.log.level },
  });
  const secret = node.controlSecret;
  return client(node.url, { secret, token: await signIn(node.url, secret) }, false, () => node.stop());
}

async function runningNode(config: NodeConfig): Promise<({ url: string } & Credentials) | undefined> {
  const control = await readControlFile(config.data);
  if (!control) return undefined;
  try {
    // The process may have ended and its number gone to another; only the right node knows the secret.
    process.kill(control.pid, 0);
    const { url, secret } = control;
    return { url, secret, token: await signIn(url, secret) };
  } catch {
    return undefined;
  }
}

async function signIn(url: string, secret: string): Promise<string> {
  const response = await fetch(`${url}/api/control/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw await failure(response);
  return session.parse(await response.json()).token;
}

function client(url: string, { secret, token }: Credentials, running: boolean, close: () => Promise<void>): NodeClient {
  const send = async (
    method: string,
    path: string,
    init: RequestInit & { duplex?: 'half' } = {},
  ): Promise<Response> => {
    const response = await fetch(`${url}${path}`, {
      ...init,
      method,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
    });
    if (!response.ok) throw await failure(response);
    return response;
  };
  const withJson = (body: unknown): RequestInit =>
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };

  return {
    running,
    close,
    async json(schema, method, path, body) {
      const response = await send(method, path, withJson(body));
      return schema.parse(response.status === 204 ? undefined : await response.json());
    },
    async setPassword(name, password) {
      await send('POST', '/api/control/passwords', withJson({ secret, name, password }));
    },
    text: async (path) => (await send('GET', path)).text(),
    async *lines(schema, path, body) {
      const response = await send('POST', path, withJson(body));
      let rest = '';
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) yield schema.parse(JSON.parse(part));
      }
    },
    async upload(path, body, headers) {
      const response = await send('POST', path, { body, headers, duplex: 'half' });
      return response.json();
    },
  };
}

async function failure(response: Response): Promise<ClientError> {
  const parsed = problem.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success)
    return new ClientError(
      response.status,
      'INTERNAL',
      `The node answered ${response.status}`,
      'See the log of the node.',
    );
  const { title, code, detail, remedy } = parsed.data;
  return new ClientError(response.status, code, detail ? `${title}: ${detail}` : title, remedy ?? '');
}
