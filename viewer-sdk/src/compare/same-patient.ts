import { type JsonDataset, TAG, text } from '../dicom/json.ts';

/** What tells two patients apart, of those that a comparison may be refused for. */
export type PatientDifference = 'id' | 'issuer' | 'name' | 'birthDate' | 'unproven';

/**
 * Why two studies may not be put side by side; `undefined` when they are one patient's.
 * Patient IDs have to be there and equal. So have issuers where both studies name one; where only one does, the ID alone proves nothing
 * and name and birth date have to agree. A name or a birth date that both name and that differs always refuses (our choice: a corrected
 * name is mended in the archive, never guessed at the screen). @dicom PS3.3 C.7.1.1
 */
export function patientDifference(a: JsonDataset, b: JsonDataset): PatientDifference | undefined {
  const id = text(a, 'PatientID');
  if (id === undefined || id !== text(b, 'PatientID')) return 'id';
  const issuers = [text(a, 'IssuerOfPatientID'), text(b, 'IssuerOfPatientID')];
  const oneIssuer = issuers[0] === issuers[1];
  if (!oneIssuer && issuers[0] !== undefined && issuers[1] !== undefined) return 'issuer';
  if (compareNames(a, b) === false) return 'name';
  if (compareBirthDates(a, b) === false) return 'birthDate';
  return oneIssuer || sameNameAndBirthDate(a, b) ? undefined : 'unproven';
}

/** Whether both data sets have a name and a birth date, and they agree. */
export function sameNameAndBirthDate(a: JsonDataset, b: JsonDataset): boolean {
  return compareNames(a, b) === true && compareBirthDates(a, b) === true;
}

function compareBirthDates(a: JsonDataset, b: JsonDataset): boolean | undefined {
  const [one, other] = [birthDate(a), birthDate(b)];
  return one === undefined || other === undefined ? undefined : one === other;
}

function birthDate(dataset: JsonDataset): string | undefined {
  return text(dataset, 'PatientBirthDate')?.replaceAll('.', '');
}

const GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;

/** Compares the groups that both names have: devices send some without the Chinese one. `undefined` when there is none in common. */
function compareNames(a: JsonDataset, b: JsonDataset): boolean | undefined {
  const [one, other] = [nameGroups(a), nameGroups(b)];
  const common = GROUPS.filter((group) => one[group] !== '' && other[group] !== '');
  return common.length === 0 ? undefined : common.every((group) => one[group] === other[group]);
}

/** Letter case, width, and empty components at the end do not make another name. @dicom PS3.5 6.2.1 */
function nameGroups(dataset: JsonDataset): Record<(typeof GROUPS)[number], string> {
  const value = dataset[TAG.PatientName]?.Value?.[0];
  const given: Partial<Record<string, unknown>> =
    typeof value === 'string'
      ? Object.fromEntries(value.split('=').map((group, index) => [GROUPS[index] ?? '', group]))
      : typeof value === 'object' && value !== null
        ? { ...value }
        : {};
  const tidy = (group: unknown): string =>
    typeof group === 'string'
      ? group
          .normalize('NFKC')
          .toUpperCase()
          .split('^')
          .map((part) => part.trim().replaceAll(/\s+/g, ' '))
          .join('^')
          .replace(/\^+$/, '')
      : '';
  return {
    Alphabetic: tidy(given['Alphabetic']),
    Ideographic: tidy(given['Ideographic']),
    Phonetic: tidy(given['Phonetic']),
  };
}
