import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { text } from '../dicom/json.ts';

/** More files than this are not thrown at the browser's download list at once. */
const MOST_FILES = 200;

/** Saves the objects of a series as DICOM files, one after another. */
export async function downloadSeries(
  client: DicomWebClient,
  study: string,
  series: string,
  document: Document,
): Promise<void> {
  const { signal } = new AbortController();
  const instances = await client.searchInstances(study, series, { signal });
  for (const instance of instances.slice(0, MOST_FILES)) {
    const uid = text(instance, 'SOPInstanceUID');
    if (uid === undefined) continue;
    const blob = await client.instanceFile(study, series, uid, { signal });
    const url = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = url;
    link.download = `${uid}.dcm`;
    link.click();
    // The browser has taken the blob by then.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}
