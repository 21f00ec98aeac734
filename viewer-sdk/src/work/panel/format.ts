import { formatDate, formatTime } from '../../dicom/format.ts';
import type { ImageReference, ViewerContext } from '../../extension/contract.ts';
import { workText } from '../texts.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** An ISO time as the user's clock has it: 2026-01-02 10:11. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** DA and TM together. */
export const dicomTime = (date: string, time: string): string => `${formatDate(date)} ${formatTime(time)}`.trim();

/** Shows an image that work refers to; says so when it is not there. */
export async function showReference(viewer: ViewerContext, reference: ImageReference): Promise<void> {
  const cell = await viewer.goTo(reference).catch(() => undefined);
  if (!cell) viewer.notify(workText(viewer.locale, 'kept.gone'), 'error');
}
