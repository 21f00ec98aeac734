import { createHash } from 'node:crypto';
import type { PatientIdentifier, ReportDelivery } from '@filmless/core/plugin';
import type { ReadMessage } from './message.ts';
import { personName, staffName } from './names.ts';
import { componentOf, type Segments, textOf, valueAt } from './paths.ts';
import { type Action, groupsOf, type Planning, placeOf } from './planning.ts';
import { isoOf } from './times.ts';

const LONGEST_TEXT = 512 * 1024;
const UID = /^[0-9.]{1,64}$/;

/** A report for each OBR: text from OBX of type TX, FT, ST, a file from OBX of type ED. */
export function planReports(planning: Planning, patient: PatientIdentifier): Action[] {
  return groupsOf(planning.all).map((segments, i) => planReport(planning, patient, segments, i));
}

function planReport(planning: Planning, patient: PatientIdentifier, segments: Segments, index: number): Action {
  const { mapping, sender, read } = planning;
  const { report: paths, values } = mapping;
  const value = (name: 'externalId' | 'accessionNumber' | 'StudyInstanceUID' | 'title') =>
    valueAt(segments, paths[name]);
  const code = valueAt(segments, paths.status);
  const status = values.reportStatus[code];
  if (status === undefined) return planning.fail(103, placeOf(paths.status), 'is no report status that is taken');
  const uid = value('StudyInstanceUID');
  if (uid !== '' && !UID.test(uid)) planning.remark(placeOf(paths.StudyInstanceUID), 'is no UID and is left out');
  const study = UID.test(uid) ? uid : '';
  const accessionNumber = value('accessionNumber');
  const placerNumber = valueAt(segments, mapping.order.placerNumber);
  if (study === '' && accessionNumber === '' && placerNumber === '')
    planning.fail(101, placeOf(paths.accessionNumber), 'the report names no accession number, order or study');
  const { text, conclusion, pdfBase64 } = contentOf(planning, segments);
  if (text === '' && conclusion === '' && pdfBase64 === undefined && status !== 'cancelled')
    planning.fail(101, 'OBX-5', 'the report has neither text nor file');
  const externalId = value('externalId') || accessionNumber || study;
  const name = personName(planning.all, mapping.patient.name);
  const issuedAt = isoOf(valueAt(segments, paths.issuedAt));
  const report: ReportDelivery = {
    patient: {
      id: patient.id,
      ...(patient.issuer === '' ? {} : { issuer: patient.issuer }),
      ...(name === undefined || name === 'too-long' ? {} : { name }),
    },
    ...(study === '' ? {} : { StudyInstanceUID: study }),
    ...(accessionNumber === '' ? {} : { accessionNumber }),
    status,
    title: value('title').slice(0, 256),
    text,
    conclusion,
    author: staffName(segments, paths.author),
    reviewer: staffName(segments, paths.reviewer),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    source: {
      via: 'hl7',
      system: sender.name,
      ...(externalId === '' ? {} : { externalId: externalId.slice(0, 256) }),
      // Several reports in one message are messages of their own to the store.
      messageId: messageIdOf(read, index),
    },
  };
  return { do: 'deliver-report', report, placerNumber, ...(pdfBase64 === undefined ? {} : { pdfBase64 }) };
}

/** A control ID comes again in systems that count from 1 each day: the text tells two messages apart. */
function messageIdOf({ controlId, text }: ReadMessage, index: number): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${controlId}#${digest}${index === 0 ? '' : `/${index + 1}`}`;
}

function contentOf(planning: Planning, segments: Segments): { text: string; conclusion: string; pdfBase64?: string } {
  const { report: paths } = planning.mapping;
  const lines: string[] = [];
  const conclusions: string[] = [];
  let pdfBase64: string | undefined;
  for (const segment of segments) {
    if (segment.name !== 'OBX') continue;
    const field = segment.getField(5);
    const type = componentOf(segment.getField(2), 1);
    const names = [componentOf(segment.getField(3), 1), componentOf(segment.getField(3), 2)];
    const isOneOf = (list: readonly string[]) => names.some((name) => name !== '' && list.includes(name));
    if (type === 'ED') {
      const data = componentOf(field, 5).replaceAll(/\s/g, '');
      if (data === '') planning.remark('OBX-5', 'has a file without content');
      else if (pdfBase64 !== undefined) planning.remark('OBX-5', 'has a second file, which is left out');
      else pdfBase64 = checkedPdf(planning, data, componentOf(field, 4));
    } else if (paths.textTypes.includes(type) && !isOneOf(paths.leaveOut)) {
      const count = field?.components.length ?? 0;
      const text = Array.from({ length: count }, (_, i) => textOf(field, i))
        .join('\n')
        .trimEnd();
      if (text !== '') (isOneOf(paths.conclusion) ? conclusions : lines).push(text);
    }
  }
  const [text, conclusion] = [lines.join('\n'), conclusions.join('\n')];
  if (text.length > LONGEST_TEXT || conclusion.length > LONGEST_TEXT)
    planning.fail(102, 'OBX-5', 'the text is too long');
  return { text, conclusion, ...(pdfBase64 === undefined ? {} : { pdfBase64 }) };
}

function checkedPdf(planning: Planning, data: string, encoding: string): string {
  if (!/^base64$/i.test(encoding)) planning.fail(102, 'OBX-5', 'the file is not encoded as Base64');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) planning.fail(102, 'OBX-5', 'the file is no Base64');
  if (!Buffer.from(data.slice(0, 16), 'base64').toString('latin1').startsWith('%PDF'))
    planning.fail(102, 'OBX-5', 'the file is no PDF');
  return data;
}
