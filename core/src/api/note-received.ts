import type { AuditLog } from '../audit/audit-log.ts';
import type { InstanceRecord } from '../catalogue/contract.ts';
import { firstString } from '../dicom/index.ts';

const KINDS = {
  dimse: 'device',
  stow: 'user',
  import: 'user',
  capture: 'device',
  replication: 'system',
  rebuild: 'system',
} as const;

/** One entry for a study that somebody brings, not one for each image. */
export function noteReceived(audit: Pick<AuditLog, 'recordOnce'>, record: InstanceRecord): void {
  const { via, source, address = '' } = record.received;
  if (via === 'rebuild') return;
  const { StudyInstanceUID } = record;
  audit.recordOnce(['receive', via, source, StudyInstanceUID].join('\n'), {
    action: 'receive',
    outcome: 'success',
    actor: { kind: KINDS[via], id: source },
    address,
    studyInstanceUid: StudyInstanceUID,
    patientId: firstString(record.dataset, 'PatientID') ?? '',
    target: via,
  });
}
