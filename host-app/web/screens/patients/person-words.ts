import type { Demographics, Identifier, Person } from '../../api/patients.ts';
import type { ReceivedIdentity } from '../../api/studies.ts';
import { formatDa } from '../../format/dates.ts';
import { patientName, sexLabel } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';

/** A name for reading: Chinese first. Systems without component groups write Chinese into the first one. @dicom PS3.5 6.2.1 */
export function readName(name: string): { main: string; other: string } {
  const [first = '', second = ''] = name.split('=');
  const chinese = /\p{Script=Han}/u.test(first);
  return chinese && second === ''
    ? patientName({ PatientName: '', PatientNameIdeographic: first })
    : patientName({ PatientName: first, PatientNameIdeographic: second });
}

/** A name as a person types it: one in Chinese alone has no sign before it. */
export const typedName = (name: string): string => name.replace(/^=(?=[^=]+$)/, '');

/** The same as it is kept: Chinese is the second component group. @dicom PS3.5 6.2.1 */
export const storedName = (typed: string): string =>
  !typed.includes('=') && /\p{Script=Han}/u.test(typed) ? `=${typed}` : typed;

export function idOf({ id, issuer }: Identifier): string {
  return issuer === '' ? id : `${id} (${issuer})`;
}

export function idsOf({ identifiers }: Pick<Person, 'identifiers'>): string {
  return identifiers.map(idOf).join(', ');
}

export function nameOf(demographics: Pick<Demographics, 'name'>): string {
  return readName(demographics.name).main || t.registration.noName;
}

/** Name and number: enough to tell two persons apart in a question. */
export function whoIs(person: Person): string {
  const [first] = person.identifiers;
  return `${nameOf(person.demographics)} (${first ? idOf(first) : ''})`;
}

/** All that images say of a person, in one line. */
export function identityLine(received: ReceivedIdentity): string {
  const { main, other } = readName(received.PatientName);
  return t.common.joined([
    main === '' ? t.registration.noName : main,
    other,
    sexLabel(received.PatientSex),
    formatDa(received.PatientBirthDate),
    received.PatientID === ''
      ? t.registration.noId
      : idOf({ id: received.PatientID, issuer: received.IssuerOfPatientID }),
  ]);
}

/** DA of what a person types: `1970-01-31`, `1970/1/31`, `19700131`; undefined when it is no date. */
export function typedDate(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const match = /^(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})$/.exec(trimmed);
  if (!match || (/^\d+$/.test(trimmed) && trimmed.length !== 8)) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return `${match[1]}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`;
}
