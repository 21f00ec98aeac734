import type { Order, Patient, ReportVersion } from '@filmless/core/plugin';
import { type CharacterSet, MSH_18 } from './character-sets.ts';
import { escapeText } from './paths.ts';
import { timestampOf } from './times.ts';

/** HL7 table 0123, with 0085 for OBX-11. */
const STATUS: Readonly<Record<ReportVersion['status'], string>> = {
  draft: 'S',
  reported: 'P',
  reviewed: 'F',
  amended: 'C',
  cancelled: 'X',
};

export interface Address {
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly application: string;
  readonly facility: string;
  readonly characterSet: CharacterSet;
}

/** What is told with a report: who the patient is now, and the order it answers. */
export interface AboutReport {
  readonly patient: Patient | undefined;
  readonly order: Order | undefined;
  readonly document: Uint8Array | undefined;
}

/** A version of a report as ORU^R01. HL7 v2.5.1 7.3.1 */
export function reportMessage(version: ReportVersion, about: AboutReport, to: Address, controlId: string): string {
  const { order } = about;
  const status = STATUS[version.status];
  const issued = timestampOf(new Date(version.issuedAt));
  const accession = version.accessionNumber ?? order?.accessionNumber ?? '';
  const procedure = order?.procedure ?? { code: '', scheme: '', text: version.title };
  const filler = order?.fillerNumber || version.reportId;
  const lines = [
    segment('MSH', {
      2: '^~\\&',
      3: escapeText(to.sendingApplication),
      4: escapeText(to.sendingFacility),
      5: escapeText(to.application),
      6: escapeText(to.facility),
      7: timestampOf(new Date(version.receivedAt)),
      9: 'ORU^R01^ORU_R01',
      10: controlId,
      11: 'P',
      12: '2.5.1',
      18: MSH_18[to.characterSet],
    }),
    patientSegment(version, about.patient),
    segment('ORC', { 1: 'RE', 2: escapeText(order?.placerNumber ?? ''), 3: escapeText(filler) }),
    segment('OBR', {
      1: '1',
      2: escapeText(order?.placerNumber ?? ''),
      3: escapeText(filler),
      4: [procedure.code, procedure.text || version.title, procedure.scheme].map(escapeText).join('^'),
      18: escapeText(accession),
      22: issued,
      24: escapeText(order?.modality ?? ''),
      25: status,
      32: staff(version.author),
      33: staff(version.reviewer),
    }),
  ];
  const observation = (type: string, code: string, value: string) => {
    const number = String(lines.length - 3);
    lines.push(segment('OBX', { 1: number, 2: type, 3: code, 4: number, 5: value, 11: status, 14: issued }));
  };
  if (version.StudyInstanceUID) observation('ST', '113014^DICOM Study^DCM', escapeText(version.StudyInstanceUID));
  if (version.text !== '') observation('FT', '59776-5^Procedure findings^LN', escapeText(version.text));
  if (version.conclusion !== '')
    observation('FT', '19005-8^Imaging study impression^LN', escapeText(version.conclusion));
  if (about.document)
    observation(
      'ED',
      '18748-4^Diagnostic imaging study^LN',
      `^application^pdf^Base64^${Buffer.from(about.document).toString('base64')}`,
    );
  return `${lines.join('\r')}\r`;
}

function patientSegment(version: ReportVersion, patient: Patient | undefined): string {
  const { id, issuer = '', name = '' } = version.patient;
  const known = patient?.identifiers ?? [{ id, issuer }];
  // A number stands there once, with its issuer where that is known; the report's own first, while it is still the patient's.
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

/** NDL, of which only the name is known: it stands as family name. */
function staff(name: string): string {
  return name === '' ? '' : `&${escapeText(name)}`;
}

/** Fields by number. MSH-1 is the separator itself. */
function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const first = name === 'MSH' ? 2 : 1;
  const last = Math.max(...Object.keys(fields).map(Number));
  const values = Array.from({ length: last - first + 1 }, (_, i) => fields[first + i] ?? '');
  return `${name}|${values.join('|')}`.replace(/\|+$/, '');
}
