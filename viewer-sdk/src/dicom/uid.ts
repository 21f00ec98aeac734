/** Whether a text can be a DICOM unique identifier: digits and dots, at most 64. Leading zeros are let pass. @dicom PS3.5 9.1 */
export function isUid(value: string): boolean {
  return value.length <= 64 && /^\d+(\.\d+)+$/.test(value);
}
