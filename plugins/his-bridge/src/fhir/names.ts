import type { HumanName } from '@medplum/fhirtypes';

/** One component group of a PN. @dicom PS3.5 6.2.1 */
function ofGroup(group: string): HumanName | undefined {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = group.split('^').map((part) => part.trim());
  const parts = [prefix, given, middle, family, suffix].filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  const han = /\p{Script=Han}/u.test(group);
  const text = han ? [family, given, middle].join('') : parts.join(' ');
  return {
    text: text === '' ? parts.join(' ') : text,
    ...(family ? { family } : {}),
    ...(given || middle ? { given: [given, middle].filter((part) => part !== '') } : {}),
    ...(prefix ? { prefix: [prefix] } : {}),
    ...(suffix ? { suffix: [suffix] } : {}),
  };
}

/** Component groups between `=`, the one people read first: the ideographic one where there is one. */
export function humanNames(name: string): HumanName[] {
  const [alphabetic, ideographic, phonetic] = name.split('=').map(ofGroup);
  return [ideographic, alphabetic, phonetic].flatMap((one, index) =>
    one ? [{ use: index === 0 || !ideographic ? ('official' as const) : ('usual' as const), ...one }] : [],
  );
}

export const humanName = (name: string): HumanName | undefined => humanNames(name)[0];
