import {
  type DicomJson,
  type DicomJsonElement,
  FilmlessError,
  firstString,
  type HttpReply,
  type HttpRequest,
  type QueryLevel,
  type QueryRequest,
  tagOf,
} from '@filmless/core/plugin';
import { type Dicomweb, instancePath, seriesPath, serviceUrl, studyPath } from '../context.ts';
import { acceptedMedia, chooseMedia } from '../media/accept.ts';
import { datasetReply } from '../media/dataset-reply.ts';
import { parseSearchParameters } from './query-parameters.ts';

const STUDY_ATTRIBUTES = [
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'ModalitiesInStudy',
  'ReferringPhysicianName',
  'TimezoneOffsetFromUTC',
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyInstanceUID',
  'StudyID',
  'NumberOfStudyRelatedSeries',
  'NumberOfStudyRelatedInstances',
];
const SERIES_ATTRIBUTES = [
  'Modality',
  'TimezoneOffsetFromUTC',
  'SeriesDescription',
  'SeriesInstanceUID',
  'SeriesNumber',
  'NumberOfSeriesRelatedInstances',
  'PerformedProcedureStepStartDate',
  'PerformedProcedureStepStartTime',
  'RequestAttributesSequence',
];
const INSTANCE_ATTRIBUTES = [
  'SOPClassUID',
  'SOPInstanceUID',
  'TimezoneOffsetFromUTC',
  'InstanceNumber',
  'Rows',
  'Columns',
  'BitsAllocated',
  'NumberOfFrames',
];

/** @dicom PS3.18 Tables 10.6.3-3, -4, -5: what a match carries besides what the client asks for. */
function requiredAttributes(level: QueryLevel, within: Readonly<Record<string, string>>): string[] {
  const names =
    level === 'IMAGE' ? [...INSTANCE_ATTRIBUTES] : level === 'SERIES' ? [...SERIES_ATTRIBUTES] : [...STUDY_ATTRIBUTES];
  if (level === 'IMAGE' && within['series'] === undefined) names.push(...SERIES_ATTRIBUTES);
  if (level !== 'STUDY' && within['study'] === undefined) names.push(...STUDY_ATTRIBUTES);
  return names.map(tagOf);
}

/** QIDO-RS. Nothing found is an empty list with status 200: our choice, what clients expect. @dicom PS3.18 10.6 */
export async function search(web: Dicomweb, level: QueryLevel, request: HttpRequest): Promise<HttpReply> {
  const media = chooseMedia(acceptedMedia(request), [
    { packaging: 'single', mediaType: 'application/dicom+json' },
    { packaging: 'single', mediaType: 'application/json' },
    { packaging: 'multipart', mediaType: 'application/dicom+xml' },
  ]);
  const parameters = parseSearchParameters(request.query);
  const { maxResults } = web.plugin.config;
  const limit = Math.min(parameters.limit ?? maxResults, maxResults);
  const query: QueryRequest = {
    level,
    keys: { ...parameters.keys, ...keysOfPath(request.params, parameters.keys) },
    include:
      parameters.include === 'all'
        ? 'all'
        : [...new Set([...requiredAttributes(level, request.params), ...parameters.include])],
    fuzzyMatching: parameters.fuzzyMatching,
    // One more tells whether there are more.
    limit: limit + 1,
    offset: parameters.offset,
    scope: request.scope,
  };
  const found = limit === 0 ? [] : await web.plugin.query.search(query);
  const headers: Record<string, string> = {};
  if (found.length > limit) {
    found.length = limit;
    const remaining = (await web.plugin.query.count(query)) - parameters.offset - limit;
    headers['warning'] =
      `299 ${serviceUrl(web, request)}: "There are ${remaining} additional results that can be requested"`;
  }
  const base = serviceUrl(web, request);
  for (const match of found) describeAccess(match, level, base, request.params);
  return datasetReply(found, media, headers);
}

function keysOfPath(
  params: Readonly<Record<string, string>>,
  keys: Readonly<Record<string, DicomJsonElement>>,
): Record<string, DicomJsonElement> {
  const fixed: Record<string, DicomJsonElement> = {};
  const study = params['study'];
  const series = params['series'];
  if (study !== undefined) fixed[tagOf('StudyInstanceUID')] = { vr: 'UI', Value: [study] };
  if (series !== undefined) fixed[tagOf('SeriesInstanceUID')] = { vr: 'UI', Value: [series] };
  for (const [tag, { Value: value }] of Object.entries(fixed)) {
    const asked = keys[tag]?.Value;
    if (asked && asked.length > 0 && !asked.includes(value![0]!))
      throw new FilmlessError('INVALID_REQUEST', `${tag} differs from the path`);
  }
  return fixed;
}

/** Adds Retrieve URL and Instance Availability. @dicom PS3.18 10.6.3.3 */
function describeAccess(
  match: DicomJson,
  level: QueryLevel,
  base: string,
  within: Readonly<Record<string, string>>,
): void {
  const StudyInstanceUID = firstString(match, 'StudyInstanceUID') ?? within['study'] ?? '';
  const SeriesInstanceUID = firstString(match, 'SeriesInstanceUID') ?? within['series'] ?? '';
  const SOPInstanceUID = firstString(match, 'SOPInstanceUID') ?? '';
  const uids = { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID };
  const path = level === 'IMAGE' ? instancePath(uids) : level === 'SERIES' ? seriesPath(uids) : studyPath(uids);
  match[tagOf('RetrieveURL')] = { vr: 'UR', Value: [`${base}${path}`] };
  match[tagOf('InstanceAvailability')] ??= { vr: 'CS', Value: ['ONLINE'] };
}
