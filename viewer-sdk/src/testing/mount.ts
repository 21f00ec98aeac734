import { FilmlessViewer } from '../elements/viewer.ts';
// The parts that a page gets after the first image, and the texts: there at once in tests.
import '../elements/workbench.ts';
import type { ErrorDetail, FirstImageDetail, ImageChangeDetail, StudyOpenDetail } from '../events/index.ts';
import type { ViewerContext, ViewerContribution, ViewerExtension } from '../extension/contract.ts';
import { registerViewerExtension } from '../extension/registry.ts';
import { en } from '../i18n/en.ts';
import { registerMessages } from '../i18n/index.ts';
import { defineElements } from '../register.ts';
import { StubEngine } from './stub-engine.ts';
import { until } from './until.ts';

/** A viewer on the page, with what it told the page. */
export interface Mounted {
  readonly viewer: FilmlessViewer;
  readonly engine: StubEngine;
  readonly errors: ErrorDetail[];
  readonly firstImages: FirstImageDetail[];
  readonly changes: ImageChangeDetail[];
  readonly opened: StudyOpenDetail[];
  /** The text of everything that matches, in the viewer and in its cells. */
  text(selector: string): string;
  /** The first element in the viewer, or else in one of its cells. */
  find<T extends Element = HTMLElement>(selector: string): T | null;
  /** Elements of one cell; cells count from 0. */
  inCell<T extends Element = HTMLElement>(cell: number, selector: string): T | null;
  /** An element inside one of the viewer's parts, be it the viewer's or a cell's. */
  inside<T extends Element = HTMLElement>(part: string, selector: string): T | null;
  /** A button of the toolbar by its id. */
  button(id: string): HTMLButtonElement | null;
}

/** Puts a viewer with a stub engine on the page. */
export function mountViewer(properties: Partial<FilmlessViewer>, engine = new StubEngine()): Mounted {
  registerMessages('en', en);
  defineElements();
  document.documentElement.lang = 'en';
  document.body.style.margin = '0';
  const viewer = new FilmlessViewer();
  Object.assign(viewer, { engineLoader: async () => engine, locale: 'en' }, properties);
  viewer.style.height = '600px';
  const cells = () => [...viewer.renderRoot.querySelectorAll('filmless-viewer-cell')];
  const all = <T extends Element>(selector: string): T[] =>
    [viewer, ...cells()].flatMap((part) => [...part.renderRoot.querySelectorAll<T>(selector)]);
  const find = <T extends Element>(selector: string): T | null => all<T>(selector)[0] ?? null;
  const mounted: Mounted = {
    viewer,
    engine,
    errors: [],
    firstImages: [],
    changes: [],
    opened: [],
    find,
    inCell: (cell, selector) => cells()[cell]?.renderRoot.querySelector(selector) ?? null,
    inside: (part, selector) => find(part)?.shadowRoot?.querySelector(selector) ?? null,
    button: (id) => mounted.inside('filmless-viewer-toolbar', `[data-id="${id}"], .tool.${CSS.escape(id)}`),
    text: (selector) =>
      all(selector)
        .map(({ textContent }) => textContent ?? '')
        .join(' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
  };
  viewer.addEventListener('filmless-error', ({ detail }) => mounted.errors.push(detail));
  viewer.addEventListener('filmless-first-image', ({ detail }) => mounted.firstImages.push(detail));
  viewer.addEventListener('filmless-image-change', ({ detail }) => mounted.changes.push(detail));
  viewer.addEventListener('filmless-study-open', ({ detail }) => mounted.opened.push(detail));
  document.body.append(viewer);
  return mounted;
}

/** A viewer with one extension more, and what that extension has. */
export interface MountedExtension extends Mounted {
  readonly context: ViewerContext;
  readonly contribution: ViewerContribution;
  /** Takes the viewer off the page and the extension out of the registry. */
  remove(): void;
}

/** Puts a viewer with an extension on the page; resolves when the extension is loaded. The server is a `StubServer` made before. */
export async function mountExtension(
  extension: ViewerExtension,
  properties: Partial<FilmlessViewer>,
): Promise<MountedExtension> {
  // Viewers of earlier tests may still be about.
  const loads = new Map<HTMLElement, { context: ViewerContext; contribution: ViewerContribution }>();
  const forget = registerViewerExtension({
    ...extension,
    load: async (context) => {
      const contribution = await extension.load(context);
      loads.set(context.element, { context, contribution });
      return contribution;
    },
  });
  const mounted = mountViewer(properties);
  const remove = () => {
    mounted.viewer.remove();
    forget();
  };
  try {
    await until(`the extension ${extension.id}`, () => loads.has(mounted.viewer));
    // The viewer takes it over in the microtasks after its own part of the work.
    await new Promise((resolve) => setTimeout(resolve));
  } catch (error) {
    remove();
    throw error;
  }
  return { ...mounted, ...loads.get(mounted.viewer)!, remove };
}

/** Presses, moves and releases on a cell's image area, in CSS pixels of it. */
export function drag(
  { inCell }: Mounted,
  points: readonly (readonly [x: number, y: number])[],
  init: PointerEventInit & { cell?: number } = {},
): void {
  const { cell = 0, ...more } = init;
  const area = inCell(cell, '.area');
  if (!area) throw new Error(`no cell ${cell}`);
  // A made-up pointer cannot be captured.
  area.setPointerCapture = () => undefined;
  const { left, top } = area.getBoundingClientRect();
  const send = (type: string, [x, y]: readonly [number, number]) =>
    area.dispatchEvent(
      new PointerEvent(type, {
        pointerId: 7,
        buttons: type === 'pointerup' ? 0 : 1,
        clientX: left + x,
        clientY: top + y,
        bubbles: true,
        composed: true,
        cancelable: true,
        ...more,
      }),
    );
  const [first, ...rest] = points;
  if (!first) return;
  send('pointerdown', first);
  for (const point of rest) send('pointermove', point);
  send('pointerup', rest.at(-1) ?? first);
}

/** The text on the image, as it is on the screen. */
export const overlayText = ({ find, inside }: Mounted): string => {
  const overlay = find('filmless-viewer-overlay');
  return inside('filmless-viewer-overlay', '.top') === null
    ? ''
    : (overlay?.shadowRoot?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
};
