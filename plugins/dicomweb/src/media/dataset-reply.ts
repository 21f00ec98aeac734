import type { DicomJson, HttpReply } from '@filmless/core/plugin';
import { datasetToXml } from './dicom-xml.ts';
import { multipartReply, type Part } from './multipart.ts';

/** Data sets as one JSON array, or as multipart/related with one XML document each. @dicom PS3.18 8.7.3.2 */
export function datasetReply(
  datasets: readonly DicomJson[],
  media: { mediaType: string },
  headers: Record<string, string> = {},
): HttpReply {
  if (media.mediaType === 'application/dicom+xml')
    return multipartReply('application/dicom+xml', datasets.map(xmlPart), { headers });
  return { status: 200, headers: { 'content-type': media.mediaType, ...headers }, body: JSON.stringify(datasets) };
}

export function xmlPart(dataset: DicomJson): Part {
  const document = Buffer.from(datasetToXml(dataset), 'utf8');
  return {
    headers: { 'Content-Type': 'application/dicom+xml; charset=utf-8' },
    sizeBytes: document.length,
    body: () => [document],
  };
}
