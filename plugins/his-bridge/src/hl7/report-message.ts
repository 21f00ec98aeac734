import type { Order, Patient, ReportVersion } from '@filmless/core/plugin';
import { type Address, headerSegment, patientSegment, segment } from './outgoing-segments.ts';
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
    headerSegment(to, { type: 'ORU^R01^ORU_R01', controlId, at: version.receivedAt }),
    patientSegment(version.patient, about.patient),
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

/** NDL, of which only the name is known: it stands as family name. */
function staff(name: string): string {
  return name === '' ? '' : `&${escapeText(name)}`;
}
