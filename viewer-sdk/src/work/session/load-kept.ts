import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import { PRIORITY } from '../../client/request-queue.ts';
import { type JsonDataset, text } from '../../dicom/json.ts';
import { readSeries } from '../../session/summaries.ts';
import { KEPT_MODALITIES, type KeptObject, readKept } from '../read/index.ts';

export interface LoadedWork {
  readonly objects: readonly KeptObject[];
  /** By SOP Instance UID. */
  readonly datasets: ReadonlyMap<string, JsonDataset>;
  /** Series of the study, to check references by. */
  readonly series: ReadonlySet<string>;
}

/** More series of reports than this are no reports of a reader; the newest come first. */
const MOST_SERIES = 200;
/** As many are asked for at once: the images come first. */
const AT_ONCE = 3;

/** Reads all work that a study holds. @throws ViewerError when the server does not give it */
export async function loadKept(client: DicomWebClient, study: string, signal: AbortSignal): Promise<LoadedWork> {
  const options = { signal, ticket: { priority: PRIORITY.soon } };
  const series = (await client.searchSeries(study, options)).map(readSeries).filter((one) => one !== undefined);
  const holding = series.filter(({ modality }) => KEPT_MODALITIES.has(modality)).slice(-MOST_SERIES);
  const datasets = new Map<string, JsonDataset>();
  const objects: KeptObject[] = [];
  const waiting = holding.map(({ SeriesInstanceUID }) => SeriesInstanceUID);
  const run = async (): Promise<void> => {
    for (let uid = waiting.shift(); uid !== undefined; uid = waiting.shift()) {
      for (const dataset of await client.seriesMetadata(study, uid, options)) {
        // What the server sends from elsewhere is not this study's work.
        if (text(dataset, 'StudyInstanceUID') !== study) continue;
        const object = readKept(dataset);
        if (!object) continue;
        objects.push(object);
        datasets.set(object.SOPInstanceUID, dataset);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  return { objects, datasets, series: new Set(series.map(({ SeriesInstanceUID }) => SeriesInstanceUID)) };
}
