import { ageBetween, formatDate, formatNumber, formatTime, parseAge } from '../dicom/format.ts';
import type { Frame } from '../dicom/frame.ts';
import { type JsonDataset, number, personName, text, texts } from '../dicom/json.ts';
import { type EdgeLetters, edgeLetters, oppositeLetters } from '../dicom/orientation.ts';
import { add, cross, dot, scale } from '../dicom/vector.ts';
import type { ViewState } from '../engine/contract.ts';
import { isMessageKey, type Translate } from '../i18n/index.ts';

/** Lines of text for the four corners. */
export interface CornerText {
  readonly topLeft: readonly string[];
  readonly topRight: readonly string[];
  readonly bottomLeft: readonly string[];
  readonly bottomRight: readonly string[];
}

/** Who the images belong to, as a data set says it. */
export interface PatientText {
  readonly name: string;
  readonly sex: string;
  readonly age: string;
  readonly id: string;
}

export function patientText(dataset: JsonDataset, t: Translate): PatientText {
  const sexKey = `sex.${text(dataset, 'PatientSex') ?? ''}`;
  const age =
    parseAge(text(dataset, 'PatientAge')) ?? ageBetween(text(dataset, 'PatientBirthDate'), text(dataset, 'StudyDate'));
  const ageKey = `age.${age?.unit ?? ''}`;
  return {
    name: personName(dataset, 'PatientName') ?? t('banner.unnamed'),
    sex: isMessageKey(sexKey) ? t(sexKey) : '',
    age: age && isMessageKey(ageKey) ? t(ageKey, { count: age.count }) : '',
    id: text(dataset, 'PatientID') ?? t('banner.noId'),
  };
}

/** The exam in one line: what, when. */
export function examText(dataset: JsonDataset): { description: string; when: string; accession: string } {
  return {
    description: [text(dataset, 'Modality'), text(dataset, 'StudyDescription')].filter(Boolean).join(' '),
    when: [formatDate(text(dataset, 'StudyDate')), formatTime(text(dataset, 'StudyTime'))].filter(Boolean).join(' '),
    accession: text(dataset, 'AccessionNumber') ?? '',
  };
}

/**
 * The corner texts of a frame: patient top left, exam top right, technique bottom left, window and position bottom right.
 * Everything comes from the frame's own data set.
 * @param view what the engine shows of it; without one it is a preview
 * @param small whether there is room for the most important lines alone: whose image, when, which, how it is windowed
 */
export function cornerText(
  frame: Frame,
  view: ViewState | undefined,
  place: { index: number; count: number },
  t: Translate,
  small = false,
): CornerText {
  const { dataset } = frame;
  const patient = patientText(dataset, t);
  const exam = examText(dataset);
  const line = (...parts: (string | undefined)[]): string =>
    parts.filter((part) => part !== undefined && part !== '').join('  ');
  const measured = (key: Parameters<Translate>[0], value: number | undefined, digits = 1): string | undefined =>
    value === undefined ? undefined : t(key, { value: formatNumber(value, digits) });
  const birth = formatDate(text(dataset, 'PatientBirthDate'));
  const taken = text(dataset, 'AcquisitionTime') ?? text(dataset, 'ContentTime');
  const location = slicePosition(frame);
  if (small)
    return {
      topLeft: [patient.name, patient.id],
      topRight: [formatDate(text(dataset, 'StudyDate'))].filter(Boolean),
      bottomLeft: [line(text(dataset, 'SeriesDescription'))].filter(Boolean),
      bottomRight: [
        view?.inverted ? t('overlay.inverted') : '',
        view ? t('overlay.window', windowNumbers(view)) : '',
        place.count > 1
          ? `${place.index + 1}/${place.count}`
          : t('overlay.image', { value: text(dataset, 'InstanceNumber') ?? '–' }),
      ].filter(Boolean),
    };
  return {
    topLeft: [
      patient.name,
      line(patient.sex, patient.age),
      patient.id,
      birth === '' ? '' : t('overlay.birth', { value: birth }),
    ].filter(Boolean),
    topRight: [
      text(dataset, 'InstitutionName') ?? '',
      line(text(dataset, 'StudyDescription')),
      line(exam.when),
      exam.accession === '' ? '' : t('overlay.accession', { value: exam.accession }),
    ].filter(Boolean),
    bottomLeft: [
      line(text(dataset, 'SeriesDescription')),
      line(text(dataset, 'BodyPartExamined'), texts(dataset, 'ConvolutionKernel').join(' ')),
      line(
        measured('overlay.kvp', number(dataset, 'KVP'), 0),
        measured('overlay.current', number(dataset, 'XRayTubeCurrent'), 0),
        measured('overlay.exposure', number(dataset, 'Exposure'), 0),
      ),
      line(
        measured('overlay.tr', number(dataset, 'RepetitionTime'), 0),
        measured('overlay.te', number(dataset, 'EchoTime'), 1),
      ),
      line(
        measured('overlay.thickness', frame.sliceThicknessMm, 2),
        t('overlay.matrix', { columns: frame.pixels.columns, rows: frame.pixels.rows }),
      ),
    ].filter(Boolean),
    bottomRight: [
      view?.inverted ? t('overlay.inverted') : '',
      view ? t('overlay.window', windowNumbers(view)) : '',
      view ? t('overlay.zoom', { percent: Math.round(view.scale * (globalThis.devicePixelRatio || 1) * 100) }) : '',
      line(measured('overlay.location', location, 1), taken === undefined ? undefined : formatTime(taken, true)),
      line(
        t('overlay.series', { value: text(dataset, 'SeriesNumber') ?? '–' }),
        t('overlay.image', { value: text(dataset, 'InstanceNumber') ?? '–' }),
        frame.numberOfFrames > 1
          ? t('overlay.frame', { value: frame.frameNumber, count: frame.numberOfFrames })
          : undefined,
        place.count > 1 ? `${place.index + 1}/${place.count}` : undefined,
      ),
    ].filter(Boolean),
  };
}

