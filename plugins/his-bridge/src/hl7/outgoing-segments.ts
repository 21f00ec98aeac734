/** Segments that messages which go out share. */
import type { Patient } from '@filmless/core/plugin';
import { type CharacterSet, MSH_18 } from './character-sets.ts';
import { escapeText } from './paths.ts';
import { timestampOf } from './times.ts';

export interface Address {
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly application: string;
  readonly facility: string;
  readonly characterSet: CharacterSet;
}

/** MSH. `at`: ISO, when what is told happened. HL7 v2.5.1 2.15.9 */
export function headerSegment(to: Address, message: { type: string; controlId: string; at: string }): string {
  return segment('MSH', {
    2: '^~\\&',
    3: escapeText(to.sendingApplication),
    4: escapeText(to.sendingFacility),
    5: escapeText(to.application),
    6: escapeText(to.facility),
    7: timestampOf(new Date(message.at)),
    9: message.type,
    10: message.controlId,
    11: 'P',
    12: '2.5.1',
    18: MSH_18[to.characterSet],
  });
}

/** PID: the patient as the register knows him now, else as `about` names him. HL7 v2.5.1 3.4.2 */
export function patientSegment(
  { id, issuer = '', name = '' }: { id: string; issuer?: string | undefined; name?: string | undefined },
  patient: Patient | undefined,
): string {
  const known = patient?.identifiers ?? [{ id, issuer }];
  // A number stands there once, with its issuer where that is known; the one that was named first, while it is still the patient's.
  const ids = [...new Set(known.map((one) => one.id))].sort((a, b) => Number(b === id) - Number(a === id));
  const identifiers = ids.map((one) => {
    const named = known.find((other) => other.id === one && other.issuer !== '')?.issuer ?? '';
    return `${escapeText(one)}^^^${escapeText(named)}^PI`;
  });
  return segment('PID', {
    1: '1',
    3: identifiers.join('~'),
    5: xpn(patient?.demographics.name ?? name),
    7: patient?.demographics.birthDate ?? '',
    8: patient?.demographics.sex ?? '',
  });
}

/** PN as XPN: a repetition for each form of the name. @dicom PS3.5 6.2, HL7 v2.5.1 2.A.88 */
function xpn(name: string): string {
  const codes = ['A', 'I', 'P'];
  return name
    .split('=')
    .map((group, i) => {
      const [family = '', given = '', middle = '', prefix = '', suffix = ''] = group.split('^');
      if ([family, given, middle, prefix, suffix].every((part) => part === '')) return '';
      return `${[family, given, middle, suffix, prefix].map(escapeText).join('^')}^^L^${codes[i] ?? 'A'}`;
    })
    .filter((form) => form !== '')
    .join('~');
}

/** Fields by number. MSH-1 is the separator itself. */
export function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const first = name === 'MSH' ? 2 : 1;
  const last = Math.max(...Object.keys(fields).map(Number));
  const values = Array.from({ length: last - first + 1 }, (_, i) => fields[first + i] ?? '');
  return `${name}|${values.join('|')}`.replace(/\|+$/, '');
}
