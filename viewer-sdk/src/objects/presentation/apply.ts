import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import type { Frame } from '../../dicom/frame.ts';
import { lutFromBytes, lutFromNumbers } from '../../dicom/lut.ts';
import { tableTone, tableWindow } from '../../dicom/tone-curve.ts';
import type { StackView, ViewState } from '../../engine/contract.ts';
import { type DisplayedArea, isFor, type PresentationState, type Voi } from './read.ts';

/** The parts of a state that a frame is shown by. */
export function partsFor(
  state: PresentationState,
  frame: Frame,
): { voi: Voi | undefined; area: DisplayedArea | undefined } {
  const matches = (part: Voi | DisplayedArea) => isFor(part, frame.SOPInstanceUID, frame.frameNumber);
  return { voi: state.vois.find(matches), area: state.areas.find(matches) };
}

/** Which way on the image the screen's right and down point after turning right `turns` times and then mirroring. */
export function orientationOf({ turns, mirrored }: Pick<PresentationState, 'turns' | 'mirrored'>): ViewState['screen'] {
  let right: readonly [number, number] = [1, 0];
  let down: readonly [number, number] = [0, 1];
  // After a quarter turn to the right, what was up is at the right, and what was right is down.
  for (let turn = 0; turn < turns; turn += 1) [right, down] = [[-down[0], -down[1]], right];
  return { right: mirrored ? [-right[0] || 0, -right[1] || 0] : right, down };
}

/** Window or curve, polarity, orientation: everything that does not depend on the size of the cell. */
export async function applyLook(
  state: PresentationState,
  frame: Frame,
  stack: StackView,
  client: DicomWebClient | undefined,
): Promise<void> {
  const { voi } = partsFor(state, frame);
  stack.reset();
  if (voi?.table && client) {
    const { descriptor, data } = voi.table;
    const entries = data.Value
      ? lutFromNumbers(data.Value.map(Number), descriptor)
      : lutFromBytes(await client.binary(data, {}), descriptor);
    stack.setWindow(tableWindow(descriptor[1], descriptor[0]));
    stack.setTone(tableTone(entries, descriptor[2]));
  } else if (voi?.window) {
    stack.setWindow(voi.window);
    stack.setTone({ shape: voi.sigmoid ? 'SIGMOID' : 'LINEAR' });
  }
  // The state has the last word on what is bright, whatever the image says. @dicom PS3.3 C.11.6.1.2
  if (state.inverse !== undefined)
    stack.setInverted(state.inverse !== (frame.pixels.photometricInterpretation === 'MONOCHROME1'));
  for (let turn = 0; turn < state.turns; turn += 1) stack.rotate();
  if (state.mirrored) stack.flip('horizontal');
}

/** Brings the displayed area into the cell. */
export function applyArea(
  area: DisplayedArea,
  view: ViewState,
  stack: StackView,
  size: { readonly width: number; readonly height: number },
): void {
  const [left, top, right, bottom] = screenBox(area.rectangle, view);
  const width = right - left;
  const height = bottom - top;
  if (width <= 0 || height <= 0) return;
  const center = { x: (left + right) / 2, y: (top + bottom) / 2 };
  const ratio = globalThis.devicePixelRatio || 1;
  const factor =
    area.mode === 'MAGNIFY' && area.magnification
      ? area.magnification / ratio / view.scale
      : Math.min(size.width / width, size.height / height);
  stack.zoomBy(factor, center);
  stack.panBy(size.width / 2 - center.x, size.height / 2 - center.y);
}

/** The rectangle of the screen that covers a rectangle of the image, in CSS pixels. */
export function screenBox(
  [left, top, right, bottom]: DisplayedArea['rectangle'],
  { toScreen: { a, b, c, d, e, f } }: Pick<ViewState, 'toScreen'>,
): [left: number, top: number, right: number, bottom: number] {
  const corners = [
    [left, top],
    [right, bottom],
  ].map(([x = 0, y = 0]) => [a * x + c * y + e, b * x + d * y + f]);
  const xs = corners.map(([x = 0]) => x);
  const ys = corners.map(([, y = 0]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
