/**
 * A hanging protocol: how the images of one kind of study are laid out. Data alone: what a site or a user writes is checked against
 * `PROTOCOL_SCHEMA`, and runs no code.
 */
export interface HangingProtocol {
  /** Small letters, digits, dashes. One of a user's own with a built-in's id takes its place. */
  readonly id: string;
  readonly name: { readonly 'zh-CN': string; readonly en: string };
  /** For which studies. All that are given have to hold; of a list, one. */
  readonly matches: {
    readonly modalities?: readonly string[];
    /** Values of Body Part Examined. Where the study names none, the keywords decide. */
    readonly bodyParts?: readonly string[];
    /** In descriptions of study, series or protocol. */
    readonly keywords?: readonly string[];
    /** Only where so many earlier studies stand beside it. */
    readonly priors?: number;
  };
  readonly layout: { readonly rows: number; readonly columns: number };
  /** Row by row. */
  readonly cells: readonly HangingCell[];
  /** Cells that find nothing stay in their place, or leave it to the others. */
  readonly emptyCells: 'keep' | 'drop';
  /** The protocol is used when at least this many cells find something. Default 1. */
  readonly leastCells?: number;
  readonly sync?: { readonly scroll?: boolean; readonly window?: boolean; readonly zoom?: boolean };
  /** Used by itself when such a study opens and the page names no layout. */
  readonly automatic?: boolean;
  /** Millimetres of the detector take as much of the screen in every cell. */
  readonly sameScale?: boolean;
}

export interface HangingCell {
  /** 0 the study itself, 1 the newest earlier one, and so on. Default 0. */
  readonly prior?: number;
  /** Tried in their order; the first that finds anything counts. */
  readonly series: readonly SeriesSelector[];
  readonly window?: { readonly center: number; readonly width: number };
  readonly inverted?: boolean;
  readonly flip?: 'horizontal' | 'vertical';
  /**
   * Turns a mammogram as it is read (chest wall to the middle, head or lateral side up), by the Patient Orientation of the image, and moves
   * its chest wall to the cell's edge. Without that attribute nothing is turned.
   */
  readonly backToBack?: boolean;
  readonly slice?: 'first' | 'middle' | 'last';
}

/** What a series, or an image of it, has to be. All that is given has to hold. */
export interface SeriesSelector {
  readonly modalities?: readonly string[];
  /** One of them in the series' description or protocol name. Letter case does not matter. */
  readonly keywords?: readonly string[];
  /** None of them. */
  readonly without?: readonly string[];
  /** A regular expression for the description. Letter case does not matter. */
  readonly description?: string;
  readonly orientation?: Orientation;
  /** View Position, or the view's code: CC, MLO, PA, AP, LAT … */
  readonly view?: string;
  readonly laterality?: 'L' | 'R';
  readonly slices?: Range;
  /** s/mm² */
  readonly bValue?: Range;
  readonly thicknessMm?: Range;
  /** Series that an earlier cell shows may be shown once more, in another window. */
  readonly repeat?: boolean;
}

export type Orientation = 'axial' | 'sagittal' | 'coronal';

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** What is kept for a user or a site. */
export interface ProtocolCollection {
  readonly version: 1;
  readonly protocols: readonly HangingProtocol[];
}

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;
const texts = { type: 'array', items: text(64), maxItems: 64 } as const;
const range = {
  type: 'object',
  properties: { min: { type: 'number' }, max: { type: 'number' } },
} as const;
const whole = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum }) as const;

const SELECTOR = {
  type: 'object',
  properties: {
    modalities: texts,
    keywords: texts,
    without: texts,
    description: { type: 'string', minLength: 1, maxLength: 200, format: 'regex' },
    orientation: { type: 'string', enum: ['axial', 'sagittal', 'coronal'] },
    view: text(16),
    laterality: { type: 'string', enum: ['L', 'R'] },
    slices: range,
    bValue: range,
    thicknessMm: range,
    repeat: { type: 'boolean' },
  },
} as const;

const CELL = {
  type: 'object',
  required: ['series'],
  properties: {
    prior: whole(0, 3),
    series: { type: 'array', items: SELECTOR, minItems: 1, maxItems: 16 },
    window: {
      type: 'object',
      required: ['center', 'width'],
      properties: { center: { type: 'number' }, width: { type: 'number', exclusiveMinimum: 0 } },
    },
    inverted: { type: 'boolean' },
    flip: { type: 'string', enum: ['horizontal', 'vertical'] },
    backToBack: { type: 'boolean' },
    slice: { type: 'string', enum: ['first', 'middle', 'last'] },
  },
} as const;

/** JSON Schema (2020-12, the part of it that {@link checkSchema} knows). Objects take no other properties. */
export const PROTOCOL_SCHEMA = {
  type: 'object',
  required: ['id', 'name', 'matches', 'layout', 'cells', 'emptyCells'],
  properties: {
    id: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,63}$' },
    name: { type: 'object', required: ['zh-CN', 'en'], properties: { 'zh-CN': text(64), en: text(64) } },
    matches: {
      type: 'object',
      properties: { modalities: texts, bodyParts: texts, keywords: texts, priors: whole(1, 3) },
    },
    layout: {
      type: 'object',
      required: ['rows', 'columns'],
      properties: { rows: whole(1, 4), columns: whole(1, 4) },
    },
    cells: { type: 'array', items: CELL, minItems: 1, maxItems: 16 },
    emptyCells: { type: 'string', enum: ['keep', 'drop'] },
    leastCells: whole(1, 16),
    sync: {
      type: 'object',
      properties: { scroll: { type: 'boolean' }, window: { type: 'boolean' }, zoom: { type: 'boolean' } },
    },
    automatic: { type: 'boolean' },
    sameScale: { type: 'boolean' },
  },
} as const;

export const COLLECTION_SCHEMA = {
  type: 'object',
  required: ['version', 'protocols'],
  properties: {
    version: { type: 'integer', minimum: 1, maximum: 1 },
    protocols: { type: 'array', items: PROTOCOL_SCHEMA, maxItems: 64 },
  },
} as const;
