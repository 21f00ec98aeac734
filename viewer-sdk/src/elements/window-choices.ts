import type { DisplayWindow, Frame } from '../dicom/frame.ts';
import { fullRangeWindow, presetsFor } from '../dicom/window-presets.ts';
import type { ViewState } from '../engine/contract.ts';
import { isMessageKey, type Translate } from '../i18n/index.ts';
import type { PresetChoice } from './toolbar.ts';

/** The windows to choose from for what is shown: the modality's presets, those of the file, the full range. */
export function windowChoices(frame: Frame, range: ViewState['range'], t: Translate): PresetChoice[] {
  if (frame.pixels.samplesPerPixel >= 3 || frame.palette) return [];
  const stored = frame.windows.map(({ center, width, explanation }) => ({
    label: explanation ? t('preset.fileNamed', { name: explanation }) : t('preset.file'),
    center,
    width,
  }));
  const named = presetsFor(frame).map(({ key, center, width }) => {
    const message = `preset.${key}`;
    return { label: isMessageKey(message) ? t(message) : key, center, width };
  });
  return [
    ...stored.slice(0, 1),
    ...named,
    ...stored.slice(1),
    { label: t('preset.full'), ...rounded(fullRangeWindow(range.minimum, range.maximum)) },
  ];
}

function rounded({ center, width }: DisplayWindow): { center: number; width: number } {
  return width < 50 ? { center, width } : { center: Math.round(center), width: Math.round(width) };
}

/**
 * The window after dragging: right is wider, down is brighter. The pace follows the width, so that narrow windows stay steerable.
 * @param deltaX CSS pixels
 */
export function draggedWindow(
  { window, range }: Pick<ViewState, 'window' | 'range'>,
  deltaX: number,
  deltaY: number,
): DisplayWindow {
  const span = Math.max(1e-6, range.maximum - range.minimum);
  const pace = Math.max(window.width / 150, span / 2048);
  const least = span > 50 ? 1 : span / 1000;
  return { center: window.center - deltaY * pace, width: Math.max(least, window.width + deltaX * pace) };
}
