declare module 'dicom-character-set' {
  /** Throws when the character set is unknown or an escape sequence does not belong to it. */
  export function convertBytes(
    specificCharacterSet: string | undefined,
    bytes: Uint8Array,
    options?: { vr?: string },
  ): string;
}
