/** A data set in the DICOM JSON model: keys are 8 upper-case hex digits. @dicom PS3.18 F.2 */
export type DicomJson = Record<string, DicomJsonElement>;

export interface DicomJsonElement {
  vr: string;
  Value?: DicomJsonValue[];
  /** In records: `<offset>/<length>` never appears here; see {@link BulkDataItem}. The value is the path of the element, e.g. `7FE00010` or `54000100/0/54001010`. */
  BulkDataURI?: string;
  /** base64; only for small binary values kept in the header. */
  InlineBinary?: string;
}

export type DicomJsonValue = string | number | null | PersonNameValue | DicomJson;

/** @dicom PS3.18 F.2.2 (PN), PS3.5 6.2.1 */
export interface PersonNameValue {
  Alphabetic?: string;
  Ideographic?: string;
  Phonetic?: string;
}

/** Where a large binary value lies inside the stored file. `lengthBytes` is -1 for encapsulated (undefined length) pixel data. */
export interface BulkDataItem {
  /** Path as in {@link DicomJsonElement.BulkDataURI}. */
  path: string;
  vr: string;
  /** From the start of the Part 10 file (for deflated syntaxes: from the start of the *inflated* data set, `inflated: true`). */
  offsetBytes: number;
  lengthBytes: number;
  inflated?: boolean;
}

/** What is read of an instance without its pixels. */
export interface InstanceHeader {
  SOPClassUID: string;
  SOPInstanceUID: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  transferSyntaxUID: string;
  /** Bytes of preamble, magic and File Meta Information before the data set. 0 when a raw data set without meta header was read. */
  datasetOffsetBytes: number;
  /** Without File Meta Information; strings decoded; values over 1 KiB of OB/OD/OF/OL/OV/OW/UN are BulkDataURI. */
  dataset: DicomJson;
  bulkData: BulkDataItem[];
  characterSet: {
    /** Specific Character Set as the file says it, `[]` when absent. */
    declared: string[];
    /** What the text was really read with. */
    used: string[];
    /** True when `used` is not what was declared (the device's assumed character set cured it). */
    cured: boolean;
  };
}

/** Random access to bytes that may be larger than memory. Offsets and lengths in bytes. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Resolves to exactly `lengthBytes` bytes, fewer only at the end. */
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
  /** Fills `target` from `offsetBytes` on and resolves to how many bytes it got, fewer only at the end. Where a source has it, sending needs no fresh memory. */
  readInto?(target: Uint8Array, offsetBytes: number): Promise<number>;
}
