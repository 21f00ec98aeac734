import type { SeriesSummary } from '../session/summaries.ts';
import type { Annotation } from './annotation.ts';
import { calibrationText, measurementLines } from './format.ts';
import type { MeasureSession } from './session.ts';

/** An annotation as lines of text: its name, then what it measures. */
export function annotationText(session: MeasureSession, annotation: Annotation): string {
  const { locale } = session.viewer;
  const measurement = session.measure(annotation);
  const lines = measurement ? measurementLines(locale, annotation, measurement) : [];
  const kind = session.text(`kind.${annotation.kind}`);
  return [annotation.text ? `${kind} ${annotation.text}` : kind, ...lines].join('\n');
}

/** Where an annotation's image is known to stand: its number in the series, as people call it. */
export function imageNumber(session: MeasureSession, annotation: Annotation): number | undefined {
  for (const { open } of session.viewer.cells) {
    const frame = open?.frames.find(({ SOPInstanceUID }) => SOPInstanceUID === annotation.instance);
    if (frame) return frame.instanceNumber;
  }
  return undefined;
}

export function seriesOf(session: MeasureSession, annotation: Pick<Annotation, 'series'>): SeriesSummary | undefined {
  const { cells, seriesList } = session.viewer;
  const known = [...seriesList, ...cells.flatMap(({ series }) => series ?? [])];
  return known.find(({ SeriesInstanceUID }) => SeriesInstanceUID === annotation.series);
}

/** All annotations as CSV for spreadsheets: one line for each value, numbers unrounded, units as UCUM codes. */
export function measurementsCsv(session: MeasureSession): string {
  const { locale } = session.viewer;
  const columns = [
    'study',
    'series',
    'image',
    'frame',
    'kind',
    'label',
    'value',
    'number',
    'unit',
    'calibration',
  ] as const;
  const rows = session.annotations.flatMap((annotation) => {
    const measurement = session.measure(annotation);
    const head = [
      annotation.study,
      seriesOf(session, annotation)?.description ?? annotation.series,
      imageNumber(session, annotation) ?? annotation.instance,
      annotation.frame,
      session.text(`kind.${annotation.kind}`),
      annotation.text ?? '',
    ];
    const calibration = calibrationText(locale, measurement?.calibration);
    const values = measurement?.values ?? [];
    if (values.length === 0) return [[...head, '', '', '', '']];
    return values.map(({ name, value, unit }) => [...head, name, value, unit, calibration]);
  });
  return [columns.map((column) => session.text(`csv.${column}`)), ...rows]
    .map((row) => row.map(csvField).join(','))
    .join('\r\n');
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function csvField(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
