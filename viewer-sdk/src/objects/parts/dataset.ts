import type { JsonDataset, JsonElement } from '../../dicom/json.ts';

/** Element keywords that objects other than pictures are read by, verbatim from PS3.6. The shell does without them. */
export const OBJECT_TAG = {
  CodeValue: '00080100',
  CodingSchemeDesignator: '00080102',
  CodeMeaning: '00080104',
  LongCodeValue: '00080119',
  URNCodeValue: '00080120',
  ReferencedSeriesSequence: '00081115',
  ReferencedImageSequence: '00081140',
  ReferencedInstanceSequence: '0008114A',
  ReferencedSOPClassUID: '00081150',
  ReferencedSOPInstanceUID: '00081155',
  ReferencedFrameNumber: '00081160',
  ReferencedSOPSequence: '00081199',
  DerivationImageSequence: '00089124',
  SourceImageSequence: '00082112',
  Modality: '00080060',
  SOPClassUID: '00080016',
  SOPInstanceUID: '00080018',
  SeriesDescription: '0008103E',
  SeriesNumber: '00200011',
  InstanceNumber: '00200013',
  StudyInstanceUID: '0020000D',
  SeriesInstanceUID: '0020000E',
  FrameOfReferenceUID: '00200052',
  ContentDate: '00080023',
  ContentTime: '00080033',
  Manufacturer: '00080070',
  ContentLabel: '00700080',
  ContentDescription: '00700081',
  ContentCreatorName: '00700084',
  // Structured reports
  ObservationDateTime: '0040A032',
  ValueType: '0040A040',
  RelationshipType: '0040A010',
  ConceptNameCodeSequence: '0040A043',
  ContinuityOfContent: '0040A050',
  VerifyingObserverSequence: '0040A073',
  VerifyingObserverName: '0040A075',
  VerifyingOrganization: '0040A027',
  VerificationDateTime: '0040A030',
  ReferencedWaveformChannels: '0040A0B0',
  DateTime: '0040A120',
  Date: '0040A121',
  Time: '0040A122',
  PersonName: '0040A123',
  UID: '0040A124',
  TemporalRangeType: '0040A130',
  TextValue: '0040A160',
  ConceptCodeSequence: '0040A168',
  MeasuredValueSequence: '0040A300',
  NumericValueQualifierCodeSequence: '0040A301',
  NumericValue: '0040A30A',
  MeasurementUnitsCodeSequence: '004008EA',
  CurrentRequestedProcedureEvidenceSequence: '0040A375',
  PertinentOtherEvidenceSequence: '0040A385',
  CompletionFlag: '0040A491',
  VerificationFlag: '0040A493',
  ContentSequence: '0040A730',
  ReferencedContentItemIdentifier: '0040DB73',
  GraphicData: '00700022',
  GraphicType: '00700023',
  // Encapsulated documents
  DocumentTitle: '00420010',
  EncapsulatedDocument: '00420011',
  MIMETypeOfEncapsulatedDocument: '00420012',
  EncapsulatedDocumentLength: '00420015',
  // Video
  AvailableTransferSyntaxUID: '00083002',
  NumberOfFrames: '00280008',
  FrameTime: '00181063',
  CineRate: '00180040',
  RecommendedDisplayFrameRate: '00082144',
  Rows: '00280010',
  Columns: '00280011',
  PixelData: '7FE00010',
} as const;

export type ObjectKeyword = keyof typeof OBJECT_TAG;

export const elementOf = (dataset: JsonDataset | undefined, keyword: ObjectKeyword): JsonElement | undefined =>
  dataset?.[OBJECT_TAG[keyword]];

const valuesOf = (dataset: JsonDataset | undefined, keyword: ObjectKeyword): readonly unknown[] =>
  elementOf(dataset, keyword)?.Value ?? [];

/** All values as text; empty ones are left out. */
export function textsOf(dataset: JsonDataset | undefined, keyword: ObjectKeyword): string[] {
  return valuesOf(dataset, keyword)
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map((value) => String(value).trim())
    .filter((value) => value !== '');
}

export const textOf = (dataset: JsonDataset | undefined, keyword: ObjectKeyword): string | undefined =>
  textsOf(dataset, keyword)[0];

/** All values as numbers (DS and IS may come as text); what is no number is left out. */
export function numbersOf(dataset: JsonDataset | undefined, keyword: ObjectKeyword): number[] {
  return textsOf(dataset, keyword)
    .map((value) => Number(value))
    .filter((value) => Number.isFinite(value));
}

export const numberOf = (dataset: JsonDataset | undefined, keyword: ObjectKeyword): number | undefined =>
  numbersOf(dataset, keyword)[0];

export function itemsOf(dataset: JsonDataset | undefined, keyword: ObjectKeyword): readonly JsonDataset[] {
  return valuesOf(dataset, keyword).filter(
    (value): value is JsonDataset => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
}

export const itemOf = (dataset: JsonDataset | undefined, keyword: ObjectKeyword): JsonDataset | undefined =>
  itemsOf(dataset, keyword)[0];

/** A person's name for the screen: ideographic before alphabetic before phonetic. @dicom PS3.5 6.2.1.1 */
export function personOf(dataset: JsonDataset | undefined, keyword: ObjectKeyword): string | undefined {
  const [value] = valuesOf(dataset, keyword);
  const groups: readonly unknown[] =
    typeof value === 'string'
      ? [value.split('=')[0]]
      : typeof value === 'object' && value !== null
        ? ['Ideographic', 'Alphabetic', 'Phonetic'].map((group) => (value as Record<string, unknown>)[group])
        : [];
  for (const group of groups) {
    if (typeof group !== 'string') continue;
    const parts = group.split('^').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
    if (parts.length > 0) return parts.join(/[\u3400-\u9fff\uf900-\ufaff]/.test(group) ? '' : ' ');
  }
  return undefined;
}
