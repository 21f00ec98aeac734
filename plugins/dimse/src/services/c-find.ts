import {
  DIMSE_STATUS,
  type DicomJson,
  type DimseRequest,
  type DimseResponse,
  FilmlessError,
  keywordOf,
  type QueryIndex,
  type QueryLevel,
  type Security,
  strings,
  vrOf,
} from '@filmless/core/plugin';
import type { AssociationService } from './association-service.ts';
import { FIND_SOP_CLASSES, queryLevel } from './query-models.ts';

interface Options {
  query: () => QueryIndex;
  security: Security;
  ownAeTitle: string;
  maxResults: number;
}

/** Rows fetched at a time: the first answers leave early, and C-CANCEL takes effect soon. */
const PAGE_ROWS = 200;
const QUERY_RETRIEVE_LEVEL = '00080052';
const RETRIEVE_AE_TITLE = '00080054';
const INSTANCE_AVAILABILITY = '00080056';
const SPECIFIC_CHARACTER_SET = '00080005';
/** Filled in here, or about the message and not about what is stored. */
const NOT_KEYS: ReadonlySet<string> = new Set([
  SPECIFIC_CHARACTER_SET,
  QUERY_RETRIEVE_LEVEL,
  RETRIEVE_AE_TITLE,
  INSTANCE_AVAILABILITY,
  '00080201',
]);

/** Attributes this node matches above the level of instances; any other key with a value makes responses say so (FF01). */
const MATCHED: ReadonlySet<string> = new Set([
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'PatientBirthDate',
  'PatientBirthTime',
  'PatientSex',
  'OtherPatientIDs',
  'EthnicGroup',
  'PatientComments',
  'StudyInstanceUID',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'StudyID',
  'ReferringPhysicianName',
  'StudyDescription',
  'ProcedureCodeSequence',
  'NameOfPhysiciansReadingStudy',
  'AdmittingDiagnosesDescription',
  'PatientAge',
  'PatientSize',
  'PatientWeight',
  'ModalitiesInStudy',
  'SOPClassesInStudy',
  'SeriesInstanceUID',
  'Modality',
  'SeriesNumber',
  'SeriesDescription',
  'BodyPartExamined',
  'SeriesDate',
  'SeriesTime',
  'ProtocolName',
  'Laterality',
  'InstitutionName',
  'StationName',
  'Manufacturer',
  'ManufacturerModelName',
  'PerformingPhysicianName',
  'OperatorsName',
  'PerformedProcedureStepStartDate',
  'PerformedProcedureStepStartTime',
  'RequestAttributesSequence',
  'SOPInstanceUID',
  'SOPClassUID',
  'InstanceNumber',
]);

/** C-FIND of the query/retrieve information models. @dicom PS3.4 C.4.1 */
export function findService(options: Options): AssociationService {
  return {
    service: 'C-FIND',
    sopClassUIDs: FIND_SOP_CLASSES,
    permission: 'study.search',
    handle: (request) => find(options, request),
  };
}

async function* find(options: Options, request: DimseRequest): AsyncGenerator<DimseResponse> {
  const identifier = request.dataset;
  if (!identifier) throw new FilmlessError('QUERY_LEVEL_INVALID', 'the identifier is missing');
  const level = queryLevel(request.sopClassUID, identifier);
  const keys = Object.fromEntries(
    Object.entries(identifier).filter(([tag]) => !NOT_KEYS.has(tag) && !tag.endsWith('0000')),
  );
  const status = Object.entries(keys).every(
    ([tag, key]) => level === 'IMAGE' || !key.Value?.length || MATCHED.has(keywordOf(tag) ?? ''),
  )
    ? DIMSE_STATUS.Pending
    : DIMSE_STATUS.PendingWarning;
  const scope = options.security.scopeOf(request.calling.identity);
  const characterSet = strings(identifier, 'SpecificCharacterSet');
  for (let offset = 0; offset < options.maxResults; offset += PAGE_ROWS) {
    const limit = Math.min(PAGE_ROWS, options.maxResults - offset);
    // Combined date-time matching is not negotiated, so dates and times match apart. @dicom PS3.4 C.2.2.2.5.4
    const page = { level, keys, include: Object.keys(keys), limit, offset, scope, combinedDateTime: false };
    const rows = await options.query().search(page);
    for (const row of rows) {
      if (request.signal.aborted) return yield { status: DIMSE_STATUS.Cancel };
      yield { status, dataset: responseIdentifier(row, identifier, keys, level, options.ownAeTitle, characterSet) };
    }
    if (rows.length < limit) break;
  }
  yield { status: request.signal.aborted ? DIMSE_STATUS.Cancel : DIMSE_STATUS.Success };
}

/** What was asked for and nothing else; what is not known comes back empty. @dicom PS3.4 C.4.1.1.3.2 */
function responseIdentifier(
  row: DicomJson,
  identifier: DicomJson,
  keys: DicomJson,
  level: QueryLevel,
  ownAeTitle: string,
  characterSet: string[],
): DicomJson {
  const answer: DicomJson = {};
  for (const [tag, key] of Object.entries(keys)) {
    const vr = vrOf(tag) === 'UN' ? key.vr : vrOf(tag);
    answer[tag] = row[tag] ?? { vr };
  }
  answer[QUERY_RETRIEVE_LEVEL] = { vr: 'CS', Value: [level] };
  answer[RETRIEVE_AE_TITLE] = { vr: 'AE', Value: [ownAeTitle] };
  if (identifier[INSTANCE_AVAILABILITY]) answer[INSTANCE_AVAILABILITY] = { vr: 'CS', Value: ['ONLINE'] };
  // The set the peer asked in is one it can read; a device's own, where configured, goes before it.
  if (characterSet.length > 0) answer[SPECIFIC_CHARACTER_SET] = { vr: 'CS', Value: characterSet };
  return answer;
}
