import type { Types } from '@cornerstonejs/core';
import type { DisplayWindow, Frame } from '../dicom/frame.ts';
import { LINEAR, type Presentation, type ToneCurve, voiTone } from '../dicom/tone-curve.ts';
import { fullRangeWindow } from '../dicom/window-presets.ts';
import { factsOf } from './image-facts.ts';

/** Window, curve and inversion of one view: what the user chose, else what the shown file has. */
export class ViewPresentation {
  window: DisplayWindow | undefined;
  tone: ToneCurve | undefined;
  inverted = false;
  #fullRange: DisplayWindow | undefined;

  /** As the files have it. */
  reset(): void {
    this.window = undefined;
    this.tone = undefined;
    this.inverted = false;
  }

  /** Another series: nothing of the last one's range counts. */
  restart(): void {
    this.reset();
    this.#fullRange = undefined;
  }

  currentWindow(frame: Frame, image: Types.IImage): DisplayWindow {
    if (this.window) return this.window;
    if (image.color) return { center: 128, width: 256 };
    const { ownWindow, voiTables, range } = factsOf(image);
    const own = ownWindow ?? frame.windows[0] ?? voiTables[0]?.window;
    if (own) return own;
    // Without a window in the file, the first image's range serves the whole series: neighbours stay comparable.
    this.#fullRange ??= fullRangeWindow(range.minimum, range.maximum);
    return this.#fullRange;
  }

  currentTone(frame: Frame, image: Types.IImage): ToneCurve {
    if (image.color) return LINEAR;
    if (this.tone) return this.tone;
    const { ownWindow, voiTables } = factsOf(image);
    // The file's curves are for its own values, not for their differences.
    if (ownWindow) return LINEAR;
    // Our choice where a file brings both: its first window. @dicom PS3.3 C.11.2.1.1
    if (frame.windows.length === 0) return voiTables[0]?.tone ?? LINEAR;
    return voiTone(frame.voiFunction);
  }

  of(frame: Frame, image: Types.IImage): Presentation {
    return {
      window: this.currentWindow(frame, image),
      tone: this.currentTone(frame, image),
      inverted: this.inverted !== (frame.pixels.photometricInterpretation === 'MONOCHROME1'),
      padding: factsOf(image).padding,
    };
  }
}
