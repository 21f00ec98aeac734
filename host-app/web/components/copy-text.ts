import { t } from '../i18n/index.ts';
import { notifyDone } from './notify.ts';

/** Copies, and says so. Not over a plain line: browsers refuse it there, and the text can be selected by hand. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notifyDone(t.security.keyCopied);
  } catch {
    // Nothing is told: nothing was copied, and the text stands there.
  }
}
