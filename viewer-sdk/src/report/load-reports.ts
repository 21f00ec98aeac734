import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { type JsonDataset, text } from '../dicom/json.ts';
import { ViewerError } from '../errors.ts';
import { isClass, isStructuredReport, SOP } from '../objects/kinds.ts';
import { textOf } from '../objects/parts/dataset.ts';
import { readTree } from '../objects/sr/tree.ts';
import { samePatient } from '../session/identity.ts';
import { readSeries, type StudySummary } from '../session/summaries.ts';
import { type ObjectReport, readServerReports, type StudyReport } from './model.ts';

const MODALITIES = new Set(['SR', 'DOC', 'KO', 'OT']);
const KEY_OBJECTS = '1.2.840.10008.5.1.4.1.1.88.59';
/** Structured reports that are no reports for a reader: doses, logs, and measurements, which the images show. */
const NOT_READ = new Set(['126000', '113701', '121181', '121180']);

/**
 * The reports of a study: those that the server keeps first, then those among its objects, newest first.
 * @param patient whose they must be
 * @throws ViewerError when neither can be read
 */
export async function loadReports(
  client: DicomWebClient,
  { StudyInstanceUID: study, patientId }: StudySummary,
  patient: string | undefined,
  signal: AbortSignal,
): Promise<StudyReport[]> {
  const [kept, objects] = await Promise.allSettled([
    serverReports(client, study, patientId, signal),
    objectReports(client, study, patient, signal),
  ]);
  if (objects.status === 'rejected') throw objects.reason;
  // Whoever may see the study may not be allowed to read its report: then there is none to show.
  return [...(kept.status === 'fulfilled' ? kept.value : []), ...objects.value];
}

/** A server without reports of its own answers 404: there are none then. */
async function serverReports(
  client: DicomWebClient,
  study: string,
  patientId: string,
  signal: AbortSignal,
): Promise<StudyReport[]> {
  const path = `/api/reports?study=${encodeURIComponent(study)}`;
  const answer = await client.request(
    path,
    { accept: 'application/json', signal, alsoRead: [404] },
    async (response) => {
      if (!response.ok || response.status === 204) {
        await response.body?.cancel();
        return undefined;
      }
      return (await response.json()) as unknown;
    },
  );
  return readServerReports(answer, study, patientId);
}

async function objectReports(
  client: DicomWebClient,
  study: string,
  patient: string | undefined,
  signal: AbortSignal,
): Promise<ObjectReport[]> {
  const series = (await client.searchSeries(study, { signal })).map(readSeries).filter((one) => one !== undefined);
  const holding = series.filter(({ modality }) => MODALITIES.has(modality));
  const reports: ObjectReport[] = [];
  for (const { SeriesInstanceUID } of holding) {
    for (const dataset of await client.seriesMetadata(study, SeriesInstanceUID, { signal })) {
      if (text(dataset, 'StudyInstanceUID') !== study)
        throw new ViewerError('VIEWER_IDENTITY_MISMATCH', 'StudyInstanceUID');
      if (patient !== undefined && !samePatient(text(dataset, 'PatientID') ?? '', patient))
        throw new ViewerError('VIEWER_PATIENT_MISMATCH');
      const report = readObject(dataset);
      if (report) reports.push(report);
    }
  }
  return reports.sort(
    (a, b) =>
      Number(a.kind === 'keys') - Number(b.kind === 'keys') || `${b.date}${b.time}`.localeCompare(`${a.date}${a.time}`),
  );
}

const isDocument = isClass(SOP.pdf);

function readObject(dataset: JsonDataset): ObjectReport | undefined {
  const common = {
    type: 'object',
    id: text(dataset, 'SOPInstanceUID') ?? '',
    date: text(dataset, 'ContentDate') ?? text(dataset, 'SeriesDate') ?? '',
    time: text(dataset, 'ContentTime') ?? '',
    dataset,
  } as const;
  if (isDocument(dataset)) return { ...common, kind: 'document', title: textOf(dataset, 'DocumentTitle') ?? '' };
  const { concept } = readTree(dataset);
  const title = concept?.meaning ?? '';
  if (text(dataset, 'SOPClassUID') === KEY_OBJECTS) return { ...common, kind: 'keys', title };
  if (!isStructuredReport(dataset) || NOT_READ.has(concept?.value ?? '')) return undefined;
  return { ...common, kind: 'structured', title };
}
