import type { DicomWebClient } from './dicomweb-client.ts';

/**
 * Tells the node what was printed, or saved by the page itself, for its audit log. Other archives have no place for that; what the user did has
 * happened and does not fail by it.
 */
export function noteOutput(
  client: DicomWebClient | undefined,
  what: 'print' | 'export',
  of: 'images' | 'report',
  studies: Iterable<string>,
): void {
  const studyInstanceUids = [...new Set(studies)].filter((uid) => uid !== '');
  if (!client || studyInstanceUids.length === 0) return;
  const body = new Blob([JSON.stringify({ what, of, studyInstanceUids })]);
  client
    .request('/api/outputs', { content: { type: 'application/json', body } }, async () => undefined)
    .catch(() => undefined);
}
