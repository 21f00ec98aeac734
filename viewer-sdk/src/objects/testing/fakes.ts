import type { JsonDataset, JsonElement } from '../../dicom/json.ts';
import type { Cell, ImageReference, ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { translator } from '../../i18n/index.ts';
import { TOKENS } from '../../tokens.css.ts';
import { OBJECT_TAG, type ObjectKeyword } from '../parts/dataset.ts';

/** A data set from keywords; an array of data sets makes a sequence. */
export function objectDataset(values: Partial<Record<ObjectKeyword, unknown>>): JsonDataset {
  return Object.fromEntries(
    Object.entries(values).map(([keyword, value]) => [
      OBJECT_TAG[keyword as ObjectKeyword],
      { vr: 'UN', Value: Array.isArray(value) ? value : [value] } satisfies JsonElement,
    ]),
  );
}

export const code = (CodeValue: string, CodingSchemeDesignator: string, CodeMeaning: string): JsonDataset[] => [
  objectDataset({ CodeValue, CodingSchemeDesignator, CodeMeaning }),
];

/** A content item of a report. */
export function contentItem(
  ValueType: string,
  RelationshipType: string,
  concept: readonly [value: string, scheme: string, meaning: string] | undefined,
  values: Partial<Record<ObjectKeyword, unknown>> = {},
  children: readonly JsonDataset[] = [],
): JsonDataset {
  return objectDataset({
    ValueType,
    RelationshipType,
    ...(concept ? { ConceptNameCodeSequence: code(...concept) } : {}),
    ...(children.length > 0 ? { ContentSequence: children } : {}),
    ...values,
  });
}

/** What a renderer did with its viewer. */
export interface FakeViewer {
  readonly context: ViewerContext;
  readonly went: ImageReference[];
  readonly told: string[];
}

export function fakeViewer(values: Partial<ViewerContext> = {}): FakeViewer {
  const went: ImageReference[] = [];
  const told: string[] = [];
  // What renderers do not use is not there: a test that needs more gives it.
  const context = {
    element: document.body,
    t: translator('zh-CN'),
    locale: 'zh-CN',
    client: undefined,
    study: undefined,
    studies: [],
    seriesList: [],
    cells: [],
    openPanel: () => undefined,
    on: () => () => undefined,
    requestUpdate: () => undefined,
    goTo: async (reference: ImageReference) => {
      went.push(reference);
      return {} as Cell;
    },
    notify: (text: string) => {
      told.push(text);
    },
    ...values,
  } as Partial<ViewerContext> as ViewerContext;
  return { context, went, told };
}

/** An empty place of a size, with the tokens of the dark theme. */
export function emptyHost(): HTMLElement {
  const host = document.createElement('div');
  Object.assign(host.style, { position: 'relative', inlineSize: '900px', blockSize: '600px' });
  for (const [name, value] of Object.entries(TOKENS.dark)) host.style.setProperty(name, value);
  document.body.append(host);
  return host;
}

export const instanceOf = (dataset: JsonDataset): ObjectInstance => ({
  dataset,
  StudyInstanceUID: '1.2.3',
  SeriesInstanceUID: '1.2.3.4',
  SOPInstanceUID: '1.2.3.4.5',
});

/** The text inside a renderer's surface, blanks joined. */
export const surfaceText = (host: HTMLElement): string =>
  (host.querySelector('.object-surface')?.shadowRoot?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();

export const inSurface = <T extends Element = HTMLElement>(host: HTMLElement, selector: string): T[] => [
  ...(host.querySelector('.object-surface')?.shadowRoot?.querySelectorAll<T>(selector) ?? []),
];
