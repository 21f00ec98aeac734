import { Enums, type StackViewport } from '@cornerstonejs/core';
import type { Frame } from '../dicom/frame.ts';
import type { Presentation } from '../dicom/tone-curve.ts';
import { add, cross, scale as scaled, type Vector } from '../dicom/vector.ts';
import { asRotation, type Placement } from './placement.ts';
import { TransferFunctions } from './transfer-function.ts';

/** How far the camera stands from the picture; parallel projection makes it meaningless but for the clipping planes. */
const CAMERA_DISTANCE = 1000;

/** The size of a pixel in Cornerstone's world for this frame. */
export function pixelSize(frame: Frame): { width: number; height: number } {
  return { width: frame.spacing?.columnMm ?? frame.pixelAspect, height: frame.spacing?.rowMm ?? 1 };
}

/** The parts of Cornerstone's processor fallback that hold its view; the public methods round and accumulate. */
interface ProcessorViewport {
  _cpuFallbackEnabledElement: {
    viewport: {
      scale: number;
      translation: { x: number; y: number };
      rotation: number;
      hflip: boolean;
      vflip: boolean;
      filmless?: Presentation;
    };
  };
  cpuRenderingInvalidated: boolean;
}

/**
 * Puts a placement onto a Cornerstone viewport absolutely, whatever its state was before.
 * @param scale CSS pixels per world unit
 */
export function applyPlacement(
  viewport: StackViewport,
  frame: Frame,
  placement: Placement,
  scale: number,
  cpu: boolean,
): void {
  const { turn, center } = placement;
  const pixel = pixelSize(frame);
  if (cpu) {
    const internal = viewport as unknown as ProcessorViewport;
    const view = internal._cpuFallbackEnabledElement.viewport;
    const { canvas } = viewport;
    const { degrees, mirrored } = asRotation(turn);
    const offset = [center[0] - frame.pixels.columns / 2, center[1] - frame.pixels.rows / 2] as const;
    // Its scale counts canvas pixels to the smaller side of an image pixel.
    view.scale = scale * Math.min(pixel.width, pixel.height) * (canvas.width / Math.max(1, canvas.clientWidth));
    view.translation.x = -(offset[0] * turn.right[0] + offset[1] * turn.right[1]);
    view.translation.y = -(offset[0] * turn.down[0] + offset[1] * turn.down[1]);
    view.rotation = degrees;
    view.hflip = mirrored;
    view.vflip = false;
    internal.cpuRenderingInvalidated = true;
    viewport.setCamera({});
    return;
  }
  const row: Vector = frame.plane?.row ?? [1, 0, 0];
  const column: Vector = frame.plane?.column ?? [0, 1, 0];
  const origin: Vector = frame.plane?.position ?? [0, 0, 0];
  const right = add(scaled(row, turn.right[0]), scaled(column, turn.right[1]));
  const up = scaled(add(scaled(row, turn.down[0]), scaled(column, turn.down[1])), -1);
  const towardsViewer = cross(right, up);
  // Positions count from the middle of the first pixel, ours from its corner.
  const focalPoint = add(
    origin,
    add(scaled(row, (center[0] - 0.5) * pixel.width), scaled(column, (center[1] - 0.5) * pixel.height)),
  );
  viewport.setCamera({
    viewPlaneNormal: [...towardsViewer],
    viewUp: [...up],
    focalPoint: [...focalPoint],
    position: [...add(focalPoint, scaled(towardsViewer, CAMERA_DISTANCE))],
    parallelScale: viewport.element.clientHeight / 2 / scale,
    clippingRange: [CAMERA_DISTANCE / 2, CAMERA_DISTANCE * 1.5],
  });
}

/** Puts window, curve and inversion onto a Cornerstone viewport. */
export class PresentationAdapter {
  readonly #functions = new TransferFunctions();
  #processor: Presentation | undefined;

  apply(viewport: StackViewport, presentation: Presentation, cpu: boolean): void {
    if (cpu) {
      const internal = viewport as unknown as ProcessorViewport;
      const same = this.#processor && samePresentation(this.#processor, presentation);
      // One object as long as nothing changes: the picture is kept by it.
      if (!same) this.#processor = presentation;
      if (this.#processor) internal._cpuFallbackEnabledElement.viewport.filmless = this.#processor;
      viewport.setProperties({ interpolationType: Enums.InterpolationType.LINEAR }, true);
      internal.cpuRenderingInvalidated = true;
      return;
    }
    viewport.setProperties({ interpolationType: Enums.InterpolationType.LINEAR }, true);
    const actor = viewport.getDefaultActor()?.actor;
    if (actor) this.#functions.apply(actor as unknown as Parameters<TransferFunctions['apply']>[0], presentation);
  }
}

export function samePresentation(a: Presentation, b: Presentation): boolean {
  return (
    a.window.center === b.window.center &&
    a.window.width === b.window.width &&
    a.tone === b.tone &&
    a.inverted === b.inverted &&
    a.padding?.lowest === b.padding?.lowest &&
    a.padding?.highest === b.padding?.highest
  );
}
