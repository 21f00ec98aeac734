/** The viewer's writers and readers of DICOM objects for tests in Node: its sources are of the browser, and type-checked with it. */

/** What the viewer wrote. */
export interface Written {
  SOPClassUID: string;
  SOPInstanceUID: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  bytes: Uint8Array;
}
export type Json = Record<string, { vr: string; Value?: unknown[] }>;
export interface Frame {
  dataset: Json;
  SOPClassUID: string;
  SOPInstanceUID: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  frameNumber: number;
}
export type Point = readonly [number, number];
export interface Annotation {
  kind: string;
  points: readonly Point[];
  trackingUID: string;
  text?: string;
}
export interface Kept {
  type: string;
  author: string;
  ours: boolean;
  title: string;
  description: string;
  label: string;
  unreadable: number;
  predecessors: string[];
  calibrations: object[];
  images: object[];
  groups: {
    annotation: (Annotation & { createdAt: string }) | undefined;
    measurement: { values: object[] } | undefined;
  }[];
}
export interface Origin {
  author: string;
  at: Date;
  locale: string;
}
export interface Writers {
  writeMeasurementReport(
    source: Json,
    measured: unknown[],
    predecessors: unknown[],
    origin: Origin,
    calibrated?: unknown[],
  ): Written;
  writeKeyObjects(source: Json, images: unknown[], title: string, description: string, origin: Origin): Written;
  writePresentationState(source: Json, presentations: unknown[], label: string, origin: Origin): Written;
}

const sources = new URL('../../viewer-sdk/src/', import.meta.url);
const load = async <T>(path: string): Promise<T> => (await import(new URL(path, sources).href)) as T;

export const { writeMeasurementReport, writeKeyObjects, writePresentationState } =
  await load<Writers>('work/write/index.ts');
export const { readKept } = await load<{ readKept(dataset: Json): Kept | undefined }>('work/read/index.ts');
export const { describeFrame } = await load<{ describeFrame(dataset: Json, frame: number): Frame | undefined }>(
  'dicom/frame.ts',
);
export const { createAnnotation } = await load<{
  createAnnotation(kind: string, frame: Frame, points: readonly Point[], more?: object): Annotation;
}>('measure/annotation.ts');

/** One of every kind, each with its own values. */
export function measuredOn(frame: Frame): { annotation: Annotation; frame: Frame; measurement: unknown }[] {
  const make = (kind: string, points: Point[], values: [string, number, string][] = [], more = {}) => ({
    annotation: createAnnotation(kind, frame, points, { author: '李医生', ...more }),
    frame,
    measurement: {
      values: values.map(([name, value, unit]) => ({ name, value, unit })),
      calibration: values.length > 0 ? { kind: 'detector' } : undefined,
    },
  });
  const statistics: [string, number, string][] = [
    ['area', 123.456_789_012_345_67, 'mm2'],
    ['mean', -12.345_678_901_234_567, "[hnsf'U]"],
    ['standardDeviation', 3.2, "[hnsf'U]"],
    ['minimum', -1024, "[hnsf'U]"],
    ['maximum', 3071, '{counts}'],
  ];
  return [
    make(
      'length',
      [
        [10.5, 20.25],
        [60, 70],
      ],
      [['length', 49.7, 'mm']],
      { text: '右肺上叶结节' },
    ),
    make(
      'angle',
      [
        [10, 10],
        [30, 30],
        [50, 10],
      ],
      [['angle', 90, 'deg']],
    ),
    make(
      'cobb',
      [
        [10, 10],
        [50, 12],
        [10, 60],
        [50, 70],
      ],
      [['angle', 11.2, 'deg']],
    ),
    make(
      'ellipse',
      [
        [50, 10],
        [50, 50],
        [40, 30],
        [60, 30],
      ],
      statistics,
    ),
    make(
      'rectangle',
      [
        [20, 20],
        [60, 50],
      ],
      statistics,
    ),
    make(
      'freehand',
      [
        [20, 20],
        [60, 25],
        [40, 50],
      ],
      [['area', 12, '{pixels}2']],
    ),
    make('probe', [[33.5, 44.5]], [['value', 40, "[hnsf'U]"]]),
    make(
      'arrow',
      [
        [33, 44],
        [70, 80],
      ],
      [],
      { text: '见此处' },
    ),
    make('text', [[12, 14]], [], { text: '随访\n三个月', textAt: [20, 30] }),
  ];
}
