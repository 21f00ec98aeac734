import { noteOutput } from '../../client/note-output.ts';
import type { WorkSession } from '../session/work-session.ts';
import { compose } from './compose.ts';
import { shownPicture } from './picture.ts';

/**
 * Puts the shown image as it is on the screen, with its texts, onto the clipboard.
 * @throws Error where the browser does not allow it
 */
export async function copyImage(session: WorkSession): Promise<void> {
  const content = { size: 'screen', patient: true, annotations: true } as const;
  const request = shownPicture(session, session.viewer.active, content);
  if (!request) throw new Error('no image is shown');
  // Given as a promise: browsers take the clipboard for the click's own only until the first wait.
  const blob = compose(request).convertToBlob({ type: 'image/png' });
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
  noteOutput(session.viewer.client, 'export', 'images', [request.view.frame.StudyInstanceUID]);
}
