/** Paths of the application and how one gets from one to another. */
export type Route =
  | { screen: 'sign-in'; returnTo: string }
  | { screen: 'studies'; query: URLSearchParams }
  | { screen: 'study'; studyInstanceUid: string }
  | { screen: 'registration'; tab: string; query: URLSearchParams }
  | { screen: 'person'; key: string }
  | { screen: 'import' }
  | { screen: 'devices' }
  | { screen: 'system'; tab: string }
  | { screen: 'plugin'; element: string }
  | { screen: 'not-found' };

/** `location` as `{ pathname, search }`. */
export function parseRoute(location: { pathname: string; search: string }): Route {
  const parts = location.pathname.split('/').filter((part) => part !== '');
  const [first, second] = parts.map(decode);
  if (parts.length > 2) return { screen: 'not-found' };
  switch (first) {
    case undefined:
    case 'index.html':
      return { screen: 'studies', query: new URLSearchParams(location.search) };
    case 'sign-in':
      return { screen: 'sign-in', returnTo: safeReturn(new URLSearchParams(location.search).get('return')) };
    case 'studies':
      return second === undefined
        ? { screen: 'studies', query: new URLSearchParams(location.search) }
        : { screen: 'study', studyInstanceUid: second };
    case 'registration':
      return { screen: 'registration', tab: second ?? 'patients', query: new URLSearchParams(location.search) };
    case 'patients':
      return second === undefined ? { screen: 'not-found' } : { screen: 'person', key: second };
    case 'import':
    case 'devices':
      return second === undefined ? { screen: first } : { screen: 'not-found' };
    case 'system':
      return { screen: 'system', tab: second ?? 'overview' };
    case 'screens':
      return second === undefined ? { screen: 'not-found' } : { screen: 'plugin', element: second };
    default:
      return { screen: 'not-found' };
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Only a path of this application: never another site's address, never sign-in again. */
export function safeReturn(path: string | null): string {
  if (
    path === null ||
    !path.startsWith('/') ||
    path.startsWith('//') ||
    path.startsWith('/\\') ||
    path.startsWith('/sign-in')
  )
    return '/studies';
  return path;
}

class Router extends EventTarget {
  #internalSteps = 0;

  get route(): Route {
    return parseRoute(window.location);
  }

  get path(): string {
    return window.location.pathname + window.location.search;
  }

  start(): void {
    window.addEventListener('popstate', () => {
      this.#internalSteps = Math.max(0, this.#internalSteps - 1);
      this.#changed();
    });
    document.addEventListener('click', (event) => this.#followLink(event));
  }

  go(path: string, options: { replace?: boolean; quiet?: boolean } = {}): void {
    if (path === this.path) return;
    if (options.replace) window.history.replaceState(null, '', path);
    else {
      window.history.pushState(null, '', path);
      this.#internalSteps += 1;
    }
    if (!options.quiet) this.#changed();
  }

  /** Back to where the user came from inside the application, else to `fallback`. */
  back(fallback: string): void {
    if (this.#internalSteps > 0) window.history.back();
    else this.go(fallback);
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }

  #followLink(event: MouseEvent): void {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const anchor = event.composedPath().find((target) => target instanceof HTMLAnchorElement);
    if (
      !(anchor instanceof HTMLAnchorElement) ||
      anchor.target !== '' ||
      anchor.hasAttribute('download') ||
      anchor.origin !== window.location.origin
    )
      return;
    if (!anchor.hasAttribute('data-route')) return;
    event.preventDefault();
    this.go(anchor.pathname + anchor.search);
  }
}

export const router = new Router();
