import type { DicomJson, DicomJsonElement, DicomJsonValue, InstanceRecord } from '@filmless/core/plugin';
import { instancePath } from '../context.ts';

const AVAILABLE_TRANSFER_SYNTAX_UID = '00083002';

/**
 * The data set of an instance as WADO-RS metadata: BulkDataURIs made fetchable, and Available Transfer Syntax UID (0008,3002) added so that
 * a viewer knows what frames as stored are.
 * @dicom PS3.18 10.4.1.1.2
 */
export function instanceMetadata(record: InstanceRecord, bulkDataRoot: string): DicomJson {
  const root = `${bulkDataRoot}${instancePath(record)}/bulkdata/`;
  const dataset = withBulkDataUris(record.dataset, root);
  dataset[AVAILABLE_TRANSFER_SYNTAX_UID] = { vr: 'UI', Value: [record.transferSyntaxUID] };
  return dataset;
}

/** Copies only what changes: elements without bulk data below them are shared with the record. */
function withBulkDataUris(dataset: DicomJson, root: string): DicomJson {
  const copy: DicomJson = {};
  for (const [tag, element] of Object.entries(dataset)) copy[tag] = elementWithUris(element, root);
  return copy;
}

function elementWithUris(element: DicomJsonElement, root: string): DicomJsonElement {
  if (element.BulkDataURI !== undefined) return { ...element, BulkDataURI: root + element.BulkDataURI };
  if (element.vr !== 'SQ' || element.Value === undefined) return element;
  return { ...element, Value: element.Value.map((item) => (isDataset(item) ? withBulkDataUris(item, root) : item)) };
}

function isDataset(value: DicomJsonValue): value is DicomJson {
  return typeof value === 'object' && value !== null;
}
