import { firstString } from '../dicom/index.ts';
import { FilmlessError } from '../errors.ts';
import type { InstanceReceiveEvent } from '../ingest/contract.ts';
import { scopeCovers } from '../security/scope.ts';

/** Who sees one patient or department brings images of no other. @throws FORBIDDEN */
export function refuseOutsideLimit({ header, source }: InstanceReceiveEvent): void {
  if (!source.limit) return;
  const { dataset, StudyInstanceUID } = header;
  const text = (keyword: string) => (firstString(dataset, keyword) ?? '').trim();
  const covered = scopeCovers(source.limit, {
    StudyInstanceUID,
    PatientID: text('PatientID'),
    IssuerOfPatientID: text('IssuerOfPatientID'),
    AccessionNumber: text('AccessionNumber'),
    department: source.department?.trim() || text('InstitutionalDepartmentName'),
  });
  if (!covered) throw new FilmlessError('FORBIDDEN', 'the instance is outside what the sender may bring');
}
