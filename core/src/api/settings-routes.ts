import { z } from 'zod';
import type { DocumentStore } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import type { HttpRequest } from '../http/contract.ts';
import { identityOf, param, SIGNED_IN } from '../http/route-parts.ts';
import type { ApiRoutes } from './services.ts';

/** Of one setting, as JSON in UTF-8. */
const MAX_BYTES = 64 * 1024;
/** Of one user, or of the site: settings are no place to store things. */
const MAX_SETTINGS = 64;
/** No form nests deeper; a reader that recurses is safe. */
const MAX_DEPTH = 32;

const scopeSchema = z.enum(['user', 'site']);
const keySchema = z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/, 'small letters, digits, dots and dashes; at most 64');
const putBody = z.strictObject({
  value: z.unknown().describe('Any JSON; null removes the setting'),
  rev: z.string().max(128).optional().describe('As it was read. Without one there must be none yet'),
});

interface Setting {
  value: unknown;
}

/**
 * What users and sites set up in their screens: hanging protocols, columns. The node keeps it and does not look inside; who reads it checks it.
 * A user has settings of their own alone. Those of the site are read by all and written by whoever manages the node.
 */
export const settingsRoutes: ApiRoutes = ({ services, documents, log }) => [
  {
    method: 'GET',
    path: '/api/settings/:scope/:key',
    policy: SIGNED_IN,
    summary: 'A setting of one’s own (user) or of the site; null when nothing is set, kept: false when nothing can be',
    async handle(request) {
      const { id, kept } = address(request);
      const found = kept ? await documents().get<Setting>(id) : undefined;
      // Nothing set is an answer like any other: pages ask at every start, and a failure would stand in every browser's console.
      const body = found ? { value: found.value, rev: found.rev } : { value: null, ...(kept ? {} : { kept }) };
      return { headers: { 'Cache-Control': 'no-store' }, body };
    },
  },
  {
    method: 'PUT',
    path: '/api/settings/:scope/:key',
    policy: SIGNED_IN,
    summary: 'Sets it; those of the site need plugin.manage. At most 64 KiB',
    requestSchema: z.toJSONSchema(putBody),
    async handle(request) {
      const { id, prefix, scope, key, kept } = address(request);
      const identity = identityOf(request);
      if (!kept) throw new FilmlessError('FORBIDDEN', 'settings belong to accounts');
      if (scope === 'site') services().security.service.require(identity, 'plugin.manage');
      const { value, rev } = putBody.parse(await request.json());
      if (depthOf(value) > MAX_DEPTH) throw new FilmlessError('INVALID_REQUEST', 'value: nested too deep');
      if (Buffer.byteLength(JSON.stringify(value ?? null)) > MAX_BYTES)
        throw new FilmlessError('PAYLOAD_TOO_LARGE', 'value: at most 64 KiB');
      const answer = await put(documents(), { id, prefix, value: value ?? null, rev });
      if (scope === 'site') log.info({ audit: 'setting.site', who: identity.id, target: key }, 'site setting changed');
      return answer === undefined ? { status: 204 } : { body: { rev: answer } };
    },
  },
];

interface Address {
  readonly scope: 'user' | 'site';
  readonly key: string;
  readonly prefix: string;
  readonly id: string;
  /** Whether there is an account to keep it for: a page's token and a device have none. */
  readonly kept: boolean;
}

/** Whose setting, and under which id. No user can name another's: it is the identity that makes the id. */
function address(request: HttpRequest): Address {
  const scope = scopeSchema.parse(param(request, 'scope'));
  const key = keySchema.parse(param(request, 'key'));
  const { kind, id } = identityOf(request);
  // A name may hold dots and dashes, but no slash.
  const prefix = scope === 'site' ? 'setting/site/' : `setting/${kind}/${id}/`;
  return { scope, key, prefix, id: prefix + key, kept: scope === 'site' || kind === 'user' || kind === 'service' };
}

async function put(
  store: DocumentStore,
  { id, prefix, value, rev }: { id: string; prefix: string; value: unknown; rev: string | undefined },
): Promise<string | undefined> {
  if (value === null) {
    if (rev !== undefined) await store.remove(id, rev);
    else if (await store.get(id)) throw new FilmlessError('CONFLICT');
    return undefined;
  }
  if (rev === undefined && (await store.list(prefix, { limit: MAX_SETTINGS })).length >= MAX_SETTINGS)
    throw new FilmlessError('INVALID_REQUEST', `at most ${MAX_SETTINGS} settings`);
  return (await store.put<Setting>(id, { value }, rev)).rev;
}

/** Without recursion: what it guards against would overflow the stack here already. */
function depthOf(value: unknown): number {
  let depth = 0;
  let level: unknown[] = [value];
  while (level.length > 0 && depth <= MAX_DEPTH) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    depth += 1;
  }
  return depth;
}
