import { multipartParts } from './multipart.ts';
import type { NodeProcess } from './node-process.ts';

interface RetrievedFile {
  file: Buffer;
  transferSyntaxUID: string;
}

/** Files of a study, series or instance over WADO-RS, exactly as stored, by SOP Instance UID. `path` follows `/dicom-web`. */
export async function retrieveAsStored(
  node: Pick<NodeProcess, 'fetch'>,
  path: string,
): Promise<Map<string, RetrievedFile>> {
  const response = await node.fetch(`/dicom-web${path}`, {
    headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
  });
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${body.toString('utf8')}`);
  const parts = multipartParts(response.headers.get('content-type') ?? '', body);
  return new Map(
    parts.map(({ headers, body: file }) => [
      decodeURIComponent(headers['content-location']?.split('/').at(-1) ?? ''),
      { file, transferSyntaxUID: /transfer-syntax="?([0-9.]+)/.exec(headers['content-type'] ?? '')?.[1] ?? '' },
    ]),
  );
}

export interface FoundInstance {
  SOPClassUID: string;
  SOPInstanceUID: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
}

const PAGE = 500;

/** Every instance there is, over QIDO-RS, page by page. */
export async function searchInstances(node: Pick<NodeProcess, 'fetch'>, query = ''): Promise<FoundInstance[]> {
  const found: FoundInstance[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const response = await node.fetch(`/dicom-web/instances?limit=${PAGE}&offset=${offset}${query}`);
    if (response.status === 204) return found;
    if (response.status !== 200) throw new Error(`QIDO answered ${response.status}: ${await response.text()}`);
    const page = (await response.json()) as Record<string, { Value?: string[] }>[];
    const value = (instance: (typeof page)[number], tag: string) => instance[tag]?.Value?.[0] ?? '';
    found.push(
      ...page.map((instance) => ({
        SOPClassUID: value(instance, '00080016'),
        SOPInstanceUID: value(instance, '00080018'),
        StudyInstanceUID: value(instance, '0020000D'),
        SeriesInstanceUID: value(instance, '0020000E'),
      })),
    );
    if (page.length < PAGE) return found;
  }
}
