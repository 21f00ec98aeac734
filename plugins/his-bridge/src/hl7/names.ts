import type { Hl7Field } from '@medplum/core';
import { componentOf, repetitionsAt, type Segments } from './paths.ts';

const LONGEST_GROUP = 64;
const HAN = /\p{Script=Han}/u;
type Group = 'A' | 'I' | 'P';

/**
 * PID-5 as PN: repetitions in letters, characters and sound (XPN.8: A, I, P) become the component groups; without a code, Chinese is the ideographic one.
 * Undefined when there is no name; `too-long` when a group would have over 64 characters. @dicom PS3.5 6.2, HL7 v2.5.1 2.A.88
 */
export function personName(segments: Segments, path: string): string | undefined | 'too-long' {
  const at = repetitionsAt(segments, path);
  if (!at) return undefined;
  const groups = new Map<Group, string>();
  // The legal name counts before others a person has.
  const order = [...Array(at.count).keys()].sort((a, b) => rank(at.field, a) - rank(at.field, b));
  for (const repetition of order) {
    const name = groupOf(at.field, repetition);
    if (name === '') continue;
    const code = componentOf(at.field, 8, 1, repetition);
    const group: Group = code === 'A' || code === 'I' || code === 'P' ? code : HAN.test(name) ? 'I' : 'A';
    if (!groups.has(group)) groups.set(group, name);
  }
  if (groups.size === 0) return undefined;
  const parts = (['A', 'I', 'P'] as const).map((group) => groups.get(group) ?? '');
  if (parts.some((part) => part.length > LONGEST_GROUP)) return 'too-long';
  return parts.join('=').replace(/=+$/, '');
}

function rank(field: Hl7Field, repetition: number): number {
  const type = componentOf(field, 7, 1, repetition);
  return type === 'L' ? 0 : type === '' ? 1 : 2;
}

/** Family, given, middle, prefix, suffix: XPN has suffix and prefix the other way round. */
function groupOf(field: Hl7Field, repetition: number): string {
  const component = (number: number) =>
    componentOf(field, number, 1, repetition)
      .replaceAll(/[\^=\\]/g, ' ')
      .replaceAll(/\p{Cc}/gu, '')
      .trim();
  return [1, 2, 3, 5, 4].map(component).join('^').replace(/\^+$/, '');
}

/** A person who did or asked for something, as text: XCN `D001^李^四`, or NDL with its parts between `&`. */
export function staffName(segments: Segments, paths: readonly string[]): string {
  for (const path of paths) {
    const at = repetitionsAt(segments, path);
    if (!at) continue;
    const inFirst = componentOf(at.field, 1, 2) !== '' || componentOf(at.field, 1, 3) !== '';
    const part = (number: number) => (inFirst ? componentOf(at.field, 1, number) : componentOf(at.field, number));
    const [id, family, given] = [part(1), part(2), part(3)];
    const name = HAN.test(family + given) ? family + given : [family, given].filter((one) => one !== '').join(' ');
    const found = name === '' ? id : name;
    if (found !== '') return found.slice(0, 256);
  }
  return '';
}
