import type { SVGTemplateResult } from 'lit';
import type { Frame } from '../../dicom/frame.ts';
import type { ImageReference } from '../../extension/contract.ts';
import type { Affine } from './geometry.ts';

/** A segment or a structure. */
export interface OverlayPart {
  /** Unique within its object. */
  readonly key: string;
  readonly label: string;
  /** What it is, where the label does not say. */
  readonly kind: string;
  /** `#rrggbb` */
  readonly colour: string;
}

/** A segmentation or a structure set that is laid over images. */
export interface LoadedOverlay {
  readonly id: string;
  readonly study: string;
  readonly label: string;
  readonly parts: readonly OverlayPart[];
  /** The image in the middle of a part, to look at it; without a part, any image it lies on. */
  middle(part?: OverlayPart): ImageReference | undefined;
  /**
   * What a part covers of a frame, in CSS pixels of the cell.
   * @param changed called when more can be drawn than now
   */
  draw(frame: Frame, part: OverlayPart, toScreen: Affine, changed: () => void): SVGTemplateResult | undefined;
  dispose(): void;
}
