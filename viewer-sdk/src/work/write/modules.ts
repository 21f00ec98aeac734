import { type JsonDataset, text } from '../../dicom/json.ts';
import { newUid } from '../../measure/annotation.ts';
import { type WrittenTime, writtenTime } from '../dates.ts';
import { type Attributes, attributes, merge, type PersonNameGroups, pick } from '../dicom-write/dataset.ts';
import { ELEMENTS, type WrittenKeyword } from '../dicom-write/keywords.ts';

/** Who makes an object, and when. */
export interface Origin {
  /** As shown and written: the user's name. Empty when the page did not say. */
  readonly author: string;
  readonly at: Date;
  /** RFC 5646, for the language of the texts. */
  readonly locale: string;
}

const PATIENT: readonly WrittenKeyword[] = [
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'TypeOfPatientID',
  'IssuerOfPatientIDQualifiersSequence',
  'PatientBirthDate',
  'PatientBirthTime',
  'PatientSex',
  'OtherPatientIDsSequence',
  'EthnicGroup',
  'PatientIdentityRemoved',
  'DeidentificationMethod',
  'DeidentificationMethodCodeSequence',
  'PatientAge',
  'PatientSize',
  'PatientWeight',
  'AdmissionID',
];
const STUDY: readonly WrittenKeyword[] = [
  'StudyInstanceUID',
  'StudyDate',
  'StudyTime',
  'ReferringPhysicianName',
  'StudyID',
  'AccessionNumber',
  'IssuerOfAccessionNumberSequence',
  'StudyDescription',
  'ProcedureCodeSequence',
  'PhysiciansOfRecord',
];
/** Elements that have to be there, even if empty. @dicom PS3.3 C.7.1.1, C.7.2.1 */
const REQUIRED: Attributes = {
  PatientName: '',
  PatientID: '',
  PatientBirthDate: '',
  PatientSex: '',
  StudyDate: '',
  StudyTime: '',
  ReferringPhysicianName: '',
  StudyID: '',
  AccessionNumber: '',
};

/** Written into every object; raised with what the viewer writes, not with its builds. */
const SOFTWARE_VERSION = '1';

/**
 * What every object of ours begins with: the patient and the study of the images as they are, a new series, our equipment.
 * Texts of the metadata are Unicode already, whatever character set the images have: they are written as UTF-8.
 * @param source an image of the study
 */
export function commonModules(
  source: JsonDataset,
  object: { SOPClassUID: string; Modality: string; SeriesNumber: number; SeriesDescription: string },
  origin: Origin,
): { dataset: JsonDataset; time: WrittenTime } {
  const time = writtenTime(origin.at, offsetOf(source));
  const dataset = merge(
    attributes(REQUIRED),
    pick(source, [...PATIENT, ...STUDY]),
    attributes({
      ...object,
      SpecificCharacterSet: 'ISO_IR 192',
      SOPInstanceUID: newUid(),
      SeriesInstanceUID: newUid(),
      InstanceCreationDate: time.date,
      InstanceCreationTime: time.time,
      TimezoneOffsetFromUTC: time.offset,
      SeriesDate: time.date,
      SeriesTime: time.time,
      InstanceNumber: 1,
      Manufacturer: 'Filmless',
      ManufacturerModelName: 'Filmless Viewer',
      DeviceSerialNumber: 'browser',
      SoftwareVersions: SOFTWARE_VERSION,
    }),
  );
  return { dataset, time };
}

function offsetOf(source: JsonDataset): string | undefined {
  const value = source[ELEMENTS.TimezoneOffsetFromUTC[0]]?.Value?.[0];
  return typeof value === 'string' ? value.trim() : undefined;
}

/** A name a person typed, as PN: Chinese characters go into the ideographic group. @dicom PS3.5 6.2.1.2 */
export function personNameOf(name: string): PersonNameGroups {
  const plain = name.replaceAll(/[\\=^]/g, ' ').trim();
  return /\p{Script=Han}/u.test(plain) ? { Ideographic: plain } : { Alphabetic: plain };
}

/** A reference to an instance, or to one of its frames. */
export interface InstanceReference {
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
}

/** @dicom PS3.3 10.8 */
export function referencedSop({ SOPClassUID, SOPInstanceUID }: InstanceReference, frame?: number): JsonDataset {
  return attributes({
    ReferencedSOPClassUID: SOPClassUID,
    ReferencedSOPInstanceUID: SOPInstanceUID,
    ReferencedFrameNumber: frame,
  });
}

/** Instances by study and series, each once. @dicom PS3.3 C.17.2.1 */
export function hierarchicalReferences(instances: readonly InstanceReference[]): JsonDataset[] {
  return [...Map.groupBy(instances, ({ StudyInstanceUID }) => StudyInstanceUID)].map(([StudyInstanceUID, ofStudy]) =>
    attributes({
      StudyInstanceUID,
      ReferencedSeriesSequence: [...Map.groupBy(ofStudy, ({ SeriesInstanceUID }) => SeriesInstanceUID)].map(
        ([SeriesInstanceUID, ofSeries]) =>
          attributes({
            SeriesInstanceUID,
            ReferencedSOPSequence: [
              ...new Map(ofSeries.map((instance) => [instance.SOPInstanceUID, instance])).values(),
            ].map((instance) => referencedSop(instance)),
          }),
      ),
    }),
  );
}

/** The order the study was made for, where it has an accession number. @dicom PS3.3 C.17.2 */
export function referencedRequest(source: JsonDataset): JsonDataset[] {
  if (text(source, 'AccessionNumber') === undefined) return [];
  return [
    merge(
      attributes({
        StudyInstanceUID: text(source, 'StudyInstanceUID'),
        ReferencedStudySequence: [],
        PlacerOrderNumberImagingServiceRequest: '',
        FillerOrderNumberImagingServiceRequest: '',
        RequestedProcedureID: '',
        RequestedProcedureDescription: '',
        RequestedProcedureCodeSequence: [],
      }),
      pick(source, ['AccessionNumber', 'IssuerOfAccessionNumberSequence']),
    ),
  ];
}
