import { PRIORITY } from '../../client/request-queue.ts';
import { type JsonDataset, personName, text } from '../../dicom/json.ts';
import type { PixelGrid, ViewState } from '../../engine/contract.ts';
import type { Cell } from '../../extension/contract.ts';
import { measurementLines } from '../../measure/format.ts';
import { isOn, measureAnnotation, type PixelValues } from '../../measure/model.ts';
import type { WorkSession } from '../session/work-session.ts';
import type { LabelledAnnotation } from '../write/graphic-annotation.ts';
import type { PictureRequest, PictureSize } from './compose.ts';

/** What shall be in a picture beside the image. */
export interface PictureContent {
  readonly size: PictureSize;
  readonly patient: boolean;
  readonly annotations: boolean;
}

/** The request for the image that a cell shows; `undefined` while it shows none. */
export function shownPicture(session: WorkSession, cell: Cell, content: PictureContent): PictureRequest | undefined {
  // A mask may be taken off: the picture is of what is seen.
  const grid = cell.stack?.drawn() ?? cell.pixels();
  return cell.view && grid ? request(session, cell, cell.view, grid, content) : undefined;
}

/**
 * The request for any image of the series of a cell, looked at as the one that is shown.
 * @throws ViewerError when its pixels cannot be had
 */
export async function picture(
  session: WorkSession,
  cell: Cell,
  index: number,
  content: PictureContent,
  signal: AbortSignal,
): Promise<PictureRequest> {
  const { stack, view, open } = cell;
  const frame = open?.frames[index];
  if (!stack || !view || !frame) throw new Error('no image is shown');
  let grid: PixelGrid | undefined;
  if (view.subtraction) {
    // Differences are made when they are shown.
    await cell.show(index);
    signal.throwIfAborted();
    grid = cell.view?.index === index ? stack.drawn() : undefined;
  } else {
    await stack.load(index, PRIORITY.now, signal);
    grid = stack.pixels(index);
  }
  if (!grid) throw new Error('the image is not in memory');
  return request(session, cell, { ...view, frame, index }, grid, content);
}

function request(
  session: WorkSession,
  cell: Cell,
  view: ViewState,
  grid: PixelGrid,
  { size, patient, annotations }: PictureContent,
): PictureRequest {
  const { viewer } = session;
  const place = { index: view.index, count: cell.open?.frames.length ?? 1 };
  return {
    view,
    grid,
    size,
    area: cell.size,
    annotations: annotations
      ? labelled(session, view, view.subtraction ? 'subtracted' : cell.stack?.pixels(view.index))
      : [],
    patientText: patient ? { t: viewer.t, place } : undefined,
  };
}

/** What is drawn on a frame, with the text beside it. */
export function labelled(
  { store, viewer }: WorkSession,
  { frame }: ViewState,
  pixels: PixelValues,
): LabelledAnnotation[] {
  return store
    .all()
    .filter((annotation) => isOn(annotation, frame))
    .map((annotation) => {
      const measurement = measureAnnotation(annotation, frame, pixels, store.calibrationOf(frame));
      const words = annotation.text ? [annotation.text] : [];
      return { annotation, label: [...words, ...measurementLines(viewer.locale, annotation, measurement)] };
    });
}

/** Whether the pixels themselves may show who the patient is. @dicom PS3.3 C.7.6.1.1.5 */
export function burnedIn(dataset: JsonDataset): 'yes' | 'unknown' | 'no' {
  const stated = dataset['00280301']?.Value?.[0];
  if (stated === 'YES') return 'yes';
  if (stated === 'NO') return 'no';
  // Devices that grab a screen write no such element, and names all the same.
  const grabbed = new Set(['US', 'IVUS', 'SC', 'OT', 'ES', 'XC', 'GM', 'SM', 'OP', 'DOC']);
  const capture = (text(dataset, 'SOPClassUID') ?? '').startsWith('1.2.840.10008.5.1.4.1.1.7');
  return capture || grabbed.has(text(dataset, 'Modality') ?? '') ? 'unknown' : 'no';
}

/** A name for the file; without patient data it says only what kind of image it is. */
export function fileName({ frame }: ViewState, extension: string, patient: boolean): string {
  const { dataset } = frame;
  const numbers = [text(dataset, 'Modality'), text(dataset, 'SeriesNumber'), text(dataset, 'InstanceNumber')];
  if (frame.numberOfFrames > 1) numbers.push(String(frame.frameNumber));
  const who = patient
    ? [personName(dataset, 'PatientName'), text(dataset, 'PatientID'), text(dataset, 'StudyDate')]
    : [];
  const name = [...who, ...numbers]
    .filter(Boolean)
    .join('_')
    .replaceAll(/[^\p{L}\p{N}_-]+/gu, '-');
  return `${name || 'image'}.${extension}`;
}
