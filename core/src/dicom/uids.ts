import { randomUUID } from 'node:crypto';

/** Filmless' own, derived once from a UUID. @dicom PS3.5 B.2, PS3.7 D.3.3.2 */
export const IMPLEMENTATION_CLASS_UID = '2.25.108816856057936147633243147899576350657';
export const IMPLEMENTATION_VERSION_NAME = 'FILMLESS_0_1';

/** A new UID under 2.25. @dicom PS3.5 B.2 */
export function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

/** What the standard allows: components without leading zeros, 64 characters. @dicom PS3.5 9.1 */
export function isValidUid(uid: string): boolean {
  return uid.length <= 64 && /^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+$/.test(uid);
}

/**
 * What is accepted as the identifier of a received object. Our choice: devices and de-identification tools write UIDs with leading zeros, letters
 * or too many digits; refusing them would lose the study, and they identify as well as others.
 */
export function isAcceptableUid(uid: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$/.test(uid);
}
