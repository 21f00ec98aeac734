import type { HttpRoute } from './contract.ts';
import { parsePattern } from './route-rules.ts';

interface Target {
  route: HttpRoute;
  /** Of the named parts, in the order they stand in the path. */
  names: readonly string[];
}

interface Node {
  literals: Map<string, Node>;
  param: Node | undefined;
  rest: Map<string, Target> | undefined;
  targets: Map<string, Target>;
}

interface Candidate {
  targets: ReadonlyMap<string, Target>;
  values: readonly string[];
}

export type RouteMatch =
  | { kind: 'found'; route: HttpRoute; params: Readonly<Record<string, string>> }
  | { kind: 'wrong-method'; allow: readonly string[] }
  | { kind: 'none' };

/** Finds a route by method and path segments: text before `:name` before `*rest`, at every level. */
export class RouteTable {
  readonly #root = node();

  /** False when method and pattern are taken already. */
  add(route: HttpRoute): boolean {
    const parts = parsePattern(route.path);
    const names = parts.filter(({ kind }) => kind !== 'literal').map(({ text }) => text);
    let at = this.#root;
    let targets: Map<string, Target> | undefined;
    for (const part of parts) {
      if (part.kind === 'rest') {
        at.rest ??= new Map();
        targets = at.rest;
      } else if (part.kind === 'param') {
        at.param ??= node();
        at = at.param;
      } else {
        const next = at.literals.get(part.text) ?? node();
        at.literals.set(part.text, next);
        at = next;
      }
    }
    targets ??= at.targets;
    if (targets.has(route.method)) return false;
    targets.set(route.method, { route, names });
    return true;
  }

  /** `segments` are percent-decoded. HEAD is answered by GET's route when it has none of its own. */
  match(method: string, segments: readonly string[]): RouteMatch {
    const allow = new Set<string>();
    for (const { targets, values } of candidates(this.#root, segments, 0, [])) {
      const target = targets.get(method) ?? (method === 'HEAD' ? targets.get('GET') : undefined);
      if (target) {
        const params: Record<string, string> = {};
        for (const [index, name] of target.names.entries()) params[name] = values[index] ?? '';
        return { kind: 'found', route: target.route, params };
      }
      for (const other of targets.keys()) allow.add(other);
      if (targets.has('GET')) allow.add('HEAD');
    }
    return allow.size > 0 ? { kind: 'wrong-method', allow: [...allow].sort() } : { kind: 'none' };
  }
}

/** Every end the path can reach, the most particular first. */
function* candidates(
  at: Node,
  segments: readonly string[],
  index: number,
  values: readonly string[],
): Generator<Candidate> {
  const segment = segments[index];
  if (segment === undefined) {
    if (at.targets.size > 0) yield { targets: at.targets, values };
    return;
  }
  const literal = at.literals.get(segment);
  if (literal) yield* candidates(literal, segments, index + 1, values);
  if (at.param && segment !== '') yield* candidates(at.param, segments, index + 1, [...values, segment]);
  if (at.rest) yield { targets: at.rest, values: [...values, segments.slice(index).join('/')] };
}

function node(): Node {
  return { literals: new Map(), param: undefined, rest: undefined, targets: new Map() };
}
