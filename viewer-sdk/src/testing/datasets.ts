import { type JsonDataset, type JsonElement, type Keyword, TAG } from '../dicom/json.ts';

/** A data set in the DICOM JSON model from keywords and values; the value representation matters to no reader here. */
export function dataset(values: Partial<Record<Keyword, unknown>>): JsonDataset {
  return Object.fromEntries(
    Object.entries(values).map(([keyword, value]) => [
      TAG[keyword as Keyword],
      { vr: 'UN', Value: Array.isArray(value) ? value : [value] } satisfies JsonElement,
    ]),
  );
}

export const STUDY = '1.2.3.1';
export const OTHER_STUDY = '1.2.3.2';
export const SERIES = '1.2.3.1.1';
export const DOCUMENT_SERIES = '1.2.3.1.9';

/** An axial CT slice, made up. `index` counts from 0 in the order of the instance numbers. */
export function ctInstance(index: number, change: Partial<Record<Keyword, unknown>> = {}): JsonDataset {
  return dataset({
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    SOPInstanceUID: `${SERIES}.${index + 1}`,
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: SERIES,
    PatientName: { Alphabetic: 'ZHANG^WEI', Ideographic: '张^伟' },
    PatientID: 'P1',
    PatientSex: 'M',
    PatientAge: '045Y',
    StudyDate: '20260102',
    StudyTime: '101112',
    StudyDescription: 'Chest',
    AccessionNumber: 'RAD1',
    Modality: 'CT',
    SeriesNumber: 2,
    SeriesDescription: 'Lung 1.25',
    InstanceNumber: index + 1,
    ImagePositionPatient: [-100, -100, 50 - index * 5],
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    FrameOfReferenceUID: '1.2.3.7',
    PixelSpacing: [0.5, 0.5],
    SliceThickness: 5,
    Rows: 512,
    Columns: 512,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    RescaleSlope: 1,
    RescaleIntercept: -1024,
    RescaleType: 'HU',
    WindowCenter: 40,
    WindowWidth: 400,
    ...change,
  });
}
