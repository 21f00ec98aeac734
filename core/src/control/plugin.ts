import { randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { FilmlessPlugin } from '../plugins/contract.ts';

interface Services {
  /** A session of an administrator's account. */
  openAdminSession(): Promise<{ token: string; expiresAt: string }>;
  setPassword(name: string, password: string): Promise<void>;
}

const body = z.strictObject({ secret: z.string().max(200) });
const passwordBody = body.extend({ name: z.string().max(200), password: z.string().max(1000) });

/**
 * Lets commands on the same machine act on the running node. The secret is made anew at every start and written to a file that only the
 * owner of the data folder can read; whoever can read that folder could read everything anyway.
 */
export function createControlPlugin(services: () => Services): { plugin: FilmlessPlugin; secret: string } {
  const secret = randomBytes(32).toString('base64url');
  const expected = Buffer.from(secret);
  const isSecret = (told: string): boolean => {
    const given = Buffer.from(told);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
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
          if (!isSecret(body.parse(await request.json()).secret)) throw new FilmlessError('UNAUTHENTICATED');
          return { status: 201, body: await services().openAdminSession() };
        },
      });
      context.points.contribute('HttpRoute', 'control.password', {
        method: 'POST',
        path: '/api/control/passwords',
        // In the session that the secret opened, so that it is written down as any change of an account.
        policy: { access: 'permission', permission: 'user.manage' },
        audit: 'user',
        summary: 'A new password for an account, of the only administrator too, from a command on the same machine',
        requestSchema: z.toJSONSchema(passwordBody),
        handle: async (request) => {
          const { secret: told, name, password } = passwordBody.parse(await request.json());
          if (!isSecret(told)) throw new FilmlessError('FORBIDDEN', 'secret: not the one of control.json');
          await services().setPassword(name, password);
          return { status: 204, audit: { target: `PUT /api/users/${encodeURIComponent(name)}/password` } };
        },
      });
    },
  };
  return { plugin, secret };
}
