import { items, type JsonDataset, number, numbers, text, texts } from '../dicom/json.ts';
import { cross, toVector } from '../dicom/vector.ts';
import type { Orientation } from './protocol.ts';

/** A series, or one image where the images of a series are views of their own, as selectors see it. */
export interface Candidate {
  readonly study: string;
  /** 0 the study itself, 1 the newest earlier one … */
  readonly prior: number;
  readonly series: string;
  /** The image, where the series holds several views. */
  readonly instance: string | undefined;
  readonly modality: string;
  readonly seriesNumber: number | undefined;
  /** Description and protocol name. */
  readonly description: string;
  readonly bodyPart: string;
  readonly slices: number;
  readonly orientation: Orientation | undefined;
  readonly view: string | undefined;
  readonly laterality: 'L' | 'R' | undefined;
  /** Its header and its description name two sides, or its header two views: no rule places it. */
  readonly contradictory: boolean;
  /** A spot or magnification view, an implant pushed back: taken where there is no plain one. */
  readonly modified: boolean;
  readonly bValue: number | undefined;
  readonly thicknessMm: number | undefined;
}

/** Modalities whose images are looked at one by one, each a view of its own. */
const SINGLE_VIEWS = new Set(['MG', 'CR', 'DX', 'PX', 'IO']);

export function hasSingleViews(modality: string): boolean {
  return SINGLE_VIEWS.has(modality);
}

/** Codes of views, by what View Position says for them. @dicom PS3.16 CID 4014, CID 4010; the second form is the retired SRT code. */
const VIEW_CODES: Readonly<Record<string, string>> = {
  '399162004': 'CC',
  'R-10242': 'CC',
  '399368009': 'MLO',
  'R-10226': 'MLO',
  '399260004': 'ML',
  'R-10224': 'ML',
  '399352003': 'LM',
  'R-10228': 'LM',
  '272479007': 'PA',
  'R-10214': 'PA',
  '399348003': 'AP',
  'R-10206': 'AP',
  '399067008': 'LAT',
  '399173006': 'LAT',
  'R-10236': 'LAT',
  '399198007': 'LAT',
  'R-10232': 'LAT',
};

/** Left and right lateral are one view to a hanging protocol. */
const SAME_VIEWS: Readonly<Record<string, string>> = { LL: 'LAT', RL: 'LAT', LLAT: 'LAT', RLAT: 'LAT', LATERAL: 'LAT' };

/**
 * Describes an instance of a series. `seriesData` is the search's answer for it.
 * The side comes from the header alone: a wrong guess would hang a patient the wrong way round.
 */
export function describeCandidate(
  dataset: JsonDataset,
  place: { readonly prior: number; readonly slices: number; readonly single: boolean },
): Candidate {
  const description = [text(dataset, 'SeriesDescription'), text(dataset, 'ProtocolName')].filter(Boolean).join(' ');
  const stated = statedView(description);
  const laterality = sideOf(dataset);
  const code = items(dataset, 'ViewCodeSequence')[0];
  const coded = VIEW_CODES[text(code, 'CodeValue') ?? ''];
  const position = plainView(text(dataset, 'ViewPosition'));
  const differ = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b;
  const contradictory = differ(laterality, stated.side) || differ(coded, position);
  return {
    study: text(dataset, 'StudyInstanceUID') ?? '',
    prior: place.prior,
    series: text(dataset, 'SeriesInstanceUID') ?? '',
    instance: place.single ? text(dataset, 'SOPInstanceUID') : undefined,
    modality: text(dataset, 'Modality') ?? '',
    seriesNumber: number(dataset, 'SeriesNumber'),
    description,
    bodyPart: text(dataset, 'BodyPartExamined')?.toUpperCase() ?? '',
    slices: place.slices,
    orientation: orientationOf(dataset),
    view: coded ?? position ?? stated.view,
    laterality: contradictory ? undefined : laterality,
    contradictory,
    modified:
      items(code, 'ViewModifierCodeSequence').length > 0 ||
      text(dataset, 'PresentationIntentType') === 'FOR PROCESSING',
    bValue: bValueOf(dataset),
    thicknessMm:
      number(dataset, 'SliceThickness') ?? number(shared(dataset, 'PixelMeasuresSequence'), 'SliceThickness'),
  };
}

function plainView(position: string | undefined): string | undefined {
  const name = position?.toUpperCase();
  return name === undefined ? undefined : (SAME_VIEWS[name] ?? name);
}

function shared(
  dataset: JsonDataset,
  sequence: 'PixelMeasuresSequence' | 'PlaneOrientationSequence' | 'FrameAnatomySequence',
): JsonDataset | undefined {
  const groups = [
    items(dataset, 'SharedFunctionalGroupsSequence')[0],
    items(dataset, 'PerFrameFunctionalGroupsSequence')[0],
  ];
  return groups.map((group) => items(group, sequence)[0]).find((item) => item !== undefined);
}

/** @dicom PS3.3 C.8.11.7 Image Laterality, C.7.3.1 Laterality, C.7.6.16.2.8 Frame Laterality */
function sideOf(dataset: JsonDataset): 'L' | 'R' | undefined {
  const side =
    text(dataset, 'ImageLaterality') ??
    text(shared(dataset, 'FrameAnatomySequence'), 'FrameLaterality') ??
    text(dataset, 'Laterality');
  return side === 'L' || side === 'R' ? side : undefined;
}

/** What a description such as "R-MLO", "LCC" or "左乳 CC" says. */
function statedView(description: string): { side: 'L' | 'R' | undefined; view: string | undefined } {
  const match = /(?:^|[^A-Za-z])(R|L|RT|LT|RIGHT|LEFT)?[\s_-]*(MLO|CC|LAT|PA|AP)(?![A-Za-z])/i.exec(description);
  const letter = match?.[1]?.[0]?.toUpperCase();
  const chinese = /左/.test(description) === /右/.test(description) ? undefined : /左/.test(description) ? 'L' : 'R';
  const view = match?.[2]?.toUpperCase();
  const named = view ?? (/侧位/.test(description) ? 'LAT' : /正位|后前位/.test(description) ? 'PA' : undefined);
  return { side: letter === 'L' || letter === 'R' ? letter : chinese, view: named };
}

/** The plane that the image is nearest to; `undefined` where it leans by more than 45° to all. */
function orientationOf(dataset: JsonDataset): Orientation | undefined {
  const own = numbers(dataset, 'ImageOrientationPatient');
  const cosines =
    own.length === 6 ? own : numbers(shared(dataset, 'PlaneOrientationSequence'), 'ImageOrientationPatient');
  const row = toVector(cosines);
  const column = toVector(cosines, 3);
  if (!row || !column) return undefined;
  const normal = cross(row, column);
  const axis = normal.findIndex((component) => Math.abs(component) > Math.SQRT1_2);
  return (['sagittal', 'coronal', 'axial'] as const)[axis];
}

function bValueOf(dataset: JsonDataset): number | undefined {
  const stated = number(dataset, 'DiffusionBValue');
  if (stated !== undefined) return stated;
  // Older scanners write it into the sequence's name: "*ep_b1000t", "ep2d_diff b=800".
  const name = /\bb[\s=_]?(\d{2,4})/i.exec(
    [...texts(dataset, 'SeriesDescription'), ...texts(dataset, 'ProtocolName')].join(' '),
  );
  return name ? Number(name[1]) : undefined;
}
