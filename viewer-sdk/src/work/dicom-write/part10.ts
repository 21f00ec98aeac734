import { type JsonDataset, text } from '../../dicom/json.ts';
import { EXPLICIT_LITTLE_ENDIAN, encodeDataset, encodeElement, joined } from './encode.ts';

const PREAMBLE_BYTES = 128;
/** Names the writer, not the site. @dicom PS3.7 D.3.3.2 */
const IMPLEMENTATION_CLASS_UID = '2.25.213384128765867318234117920839527160833';
const IMPLEMENTATION_VERSION_NAME = 'FILMLESS_VIEWER';

/** A data set that is complete: what STOW-RS sends and a file holds. */
export interface WrittenInstance {
  readonly dataset: JsonDataset;
  readonly SOPClassUID: string;
  readonly SOPInstanceUID: string;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  /** The Part 10 file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A Part 10 file in explicit VR little endian.
 * @throws TypeError when the data set does not say what it is
 * @dicom PS3.10 7.1
 */
export function writeInstance(dataset: JsonDataset): WrittenInstance {
  const uid = (keyword: 'SOPClassUID' | 'SOPInstanceUID' | 'StudyInstanceUID' | 'SeriesInstanceUID'): string => {
    const value = text(dataset, keyword);
    if (value === undefined) throw new TypeError(`${keyword} is missing`);
    return value;
  };
  const [SOPClassUID, SOPInstanceUID] = [uid('SOPClassUID'), uid('SOPInstanceUID')];
  const meta = joined([
    ...encodeElement('00020001', { vr: 'OB', InlineBinary: btoa('\u0000\u0001') }),
    ...encodeElement('00020002', { vr: 'UI', Value: [SOPClassUID] }),
    ...encodeElement('00020003', { vr: 'UI', Value: [SOPInstanceUID] }),
    ...encodeElement('00020010', { vr: 'UI', Value: [EXPLICIT_LITTLE_ENDIAN] }),
    ...encodeElement('00020012', { vr: 'UI', Value: [IMPLEMENTATION_CLASS_UID] }),
    ...encodeElement('00020013', { vr: 'SH', Value: [IMPLEMENTATION_VERSION_NAME] }),
  ]);
  const bytes = joined([
    new Uint8Array(PREAMBLE_BYTES),
    new TextEncoder().encode('DICM'),
    ...encodeElement('00020000', { vr: 'UL', Value: [meta.length] }),
    meta,
    encodeDataset(dataset),
  ]);
  return {
    dataset,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID: uid('StudyInstanceUID'),
    SeriesInstanceUID: uid('SeriesInstanceUID'),
    bytes,
  };
}
