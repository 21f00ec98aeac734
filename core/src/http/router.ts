import type { Disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import type { Logger, Points } from '../plugins/contract.ts';
import { assertHttpRoute } from './route-rules.ts';
import type { RouteMatch } from './route-table.ts';
import { RouteTable } from './route-table.ts';

const MAX_SEGMENTS = 64;

/** The routes of the `HttpRoute` point, as they are now: plugins come and go while the node runs. */
export class Router implements Disposable {
  readonly #points: Points;
  readonly #log: Logger;
  readonly #onChange: Disposable;
  #table: RouteTable | undefined;

  constructor(points: Points, log: Logger) {
    this.#points = points;
    this.#log = log;
    this.#onChange = points.onChange('HttpRoute', () => {
      this.#table = undefined;
    });
  }

  /** Throws INVALID_REQUEST for a path that cannot be read. */
  match(method: string, path: string): RouteMatch {
    const segments = path === '/' ? [] : decodeSegments(path);
    this.#table ??= this.#build();
    return this.#table.match(method, segments);
  }

  dispose(): void | Promise<void> {
    return this.#onChange.dispose();
  }

  #build(): RouteTable {
    const table = new RouteTable();
    for (const { key, pluginId, value: route } of this.#points.entries('HttpRoute')) {
      // Registration checks this too; a route that slipped through is not served rather than served to anyone.
      try {
        assertHttpRoute(route);
        if (!table.add(route)) throw new FilmlessError('POINT_DUPLICATE_KEY', `${route.method} ${route.path}`);
      } catch (error) {
        const { code, message } = FilmlessError.from(error);
        this.#log.error({ plugin: pluginId, route: key, code, message }, 'route left out');
      }
    }
    return table;
  }
}

function decodeSegments(path: string): string[] {
  const segments = path.slice(1).split('/');
  if (segments.length > MAX_SEGMENTS) throw new FilmlessError('INVALID_REQUEST', 'the path has too many parts');
  return segments.map((segment) => {
    let text: string;
    try {
      text = decodeURIComponent(segment);
    } catch (error) {
      throw new FilmlessError('INVALID_REQUEST', 'the path is not valid percent-encoded UTF-8', { cause: error });
    }
    if (text.includes('\0')) throw new FilmlessError('INVALID_REQUEST', 'the path has a NUL character');
    return text;
  });
}
