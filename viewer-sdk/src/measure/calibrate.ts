import type { Frame } from '../dicom/frame.ts';
import type { ImagePoint } from '../extension/contract.ts';
import { calibrateByLine, calibrationOf } from './calibration.ts';
import { distance } from './geometry.ts';
import type { MeasureSession } from './session.ts';

/** Shorter lines make millimetres of the unsteadiness of a hand. */
const SHORTEST_PX = 10;

/** Millimetres as people type them: a comma or a point, `mm` or `cm` behind it. @returns `undefined` for anything else */
export function readLengthMm(typed: string): number | undefined {
  const match = /^\s*(\d+(?:[.,]\d+)?|[.,]\d+)\s*(mm|cm|毫米|厘米)?\s*$/i.exec(typed.normalize('NFKC'));
  if (!match?.[1]) return undefined;
  const factor = /^(cm|厘米)$/i.test(match[2] ?? '') ? 10 : 1;
  const lengthMm = Number(match[1].replace(',', '.')) * factor;
  return lengthMm > 0 && lengthMm <= 5000 ? lengthMm : undefined;
}

/** Asks for a line's true length, and before it replaces what the file or a person said, and calibrates the instance by it. */
export async function calibrate(
  session: MeasureSession,
  frame: Frame,
  line: readonly [ImagePoint, ImagePoint],
): Promise<void> {
  const { viewer, store } = session;
  const { draft } = session;
  if (distance(...line) < SHORTEST_PX) {
    viewer.notify(session.text('calibrate.short'), 'error');
    return;
  }
  const own = calibrationOf(frame, line);
  if (own.x.unit !== own.y.unit || (own.kind === 'region' && own.x.unit !== 'mm')) {
    viewer.notify(session.text('calibrate.axes'), 'error');
    return;
  }
  const typed = await viewer.ask({
    title: session.text('calibrate.title'),
    label: session.text('calibrate.length'),
    yes: session.text('calibrate.apply'),
  });
  if (typed === undefined || session.draft !== draft) return;
  const lengthMm = readLengthMm(typed);
  const size = lengthMm === undefined ? undefined : calibrateByLine(frame, line, lengthMm);
  if (!size) {
    viewer.notify(session.text('calibrate.bad'), 'error');
    return;
  }
  const before = store.calibrationOf(frame);
  if (before || own.kind !== 'none') {
    const replace = await viewer.confirm({
      title: session.text('calibrate.replaceTitle'),
      text: session.text(before ? 'calibrate.replaceManual' : 'calibrate.replaceFile'),
      yes: session.text('calibrate.replaceYes'),
    });
    if (!replace || session.draft !== draft) return;
  }
  store.calibrate({
    study: frame.StudyInstanceUID,
    series: frame.SeriesInstanceUID,
    instance: frame.SOPInstanceUID,
    rows: frame.pixels.rows,
    columns: frame.pixels.columns,
    ...size,
    createdAt: new Date().toISOString(),
  });
  viewer.notify(session.text('calibrate.done', { mm: pixelSizeText(size) }), 'done');
}

/** Both sizes where pixels are not square. */
export function pixelSizeText({ rowMm, columnMm }: { readonly rowMm: number; readonly columnMm: number }): string {
  const [row, column] = [rowMm, columnMm].map((value) => String(Number(value.toPrecision(4))));
  return row === column ? `${row}` : `${column} × ${row}`;
}
