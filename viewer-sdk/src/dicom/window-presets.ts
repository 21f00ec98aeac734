import type { DisplayWindow, Frame } from './frame.ts';

/** A named window. `key` names a message of `i18n/`. */
export interface WindowPreset {
  readonly key: string;
  readonly center: number;
  readonly width: number;
}

/** Windows in Hounsfield units as they are used in reading rooms. */
const CT: readonly WindowPreset[] = [
  { key: 'abdomen', center: 40, width: 400 },
  { key: 'mediastinum', center: 40, width: 350 },
  { key: 'lung', center: -600, width: 1500 },
  { key: 'bone', center: 400, width: 2000 },
  { key: 'brain', center: 35, width: 80 },
  { key: 'stroke', center: 35, width: 40 },
  { key: 'liver', center: 60, width: 160 },
  { key: 'spine', center: 50, width: 350 },
  { key: 'vessels', center: 300, width: 600 },
];

/** The presets that mean something for this frame: Hounsfield windows are for CT images in Hounsfield units alone. */
export function presetsFor(frame: Frame): readonly WindowPreset[] {
  const hounsfield = frame.modality === 'CT' && frame.rescale !== undefined && (frame.rescale.type ?? 'HU') === 'HU';
  return hounsfield && frame.pixels.samplesPerPixel === 1 ? CT : [];
}

/**
 * The window as bounds of the shown range: values at or below `lower` are black, at or above `upper` white.
 * @dicom PS3.3 C.11.2.1.2.1, C.11.2.1.3.2
 */
export function windowBounds(window: DisplayWindow, exact: boolean): { lower: number; upper: number } {
  const { center, width } = window;
  if (exact) return { lower: center - width / 2, upper: center + width / 2 };
  return { lower: center - 0.5 - (width - 1) / 2, upper: center - 0.5 + (width - 1) / 2 };
}

/** A window that shows the whole range of the pixels. */
export function fullRangeWindow(minimum: number, maximum: number): DisplayWindow {
  return { center: (minimum + maximum + 1) / 2, width: Math.max(1, maximum - minimum + 1) };
}
