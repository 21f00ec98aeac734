import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { PRIORITY } from '../client/request-queue.ts';
import { isImageDataset, numberOfFrames } from '../dicom/frame.ts';
import { type JsonDataset, number, text } from '../dicom/json.ts';
import { isImageModality } from '../dicom/series-kind.ts';
import { type Candidate, describeCandidate, hasSingleViews } from './candidate.ts';

/** Studies with more series than this are laid out by the first ones: nobody hangs the fiftieth. */
const MOST_SERIES = 48;

/** Describes the series, or images, of studies for hanging. @param studies UIDs, the study itself first, then earlier ones, newest first */
export async function loadCandidates(
  client: DicomWebClient,
  studies: readonly string[],
  signal: AbortSignal,
): Promise<Candidate[]> {
  const ofStudies = studies.map(async (study, prior) => {
    const series = await client.searchSeries(study, { signal, ticket: { priority: PRIORITY.soon } });
    const images = series.filter((each) => isImageModality(text(each, 'Modality') ?? '')).slice(0, MOST_SERIES);
    return (await Promise.all(images.map((each) => ofSeries(client, study, each, prior, signal)))).flat();
  });
  return (await Promise.all(ofStudies)).flat();
}

async function ofSeries(
  client: DicomWebClient,
  study: string,
  found: JsonDataset,
  prior: number,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const series = text(found, 'SeriesInstanceUID');
  if (!series) return [];
  const options = { signal, ticket: { priority: PRIORITY.soon } };
  if (hasSingleViews(text(found, 'Modality') ?? '')) {
    const instances = await client.seriesMetadata(study, series, options);
    return instances
      .filter((dataset) => belongs(dataset, study, series) && isImageDataset(dataset))
      .map((dataset) => describeCandidate(dataset, { prior, slices: numberOfFrames(dataset), single: true }));
  }
  // One instance tells how the series is cut.
  const [first] = await client.searchInstances(study, series, options, 1);
  const instance = text(first, 'SOPInstanceUID');
  if (!instance) return [];
  const dataset = await client.instanceMetadata(study, series, instance, options);
  if (!belongs(dataset, study, series)) return [];
  const slices = Math.max(number(found, 'NumberOfSeriesRelatedInstances') ?? 1, numberOfFrames(dataset));
  return [describeCandidate(dataset, { prior, slices, single: false })];
}

function belongs(dataset: JsonDataset, study: string, series: string): boolean {
  return text(dataset, 'StudyInstanceUID') === study && text(dataset, 'SeriesInstanceUID') === series;
}
