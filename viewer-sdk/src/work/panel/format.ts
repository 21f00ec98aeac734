import type { ImageReference, ViewerContext } from '../../extension/contract.ts';
import { workText } from '../texts.ts';

/** Shows an image that work refers to; says so when it is not there. */
export async function showReference(viewer: ViewerContext, reference: ImageReference): Promise<void> {
  const cell = await viewer.goTo(reference).catch(() => undefined);
  if (!cell) viewer.notify(workText(viewer.locale, 'kept.gone'), 'error');
}
