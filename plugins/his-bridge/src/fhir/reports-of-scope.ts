import type { AccessScope, PatientIdentifier, Report } from '@filmless/core/plugin';
import type { Fhir } from './context.ts';
import type { People } from './people.ts';

/**
 * What a scope that names patients, studies or an order can reach at most, for searches that name nothing themselves; undefined for one that may
 * reach anything. Each report is still looked at under the whole scope.
 */
export async function reportsOfScope(fhir: Fhir, people: People, scope: AccessScope): Promise<Report[] | undefined> {
  const { reports, query } = fhir.services;
  switch (scope.kind) {
    case 'none':
      return [];
    case 'patient':
      return ofPatients(fhir, people, [{ id: scope.patientId, issuer: scope.issuerOfPatientId ?? '' }]);
    case 'patients':
      return ofPatients(
        fhir,
        people,
        scope.patientIds.map((id) => ({ id, issuer: '' })),
      );
    case 'accession':
      return reports.ofAccession(scope.accessionNumber);
    case 'studies': {
      const found = await Promise.all(scope.studyInstanceUids.map((uid) => query.study(uid, scope)));
      const rows = found.flatMap((one) => (one ? [one.study, ...(one.sameUid ?? [])] : []));
      return (await Promise.all(rows.map((row) => reports.ofStudy(row)))).flat();
    }
    case 'any-of': {
      const parts = await Promise.all(scope.scopes.map((one) => reportsOfScope(fhir, people, one)));
      return parts.includes(undefined) ? undefined : parts.flatMap((one) => one ?? []);
    }
    case 'all-of': {
      for (const one of scope.scopes) {
        const found = await reportsOfScope(fhir, people, one);
        if (found) return found;
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

async function ofPatients(fhir: Fhir, people: People, patients: readonly PatientIdentifier[]): Promise<Report[]> {
  const all = (await Promise.all(patients.map((one) => people.identifiersOf(one)))).flat();
  const ids = [...new Set(all.map(({ id }) => id))];
  return (await Promise.all(ids.map((id) => fhir.services.reports.ofPatient(id)))).flat();
}
