import { z } from 'zod';
import type { ConflictRecord, InstanceRecord } from '../catalogue/contract.ts';
import { firstString, formatPersonName, personName } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/types.ts';
import { FilmlessError } from '../errors.ts';
import { identityOf, needs, param } from '../http/route-parts.ts';
import type { AccessScope } from '../security/contract.ts';
import { scopeCovers } from '../security/scope.ts';
import type { ApiRoutes } from './services.ts';

const decisionBody = z.strictObject({ keep: z.enum(['existing', 'received']) });

/** What a person needs to tell two patients or two studies apart. */
const COMPARED = [
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'StudyDescription',
  'Modality',
  'SeriesDescription',
  'SeriesNumber',
  'InstanceNumber',
  'InstitutionName',
  'StationName',
] as const;

/** Two data sets under one SOP Instance UID: a person says which one counts. */
export const conflictsRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'GET',
    path: '/api/conflicts',
    policy: needs('system.read'),
    summary: 'Conflicts with the attributes of both sides',
    async handle(request) {
      const { catalogue } = services();
      const conflicts = (await catalogue.listConflicts()).filter(({ received }) => isWithin(request.scope, received));
      const existing = await catalogue.getMany(conflicts.map(({ SOPInstanceUID }) => SOPInstanceUID));
      return { body: conflicts.map((conflict, index) => shown(conflict, existing[index])) };
    },
  },
  {
    method: 'POST',
    path: '/api/conflicts/:id/resolve',
    policy: needs('study.decide'),
    summary: 'Decides a conflict',
    requestSchema: z.toJSONSchema(decisionBody),
    async handle(request) {
      const { keep } = decisionBody.parse(await request.json());
      const { catalogue, ingest, replication } = services();
      // Decided here it would differ from what its origin has.
      if (replication.isFollowing) throw new FilmlessError('KEPT_ELSEWHERE');
      const id = param(request, 'id');
      const conflict = await catalogue.getConflict(id);
      if (!conflict || !isWithin(request.scope, conflict.received))
        throw new FilmlessError('NOT_FOUND', 'no such conflict');
      const who = identityOf(request).id;
      await ingest.resolveConflict(id, keep, who);
      // The id is made of UIDs and a hash; no patient data.
      log.info({ audit: 'conflict.resolve', who, target: id, keep }, 'conflict decided');
      const decided = await catalogue.getConflict(id);
      return { body: { id, status: decided?.status ?? `kept-${keep}` } };
    },
  },
];

/** Both sides are of one SOP instance; what came last says whose it is. */
function isWithin(scope: AccessScope, { StudyInstanceUID, dataset, received }: InstanceRecord): boolean {
  const text = (keyword: string) => (firstString(dataset, keyword) ?? '').trim();
  return scopeCovers(scope, {
    StudyInstanceUID,
    PatientID: text('PatientID'),
    IssuerOfPatientID: text('IssuerOfPatientID'),
    AccessionNumber: text('AccessionNumber'),
    department: received.department?.trim() || text('InstitutionalDepartmentName'),
  });
}

function shown(conflict: ConflictRecord, current: InstanceRecord | undefined): object {
  const { dataset, bulkData: _bulkData, ...received } = conflict.received;
  // Once decided for what was received, the record of today is no longer the one there was.
  const existing = current?.sha256 === conflict.existing.sha256 ? compared(current.dataset) : null;
  return { ...conflict, received, summary: { existing, received: compared(dataset) } };
}

function compared(dataset: DicomJson): Record<string, string> {
  const name = personName(dataset, 'PatientName');
  const rest = COMPARED.map((keyword) => [keyword, firstString(dataset, keyword) ?? '']);
  return { PatientName: name ? formatPersonName(name) : '', ...(Object.fromEntries(rest) as Record<string, string>) };
}