/** Window width and centre with as many decimals as the values need. */
export function windowNumbers({ window, range }: Pick<ViewState, 'window' | 'range'>): {
  width: string;
  center: string;
} {
  const digits = range.maximum - range.minimum > 50 ? 0 : 2;
  return { width: formatNumber(window.width, digits), center: formatNumber(window.center, digits) };
}

/** The slice's place along its own direction, in mm. */
function slicePosition({ plane, dataset }: Frame): number | undefined {
  const stated = number(dataset, 'SliceLocation');
  if (stated !== undefined || !plane) return stated;
  return dot(plane.position, cross(plane.row, plane.column));
}

/** The letters at the edges as the image lies on the screen; `undefined` when the data set does not say. */
export function orientationLetters(frame: Frame, screen: ViewState['screen']): EdgeLetters | undefined {
  const { plane, dataset } = frame;
  if (plane) {
    const direction = ([alongRow, downColumn]: readonly [number, number]) =>
      add(scale(plane.row, alongRow), scale(plane.column, downColumn));
    return edgeLetters(direction(screen.right), direction(screen.down));
  }
  const [row, column] = texts(dataset, 'PatientOrientation');
  if (row === undefined || column === undefined || !/^[APLRHF]+$/.test(row + column)) return undefined;
  const named = ([alongRow, downColumn]: readonly [number, number]): string => {
    const letters = alongRow !== 0 ? row : column;
    return alongRow + downColumn < 0 ? oppositeLetters(letters) : letters;
  };
  const right = named(screen.right);
  const bottom = named(screen.down);
  return { right, bottom, left: oppositeLetters(right), top: oppositeLetters(bottom) };
}

/**
 * The side of a mammogram on the screen that lies away from the chest wall, where the image is black: text there covers no tissue.
 * `undefined` for other images, and where the data set does not say.
 */
export function outerSide(frame: Frame, screen: ViewState['screen']): 'left' | 'right' | undefined {
  if (frame.modality !== 'MG') return undefined;
  const letters = orientationLetters(frame, screen);
  if (letters?.left.startsWith('A')) return 'left';
  return letters?.right.startsWith('A') ? 'right' : undefined;
}

/** A ruler of a round length that takes about a fifth of the height; `undefined` where millimetres would be a guess. */
export function ruler(view: ViewState, heightPx: number): { lengthPx: number; label: string } | undefined {
  const { spacing } = view.frame;
  if (!spacing?.inPatient) return undefined;
  const pixelsPerMm = view.scale / spacing.columnMm;
  const wantedMm = (heightPx * 0.2) / pixelsPerMm;
  const step = [500, 200, 100, 50, 20, 10, 5, 2, 1].find((lengthMm) => lengthMm <= wantedMm);
  if (step === undefined) return undefined;
  return { lengthPx: step * pixelsPerMm, label: step >= 10 ? `${step / 10} cm` : `${step} mm` };
}
