import { Enums, type StackViewport, type Types } from '@cornerstonejs/core';
import type { DisplayWindow, Frame } from '../dicom/frame.ts';
import { add, cross, scale as scaled, type Vector } from '../dicom/vector.ts';
import { windowBounds } from '../dicom/window-presets.ts';
import { asRotation, type Placement } from './placement.ts';

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

/** Puts window and inversion onto a Cornerstone viewport. */
export function applyWindow(
  viewport: StackViewport,
  frame: Frame,
  window: DisplayWindow,
  inverted: boolean,
  cpu: boolean,
): void {
  const properties: Types.StackViewportProperties = {
    voiRange: windowBounds(window, frame.voiFunction === 'LINEAR_EXACT'),
    invert: inverted !== (frame.pixels.photometricInterpretation === 'MONOCHROME1'),
    interpolationType: Enums.InterpolationType.LINEAR,
  };
  viewport.setProperties(properties, true);
  if (cpu) (viewport as unknown as ProcessorViewport).cpuRenderingInvalidated = true;
}
