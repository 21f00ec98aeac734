import type { AccessScope, HttpReply, HttpRequest, InstanceLocator, SeriesRow, StudyRow } from '@filmless/core/plugin';
import type { Bundle, Coding, ImagingStudy, ImagingStudySeries } from '@medplum/fhirtypes';
import { ofPerson, within } from './access.ts';
import { accessionIdentifier, baseOf, type Fhir, studyIdentifier, UID_SYSTEM } from './context.ts';
import { type DateCriterion, fhirDateTime, fhirInstant } from './dates.ts';
import { isFhirId } from './ids.ts';
import { FhirError, notFound } from './outcome.ts';
import { PATIENT_CRITERIA, patientCriteria } from './patient-criterion.ts';
import { People } from './people.ts';
import { contentVersion } from './reply.ts';
import { Search, searchset, token } from './search.ts';
import { readableOrder } from './service-request.ts';

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const UID = /^[0-9.]{1,64}$/;
const NOTHING: AccessScope = { kind: 'none' };
const ENDPOINT = 'dicomweb';

export const STUDY_PARAMETERS = ['_id', 'identifier', 'started', 'modality', 'status', ...PATIENT_CRITERIA] as const;

const modality = (code: string): Coding => ({ system: DCM, code });
const identifierOf = ({ PatientID: id, IssuerOfPatientID: issuer }: StudyRow) => ({ id, issuer });

/** The UID of a study from its own, `urn:oid:` or the id of its resource. */
export const uidOf = (text: string): string => text.replace(/^urn:oid:/, '');

/** @throws FhirError when it is not there, not to be seen, or when the same UID came for several patients: then it is nobody's for certain. */
export async function readStudy(
  fhir: Fhir,
  request: HttpRequest,
  id: string,
): Promise<{ resource: ImagingStudy; told: HttpReply['audit'] }> {
  if (!UID.test(id)) throw notFound();
  const { scope } = request;
  const found = await fhir.services.query.study(id, scope);
  if (!found) throw notFound();
  if (found.sameUid)
    throw new FhirError(409, 'conflict', 'the Study Instance UID came for several patients; ask with DICOMweb');
  const instances = await fhir.services.query.instances({ StudyInstanceUID: id, scope });
  const resource = await toStudy(fhir, new People(fhir, scope), scope, found.study, found.series, instances);
  return { resource, told: { action: 'open', patientId: found.study.PatientID, studyInstanceUid: id } };
}

export async function searchStudies(fhir: Fhir, request: HttpRequest): Promise<Bundle> {
  const search = await Search.of(request, STUDY_PARAMETERS);
  const people = new People(fhir, request.scope);
  const base = baseOf(request);
  const { query } = fhir.services;
  let scope: AccessScope = request.scope;
  for (const identifiers of await patientCriteria(fhir, people, search, base))
    scope = within(scope, ofPerson(identifiers));
  for (const values of [...search.all('_id')]) scope = within(scope, { kind: 'studies', studyInstanceUids: values });
  for (const values of search.all('identifier'))
    scope = within(scope, { kind: 'any-of', scopes: values.map((value) => byIdentifier(fhir, value)) });
  // Every study here can be opened.
  if (search.all('status').some((values) => !values.some((value) => token(value).value === 'available')))
    scope = NOTHING;
  const studyDate = dateRange(search.dates('started'));
  const [modalities, ...more] = search.all('modality').map((values) => values.map((value) => modalityOf(value)));
  if (more.length > 0) throw new FhirError(400, 'not-supported', 'modality: once, with a list');
  const { total, items } =
    studyDate === null
      ? { total: 0, items: [] }
      : await query.studies({
          orderBy: '-StudyDate',
          limit: search.countOnly ? 0 : search.count,
          offset: search.offset,
          scope,
          ...(studyDate ? { studyDate } : {}),
          ...(modalities ? { modalities } : {}),
        });
  const resources = await Promise.all(
    items.map(async (row) => {
      // One UID may have come for two patients: the series of this row alone.
      const own = row.PatientID === '' ? scope : within(request.scope, ofPerson([identifierOf(row)]));
      const found = await query.study(row.StudyInstanceUID, own);
      return toStudy(fhir, people, request.scope, row, found?.series ?? []);
    }),
  );
  return searchset(base, 'ImagingStudy', search, { total, resources });
}

