import type { HttpReply, HttpRequest, HttpRoute } from '../src/http/contract.ts';
import type { HttpTestNode } from './http-node.ts';

/** Short ways to ask an {@link HttpTestNode}. `node` is asked for at each call, so that tests can make a new one each time. */
export function httpClient(node: () => HttpTestNode) {
  return {
    get: (path: string, init: RequestInit = {}) => fetch(`${node().baseUrl}${path}`, init),
    bearer: async (...roles: string[]) => ({ Authorization: `Bearer ${await node().tokenFor(...roles)}` }),
    basic: (name: string, password: string) => ({
      Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
    }),
    /** A route for whoever is signed in, unless a policy is given. */
    route: (
      method: HttpRoute['method'],
      path: string,
      handle: (request: HttpRequest) => Promise<HttpReply> | HttpReply,
      policy: HttpRoute['policy'] = { access: 'signed-in' },
    ) => node().route({ method, path, policy, summary: 'test', handle }),
    /** The body of an answer that must be a problem. */
    problem: async (response: Response): Promise<Record<string, unknown>> => {
      const type = response.headers.get('content-type') ?? '';
      if (!/^application\/problem\+json/.test(type)) throw new Error(`not a problem but ${type}`);
      return (await response.json()) as Record<string, unknown>;
    },
  };
}
