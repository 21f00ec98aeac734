/**
 * What element tests stand on: the test functions of the runner's mocha with their types, the application's style sheets, a stage.
 */
type Suite = (title: string, body: () => void) => void;
type Body = () => void | Promise<void>;
interface TestGlobals {
  describe: Suite;
  it: (title: string, body: Body) => void;
  beforeEach: (body: Body) => void;
  afterEach: (body: Body) => void;
}

const globals = globalThis as unknown as TestGlobals;
export const { describe, it, beforeEach, afterEach } = globals;

/** Resolves when the application's styles are there: contrast is measured on them. */
export async function loadStyles(): Promise<void> {
  const sheets = [
    '../../../node_modules/@vaadin/vaadin-lumo-styles/dist/lumo.css',
    '../styles/tokens.css',
    '../styles/lumo.css',
  ];
  await Promise.all(
    sheets.map((path) => {
      const href = new URL(path, import.meta.url).href;
      if (document.head.querySelector(`link[href="${href}"]`)) return undefined;
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = href;
      const loaded = new Promise<void>((resolve, reject) => {
        link.addEventListener('load', () => resolve());
        link.addEventListener('error', () => reject(new Error(`${href} could not be loaded`)));
      });
      document.head.append(link);
      return loaded;
    }),
  );
  document.body.style.margin = '0';
  document.body.style.background = 'var(--filmless-surface-0)';
}

/** Waits for a condition, never for a time. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | null | false,
  limitMs = 5000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`Did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Puts an element on the page, large enough to be laid out; `unmount` takes everything away. */
export function mount<T extends HTMLElement>(element: T, height = '700px'): T {
  const stage = document.createElement('div');
  stage.dataset['stage'] = '';
  stage.style.cssText = `position:relative;width:1280px;height:${height}`;
  element.style.height ||= '100%';
  stage.append(element);
  document.body.append(stage);
  return element;
}

export function unmount(): void {
  for (const stage of document.querySelectorAll('[data-stage], vaadin-confirm-dialog, vaadin-notification-container'))
    stage.remove();
}

/** All text an element shows, shadow roots and slotted cells included. */
export function textOf(root: Node): string {
  if (root instanceof Text) return root.data;
  const inner = root instanceof Element && root.shadowRoot ? [...root.shadowRoot.childNodes] : [];
  return [...inner, ...root.childNodes].map(textOf).join(' ').replace(/\s+/g, ' ');
}

/** First match anywhere below, through open shadow roots. */
export function deep<T extends Element>(root: ParentNode, selector: string): T | undefined {
  const direct = root.querySelector<T>(selector);
  if (direct) return direct;
  for (const element of root.querySelectorAll('*')) {
    const found = element.shadowRoot ? deep<T>(element.shadowRoot, selector) : undefined;
    if (found) return found;
  }
  return undefined;
}
