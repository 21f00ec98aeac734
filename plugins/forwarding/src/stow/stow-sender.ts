import { readFileSync } from 'node:fs';
import { type Delivery, type Disposable, FilmlessError, type InstanceSender, type Points } from '@filmless/core/plugin';
import { Agent, request } from 'undici';
import type { ForwardingConfig } from '../config.ts';
import type { StowDestinations } from './destinations.ts';
import { StowConnection, type StowTarget } from './stow-connection.ts';

const CONNECT_MS = 10_000;

interface Options {
  config: ForwardingConfig['stow'];
  destinations: StowDestinations;
  delivery: () => Delivery;
  points: Pick<Points, 'get'>;
}

/** STOW-RS to the servers that are set up here. @dicom PS3.18 10.5 */
export function stowSender({ config, destinations, delivery, points }: Options): InstanceSender & Disposable {
  const agent = new Agent({
    connect: { timeout: CONNECT_MS, ...(config.ca !== undefined && { ca: readFileSync(config.ca) }) },
    headersTimeout: config.timeoutMs,
    bodyTimeout: config.timeoutMs,
  });
  const target = (name: string): StowTarget => ({
    url: destinations.require(name).url,
    authorization: destinations.authorization(name),
  });
  return {
    title: { 'zh-CN': 'DICOMweb 服务器（STOW-RS）', en: 'DICOMweb server (STOW-RS)' },
    batchSize: config.instancesPerRequest,
    destinations: async () => destinations.list().map(({ name, title, sources }) => ({ name, title, sources })),
    connect: async (name) => {
      destinations.require(name);
      return new StowConnection({ target: () => target(name), dispatcher: () => agent, delivery, points });
    },
    async verify(name, signal) {
      const { url, authorization } = target(name);
      const status = await ask(`${url.replace(/\/+$/, '')}/studies?limit=1`, authorization, agent, signal);
      if (status === 401 || status === 403) throw new FilmlessError('UNAUTHENTICATED', `the server answered ${status}`);
      // A server that stores need not answer queries: 404, 405 and 501 say that it is there.
      if (status >= 500 && status !== 501) throw new FilmlessError('UNAVAILABLE', `the server answered ${status}`);
    },
    dispose: () => agent.destroy(),
  };
}

async function ask(
  url: string,
  authorization: string | undefined,
  dispatcher: Agent,
  signal: AbortSignal,
): Promise<number> {
  try {
    const answer = await request(url, {
      headers: { accept: 'application/dicom+json', ...(authorization !== undefined && { authorization }) },
      dispatcher,
      signal,
    });
    await answer.body.dump();
    return answer.statusCode;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new FilmlessError('UNAVAILABLE', code ?? 'the server does not answer', { cause: error });
  }
}
