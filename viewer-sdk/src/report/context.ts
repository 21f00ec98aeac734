import type { DicomWebClient } from '../client/dicomweb-client.ts';
import type { Cell, ImageReference, ViewerContext } from '../extension/contract.ts';
import { translator } from '../i18n/index.ts';

/** The viewers of the page whose extensions are there, by their elements: reports are linked to them. */
const linked = new WeakMap<object, ViewerContext>();

/** Says that a viewer can be linked to. */
export function linkViewer(viewer: ViewerContext): void {
  linked.set(viewer.element, viewer);
}

export const linkedViewer = (element: Element | null): ViewerContext | undefined =>
  element ? linked.get(element) : undefined;

/** What a report does for the renderers it borrows. */
export interface ReportHost {
  readonly element: HTMLElement;
  readonly locale: string;
  readonly client: DicomWebClient | undefined;
  follow(reference: ImageReference): Promise<Cell | undefined>;
  notify(text: string): void;
}

/** The surroundings that renderers of documents expect of a viewer, where there is none: a page with a report alone. */
export function reportContext(host: ReportHost): ViewerContext {
  const nothing = (): void => undefined;
  return {
    element: host.element,
    t: translator(host.locale),
    locale: host.locale,
    client: host.client,
    study: undefined,
    studies: [],
    seriesList: [],
    cells: [],
    get active(): Cell {
      throw new Error('a report has no images of its own');
    },
    tool: '',
    activate: nothing,
    searchStudies: async () => undefined,
    relist: async () => undefined,
    listSeries: async () => [],
    setTool: nothing,
    run: nothing,
    openPanel: nothing,
    on: () => nothing,
    requestUpdate: nothing,
    goTo: (reference) => host.follow(reference),
    confirm: async () => false,
    ask: async () => undefined,
    showInstead: () => nothing,
    notify: (text) => host.notify(text),
  };
}
