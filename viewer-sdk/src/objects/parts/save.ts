import { noteOutput } from '../../client/note-output.ts';
import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { objectText } from './texts.ts';

/** Hands a file to the browser's downloads. @param name without patient data: files travel */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Downloads the stored Part 10 object; a failure is told by the viewer. */
export async function saveInstance(instance: ObjectInstance, viewer: ViewerContext): Promise<void> {
  try {
    if (!viewer.client) throw new Error('no server');
    const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = instance;
    const file = await viewer.client.instanceFile(StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, {});
    saveBlob(file, `${SOPInstanceUID}.dcm`);
    noteOutput(viewer.client, 'export', 'images', [StudyInstanceUID]);
  } catch {
    viewer.notify(objectText(viewer.locale, 'downloadFailed'), 'error');
  }
}
