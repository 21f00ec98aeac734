/** How the value of a VR is laid out. @dicom PS3.5 6.2 */
export type ValueKind =
  | 'text' // Specific Character Set applies, several values
  | 'long-text' // Specific Character Set applies, one value, backslash is a character
  | 'string' // default repertoire, several values
  | 'uri' // default repertoire, one value
  | 'decimal' // DS, IS
  | 'name' // PN
  | 'number' // fixed size binary numbers
  | 'tag' // AT
  | 'binary' // O*, UN
  | 'sequence';

export interface VrInfo {
  readonly vr: string;
  readonly kind: ValueKind;
  /** Explicit VR uses 2 reserved bytes and a 32-bit length. @dicom PS3.5 7.1.2 */
  readonly longLength: boolean;
  /** Bytes of one number, or the unit that changes with the byte order; 1 where it doesn't matter. */
  readonly unitBytes: number;
  /** Leading spaces are padding too. */
  readonly trimStart: boolean;
}

const table: [vr: string, kind: ValueKind, longLength: boolean, unitBytes: number, trimStart: boolean][] = [
  ['AE', 'string', false, 1, true],
  ['AS', 'string', false, 1, false],
  ['AT', 'tag', false, 4, false],
  ['CS', 'string', false, 1, true],
  ['DA', 'string', false, 1, false],
  ['DS', 'decimal', false, 1, true],
  ['DT', 'string', false, 1, false],
  ['FL', 'number', false, 4, false],
  ['FD', 'number', false, 8, false],
  ['IS', 'decimal', false, 1, true],
  ['LO', 'text', false, 1, true],
  ['LT', 'long-text', false, 1, false],
  ['OB', 'binary', true, 1, false],
  ['OD', 'binary', true, 8, false],
  ['OF', 'binary', true, 4, false],
  ['OL', 'binary', true, 4, false],
  ['OV', 'binary', true, 8, false],
  ['OW', 'binary', true, 2, false],
  ['PN', 'name', false, 1, false],
  ['SH', 'text', false, 1, true],
  ['SL', 'number', false, 4, false],
  ['SQ', 'sequence', true, 1, false],
  ['SS', 'number', false, 2, false],
  ['ST', 'long-text', false, 1, false],
  ['SV', 'number', true, 8, false],
  ['TM', 'string', false, 1, false],
  ['UC', 'text', true, 1, false],
  ['UI', 'string', false, 1, true],
  ['UL', 'number', false, 4, false],
  ['UN', 'binary', true, 1, false],
  ['UR', 'uri', true, 1, false],
  ['US', 'number', false, 2, false],
  ['UT', 'long-text', true, 1, false],
  ['UV', 'number', true, 8, false],
];

const byName = new Map<string, VrInfo>();
const byCode = new Map<number, VrInfo>();
for (const [vr, kind, longLength, unitBytes, trimStart] of table) {
  const info: VrInfo = { vr, kind, longLength, unitBytes, trimStart };
  byName.set(vr, info);
  byCode.set((vr.charCodeAt(0) << 8) | vr.charCodeAt(1), info);
}

/** The VR of that name, or undefined when the standard has none. */
export function vrInfo(vr: string): VrInfo | undefined {
  return byName.get(vr);
}

/** By its two letters as a number, first letter in the high byte. */
export function vrInfoOfCode(code: number): VrInfo | undefined {
  return byCode.get(code);
}

export const UN = byName.get('UN')!;
export const LO = byName.get('LO')!;
export const UL = byName.get('UL')!;
export const US = byName.get('US')!;
export const SS = byName.get('SS')!;
export const OW = byName.get('OW')!;
export const SQ = byName.get('SQ')!;
