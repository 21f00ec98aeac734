import { randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { FilmlessPlugin } from '../plugins/contract.ts';

interface Services {
  /** A session of an administrator's account. */
  openAdminSession(): Promise<{ token: string; expiresAt: string }>;
}

const body = z.strictObject({ secret: z.string().max(200) });

/**
 * Lets commands on the same machine act on the running node. The secret is made anew at every start and written to a file that only the
 * owner of the data folder can read; whoever can read that folder could read everything anyway.
 */
export function createControlPlugin(services: () => Services): { plugin: FilmlessPlugin; secret: string } {
  const secret = randomBytes(32).toString('base64url');
  const expected = Buffer.from(secret);
  const plugin: FilmlessPlugin = {
    id: 'core-control',
    api: 1,
    title: { 'zh-CN': '命令行控制', en: 'Command line control' },
    essential: true,
    config: z.strictObject({}),
    activate(context) {
      context.points.contribute('HttpRoute', 'control.session', {
        method: 'POST',
        path: '/api/control/sessions',
        policy: {
          access: 'public',
          why: 'carries the secret of control.json, which only the owner of the data folder can read',
        },
        summary: 'Opens a session for a command on the same machine',
        requestSchema: z.toJSONSchema(body),
        handle: async (request) => {
          const given = Buffer.from(body.parse(await request.json()).secret);
          if (given.length !== expected.length || !timingSafeEqual(given, expected))
            throw new FilmlessError('UNAUTHENTICATED');
          return { status: 201, body: await services().openAdminSession() };
        },
      });
    },
  };
  return { plugin, secret };
}
