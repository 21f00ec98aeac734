import { FilmlessError } from '../errors.ts';
import type { HttpRoute } from './contract.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const LITERAL = /^[A-Za-z0-9._~-]+$/;
const NAMED = /^[:*][A-Za-z][A-Za-z0-9]*$/;

export interface PathPart {
  kind: 'literal' | 'param' | 'rest';
  /** The literal text, or the name. */
  text: string;
}

/** The parts of a path pattern. Throws when it is not one. */
export function parsePattern(path: string): PathPart[] {
  if (!path.startsWith('/')) throw bad(`path "${path}" does not start with /`);
  if (path === '/') return [];
  const parts = path
    .slice(1)
    .split('/')
    .map((text): PathPart => {
      if (LITERAL.test(text)) return { kind: 'literal', text };
      if (!NAMED.test(text)) throw bad(`"${text}" in path "${path}" is neither text nor :name nor *rest`);
      return { kind: text.startsWith(':') ? 'param' : 'rest', text: text.slice(1) };
    });
  if (parts.slice(0, -1).some(({ kind }) => kind === 'rest'))
    throw bad(`*rest must be the last part of path "${path}"`);
  const names = parts.filter(({ kind }) => kind !== 'literal').map(({ text }) => text);
  if (new Set(names).size < names.length) throw bad(`a name is used twice in path "${path}"`);
  return parts;
}

/** Throws unless the route may be registered. Above all: every route says who may use it. */
export function assertHttpRoute(route: HttpRoute): void {
  const name = `${route.method} ${route.path}`;
  if (!METHODS.has(route.method)) throw bad(`${name}: no such method`);
  parsePattern(route.path);
  const policy: Partial<HttpRoute['policy']> | undefined = route.policy;
  const decided =
    policy?.access === 'signed-in' ||
    (policy?.access === 'public' && 'why' in policy && Boolean(policy.why)) ||
    (policy?.access === 'permission' && 'permission' in policy && Boolean(policy.permission));
  if (!decided) throw bad(`${name}: no access policy`);
  if (typeof route.handle !== 'function') throw bad(`${name}: no handler`);
}

function bad(detail: string): FilmlessError {
  return new FilmlessError('PLUGIN_FAILED', `HTTP route ${detail}`);
}
