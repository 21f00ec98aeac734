import { firstNumber, firstString, items, personName, strings } from '../dicom/dataset.ts';
import type { DicomJson, PersonNameValue } from '../dicom/types.ts';
import type { ReportImage, ReportStatus } from './contract.ts';

/** What a structured report says, as text. */
export interface StructuredReport {
  title: string;
  text: string;
  conclusion: string;
  author: string;
  reviewer: string;
  status: ReportStatus;
  /** ISO 8601. */
  issuedAt?: string;
  keyImages: ReportImage[];
  /** SOP instances it takes the place of. */
  predecessors: string[];
}

/** Basic Text, Enhanced and Comprehensive SR. @dicom PS3.4 B.5 */
const REPORT_CLASSES: ReadonlySet<string> = new Set(
  ['11', '22', '33'].map((end) => `1.2.840.10008.5.1.4.1.1.88.${end}`),
);
/** Diagnostic imaging reports; every other template is of measurements, dose, CAD or logs. @dicom PS3.16 TID 2000, 2005, 2006 */
const REPORT_TEMPLATES: ReadonlySet<string> = new Set(['2000', '2005', '2006']);
const CONCLUSIONS: ReadonlySet<string> = new Set([
  'DCM 121072',
  'DCM 121073',
  'DCM 121076',
  'DCM 121077',
  'LN 19005-8',
]);
/** Titles of measurements, dose and CAD. @dicom PS3.16 TID 1500, 10001, 4000 */
const MEASUREMENTS: ReadonlySet<string> = new Set(['DCM 126000', 'DCM 113701', 'DCM 111036']);
const OBSERVER_NAME = 'DCM 121008';
const MAX_DEPTH = 32;
const MAX_IMAGES = 1000;

/**
 * A finished report for people; undefined for measurements, dose, drafts and what Filmless's own viewer wrote: those are read as what they are.
 * @dicom PS3.3 A.35.1–A.35.3, C.17
 */
export function reportOfSr(dataset: DicomJson): StructuredReport | undefined {
  if (!REPORT_CLASSES.has(text(dataset, 'SOPClassUID')) || text(dataset, 'Manufacturer') === 'Filmless')
    return undefined;
  if (text(dataset, 'CompletionFlag') !== 'COMPLETE' || !isForPeople(dataset)) return undefined;
  const body: string[] = [];
  const conclusion: string[] = [];
  const images: DicomJson[] = [];
  const observers: string[] = [];
  for (const item of items(dataset, 'ContentSequence')) walk(item, 0, false, { body, conclusion, images, observers });
  if (body.length === 0 && conclusion.length === 0) return undefined;
  const verified = text(dataset, 'VerificationFlag') === 'VERIFIED';
  const [verifier] = items(dataset, 'VerifyingObserverSequence');
  const [author] = items(dataset, 'AuthorObserverSequence');
  const issuedAt = momentOf(text(dataset, 'ContentDate'), text(dataset, 'ContentTime'));
  const predecessors = referenced(dataset, 'PredecessorDocumentsSequence').map(({ instance }) => instance);
  return {
    title: meaning(dataset, 'ConceptNameCodeSequence'),
    text: body.join('\n'),
    conclusion: conclusion.join('\n'),
    author: observers[0] || readable(author && personName(author, 'PersonName')),
    reviewer: verified ? readable(verifier && personName(verifier, 'VerifyingObserverName')) : '',
    status: verified ? 'reviewed' : 'reported',
    ...(issuedAt ? { issuedAt } : {}),
    keyImages: keyImages(dataset, images),
    predecessors,
  };
}

/** Written for people by its template, or by what it holds: text, and no table of numbers under a title that is none of a report. */
function isForPeople(dataset: DicomJson): boolean {
  const [template] = items(dataset, 'ContentTemplateSequence');
  const identifier = template && text(template, 'TemplateIdentifier');
  if (identifier) return REPORT_TEMPLATES.has(identifier) && text(template, 'MappingResource') === 'DCMR';
  const types = new Set<string>();
  const collect = (item: DicomJson, depth: number) => {
    if (depth > MAX_DEPTH) return;
    if (relation(item) === 'CONTAINS') types.add(text(item, 'ValueType'));
    for (const child of items(item, 'ContentSequence')) collect(child, depth + 1);
  };
  for (const item of items(dataset, 'ContentSequence')) collect(item, 0);
  const code = codeOf(dataset);
  if (!types.has('TEXT') || MEASUREMENTS.has(code)) return false;
  // Document titles of reports are LOINC's, and what a person signed is for people. @dicom PS3.16 CID 7000
  return !types.has('NUM') || code.startsWith('LN ') || text(dataset, 'VerificationFlag') === 'VERIFIED';
}

interface Found {
  body: string[];
  conclusion: string[];
  images: DicomJson[];
  observers: string[];
}