/** Where the images are: this node. */
export function dicomwebEndpoint(origin: string) {
  return {
    resourceType: 'Endpoint' as const,
    id: ENDPOINT,
    status: 'active' as const,
    connectionType: { system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type', code: 'dicom-wado-rs' },
    payloadType: [{ coding: [{ system: 'http://hl7.org/fhir/resource-types', code: 'ImagingStudy' }] }],
    payloadMimeType: ['application/dicom', 'application/dicom+json'],
    address: `${origin}/dicom-web`,
  };
}

async function toStudy(
  fhir: Fhir,
  people: People,
  scope: AccessScope,
  row: StudyRow,
  series: readonly SeriesRow[],
  instances?: readonly InstanceLocator[],
): Promise<ImagingStudy> {
  const started = fhirDateTime(row.StudyDate, row.StudyTime);
  const order = row.AccessionNumber === '' ? undefined : await readableOrder(fhir, people, scope, row.AccessionNumber);
  const mine =
    order && order.patient.id === row.PatientID && (await fhir.ids.encode([order.system, order.placerNumber]));
  const lastUpdated = fhirInstant(row.receivedAt);
  const study: ImagingStudy = {
    resourceType: 'ImagingStudy',
    ...(isFhirId(row.StudyInstanceUID) ? { id: row.StudyInstanceUID } : {}),
    identifier: [
      studyIdentifier(row.StudyInstanceUID),
      ...(row.AccessionNumber === '' ? [] : [accessionIdentifier(fhir, row.AccessionNumber)]),
    ],
    status: 'available',
    ...(row.modalities.length > 0 ? { modality: row.modalities.map(modality) } : {}),
    subject: await people.reference(identifierOf(row), row.PatientName),
    ...(started ? { started } : {}),
    ...(mine ? { basedOn: [{ reference: `ServiceRequest/${mine}` }] } : {}),
    ...(row.ReferringPhysicianName === '' ? {} : { referrer: { display: row.ReferringPhysicianName } }),
    endpoint: [{ reference: `Endpoint/${ENDPOINT}` }],
    numberOfSeries: row.seriesCount,
    numberOfInstances: row.instanceCount,
    ...(row.StudyDescription === '' ? {} : { description: row.StudyDescription }),
    ...(series.length > 0 ? { series: series.map((one) => toSeries(one, instances)) } : {}),
  };
  const meta = {
    versionId: contentVersion({ ...study, instances: instances?.map(({ SOPInstanceUID }) => SOPInstanceUID) ?? [] }),
    ...(lastUpdated ? { lastUpdated } : {}),
    // A list names series alone: 500 slices of each study are for whoever opens it.
    ...(instances
      ? {}
      : { tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }] }),
  };
  return { ...study, meta };
}

function toSeries(row: SeriesRow, instances: readonly InstanceLocator[] | undefined): ImagingStudySeries {
  const started = fhirDateTime(row.SeriesDate, row.SeriesTime);
  const own = instances?.filter(({ SeriesInstanceUID }) => SeriesInstanceUID === row.SeriesInstanceUID) ?? [];
  const number = (value: number | null) => (value !== null && value >= 0 && value < 2 ** 31 ? { number: value } : {});
  return {
    uid: row.SeriesInstanceUID,
    ...number(row.SeriesNumber),
    modality: modality(row.Modality === '' ? 'OT' : row.Modality),
    ...(row.SeriesDescription === '' ? {} : { description: row.SeriesDescription }),
    numberOfInstances: row.instanceCount,
    ...(row.BodyPartExamined === '' ? {} : { bodySite: { display: row.BodyPartExamined } }),
    ...(started ? { started } : {}),
    ...(own.length === 0
      ? {}
      : {
          instance: own.map((one) => ({
            uid: one.SOPInstanceUID,
            sopClass: { system: 'urn:ietf:rfc:3986', code: `urn:oid:${one.SOPClassUID}` },
            ...number(one.InstanceNumber),
          })),
        }),
  };
}

function byIdentifier({ config }: Fhir, text: string): AccessScope {
  const { system, value } = token(text);
  if (value === '') return NOTHING;
  const study: AccessScope = { kind: 'studies', studyInstanceUids: [uidOf(value)] };
  const accession: AccessScope = { kind: 'accession', accessionNumber: value };
  if (system === UID_SYSTEM) return study;
  if (system === config.accessionSystem) return accession;
  return system === undefined ? { kind: 'any-of', scopes: [study, accession] } : NOTHING;
}

function modalityOf(text: string): string {
  const { system, value } = token(text);
  return system === undefined || system === DCM ? value : '?';
}

/** All criteria as one range of DA; null when nothing can match. */
function dateRange(criteria: readonly DateCriterion[][]): string | undefined | null {
  let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const values of criteria) {
    const [one, ...others] = values;
    if (!one || others.length > 0 || one.prefix === 'ne' || !one.wholeDays)
      throw new FhirError(400, 'not-supported', 'started: days, months or years, one value at a time, without ne');
    if (one.prefix === 'eq' || one.prefix === 'ge') from = Math.max(from, one.from);
    if (one.prefix === 'gt' || one.prefix === 'sa') from = Math.max(from, one.to);
    if (one.prefix === 'eq' || one.prefix === 'le') to = Math.min(to, one.to);
    if (one.prefix === 'lt' || one.prefix === 'eb') to = Math.min(to, one.from);
  }
  if (from >= to) return null;
  // `to` is the midnight after the last day.
  const day = (ms: number, back = 0) => {
    if (!Number.isFinite(ms)) return '';
    const at = new Date(ms);
    at.setDate(at.getDate() - back);
    return `${at.getFullYear()}${String(at.getMonth() + 1).padStart(2, '0')}${String(at.getDate()).padStart(2, '0')}`;
  };
  const range = `${day(from)}-${day(to, 1)}`;
  return range === '-' ? undefined : range;
}
