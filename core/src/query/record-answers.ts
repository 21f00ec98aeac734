import type { InstanceRecord } from '../catalogue/contract.ts';
import type { DicomJson } from '../dicom/types.ts';
import { QUERY_FIELDS } from './query-fields.ts';
import type { ParsedQuery } from './query-request.ts';

const SOP_INSTANCE_UID = '00080018';
const AT_ONCE = 500;

/** Completes answers at IMAGE level with what the instances' own headers say, except bulk data. */
export async function addFromRecord(
  query: ParsedQuery,
  answers: DicomJson[],
  fetchRecords: (SOPInstanceUIDs: readonly string[]) => Promise<(InstanceRecord | undefined)[]>,
): Promise<DicomJson[]> {
  for (let start = 0; start < answers.length; start += AT_ONCE) {
    const some = answers.slice(start, start + AT_ONCE);
    const records = await fetchRecords(some.map(uidOf));
    for (const [index, answer] of some.entries()) {
      const dataset = records[index]?.dataset;
      if (dataset === undefined) continue;
      for (const tag of query.all ? Object.keys(dataset) : query.answers.keys()) {
        const element = dataset[tag];
        // What the index knows stays as it answered: the key was matched with it.
        if (element === undefined || element.BulkDataURI !== undefined || QUERY_FIELDS.has(tag)) continue;
        answer[tag] = element;
      }
    }
  }
  return answers;
}

function uidOf(answer: DicomJson): string {
  const uid = answer[SOP_INSTANCE_UID]?.Value?.[0];
  return typeof uid === 'string' ? uid : '';
}