function walk(item: DicomJson, depth: number, concluding: boolean, found: Found): void {
  if (depth > MAX_DEPTH) return;
  const type = text(item, 'ValueType');
  if (type === 'PNAME' && codeOf(item) === OBSERVER_NAME)
    found.observers.push(readable(personName(item, 'PersonName')));
  if (type === 'IMAGE') found.images.push(item);
  // What the content is about, who wrote it and how it was acquired is no text of the report.
  const said = !['HAS OBS CONTEXT', 'HAS ACQ CONTEXT', 'HAS CONCEPT MOD'].includes(relation(item));
  const inConclusion = concluding || CONCLUSIONS.has(codeOf(item));
  if (said) {
    const line = lineOf(item, type, inConclusion);
    if (line !== '') (inConclusion ? found.conclusion : found.body).push(line);
  }
  for (const child of items(item, 'ContentSequence')) walk(child, depth + 1, inConclusion, found);
}

function lineOf(item: DicomJson, type: string, concluding: boolean): string {
  const name = meaning(item, 'ConceptNameCodeSequence');
  const named = (value: string) => (value === '' ? '' : name === '' || concluding ? value : `${name}: ${value}`);
  switch (type) {
    case 'CONTAINER':
      return name === '' || concluding ? '' : `${name}`;
    case 'TEXT':
      return named(text(item, 'TextValue'));
    case 'CODE':
      return named(meaning(item, 'ConceptCodeSequence'));
    case 'NUM': {
      const [measured] = items(item, 'MeasuredValueSequence');
      if (!measured) return '';
      const [unit] = items(measured, 'MeasurementUnitsCodeSequence');
      const written = unit ? text(unit, 'CodeValue') : '';
      const number = strings(measured, 'NumericValue')[0]?.trim() ?? '';
      return named([number, written === '1' ? '' : written].filter((part) => part !== '').join(' '));
    }
    case 'PNAME':
      return named(readable(personName(item, 'PersonName')));
    case 'DATE':
      return named(text(item, 'Date'));
    case 'TIME':
      return named(text(item, 'Time'));
    case 'DATETIME':
      return named(text(item, 'DateTime'));
    default:
      return '';
  }
}

/** Images the report names, of which its evidence says study and series. @dicom PS3.3 C.17.2.1 */
function keyImages(dataset: DicomJson, images: readonly DicomJson[]): ReportImage[] {
  const evidence = new Map(
    ['CurrentRequestedProcedureEvidenceSequence', 'PertinentOtherEvidenceSequence']
      .flatMap((keyword) => referenced(dataset, keyword))
      .map((one) => [one.instance, one]),
  );
  const found = new Map<string, ReportImage>();
  for (const image of images) {
    const [reference] = items(image, 'ReferencedSOPSequence');
    const place = reference && evidence.get(text(reference, 'ReferencedSOPInstanceUID'));
    if (!place) continue;
    const frame = firstNumber(reference, 'ReferencedFrameNumber');
    const one = { ...place, ...(frame !== undefined && frame >= 1 ? { frame: Math.trunc(frame) } : {}) };
    found.set(JSON.stringify(one), one);
  }
  return [...found.values()].slice(0, MAX_IMAGES);
}

function referenced(dataset: DicomJson, keyword: string): { study: string; series: string; instance: string }[] {
  return items(dataset, keyword).flatMap((study) =>
    items(study, 'ReferencedSeriesSequence').flatMap((series) =>
      items(series, 'ReferencedSOPSequence').map((reference) => ({
        study: text(study, 'StudyInstanceUID'),
        series: text(series, 'SeriesInstanceUID'),
        instance: text(reference, 'ReferencedSOPInstanceUID'),
      })),
    ),
  );
}

/** DA and TM without a time zone are the local time of the hospital, and so of this node (our choice). @dicom PS3.3 C.12.1.1 */
export function momentOf(da: string, tm: string): string | undefined {
  const date = /^(\d{4})(\d{2})(\d{2})$/.exec(da);
  if (!date) return undefined;
  const time = /^(\d{2})(\d{2})?(\d{2})?/.exec(tm);
  const [year, month, day] = date.slice(1).map(Number) as [number, number, number];
  const [hours, minutes, seconds] = [time?.[1], time?.[2], time?.[3]].map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ];
  const at = new Date(year, month - 1, day, hours, minutes, Math.min(seconds, 59));
  return at.getMonth() === month - 1 && at.getDate() === day ? at.toISOString() : undefined;
}

/** As it is read: the ideographic form without delimiters, or the alphabetic one. */
export function readable(name: PersonNameValue | undefined): string {
  if (!name) return '';
  if (name.Ideographic) return name.Ideographic.replaceAll('^', '').trim();
  return (name.Alphabetic ?? '')
    .split('^')
    .filter((part) => part.trim() !== '')
    .join(' ')
    .trim();
}

const text = (dataset: DicomJson, keyword: string): string => (firstString(dataset, keyword) ?? '').trim();
const relation = (item: DicomJson): string => text(item, 'RelationshipType');

function meaning(dataset: DicomJson, keyword: string): string {
  const [code] = items(dataset, keyword);
  return code ? text(code, 'CodeMeaning') : '';
}

function codeOf(item: DicomJson): string {
  const [code] = items(item, 'ConceptNameCodeSequence');
  return code ? `${text(code, 'CodingSchemeDesignator')} ${text(code, 'CodeValue')}` : '';
}
