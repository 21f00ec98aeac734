import type { LutSource } from './frame.ts';

/** Entries of a lookup table given as bytes: 16-bit little endian words, or single bytes where only those fit. @dicom PS3.3 C.11.1.1 */
export function lutFromBytes(
  bytes: Uint8Array,
  [entries, , bitsPerEntry]: LutSource['descriptor'],
): Uint16Array<ArrayBuffer> {
  const table = new Uint16Array(entries);
  if (bytes.length >= entries * 2) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let index = 0; index < entries; index += 1) table[index] = view.getUint16(index * 2, true);
    return table;
  }
  if (bytes.length < entries)
    throw new Error(`lookup table of ${bytes.length} bytes for ${entries} entries of ${bitsPerEntry} bits`);
  table.set(bytes.subarray(0, entries));
  return table;
}

/** Entries of a lookup table given as numbers. */
export function lutFromNumbers(
  values: readonly number[],
  [entries]: LutSource['descriptor'],
): Uint16Array<ArrayBuffer> {
  if (values.length < entries) throw new Error(`lookup table of ${values.length} values for ${entries} entries`);
  return Uint16Array.from(values.slice(0, entries), (value) => value & 0xffff);
}

/** Expands a segmented palette: discrete, linear and indirect segments. @dicom PS3.3 C.7.9.2 */
export function expandSegments(words: Uint16Array, entries: number): Uint16Array<ArrayBuffer> {
  const table: number[] = [];
  const expand = (start: number, segments: number): void => {
    let at = start;
    for (let count = 0; count < segments && at + 1 < words.length; count += 1) {
      const opcode = words[at] ?? 0;
      const size = words[at + 1] ?? 0;
      if (opcode === 0) {
        for (let index = 0; index < size; index += 1) table.push(words[at + 2 + index] ?? 0);
        at += 2 + size;
      } else if (opcode === 1) {
        const from = table.at(-1) ?? 0;
        const to = words[at + 2] ?? 0;
        for (let index = 1; index <= size; index += 1) table.push(Math.round(from + ((to - from) * index) / size));
        at += 3;
      } else if (opcode === 2) {
        const offset = ((words[at + 2] ?? 0) | ((words[at + 3] ?? 0) << 16)) >>> 1;
        // An indirect segment points backwards only: anything else would never end.
        if (offset >= at) throw new Error('segmented palette that refers forwards');
        expand(offset, size);
        at += 4;
      } else {
        throw new Error(`segmented palette with segment type ${opcode}`);
      }
      if (table.length > entries) throw new Error('segmented palette longer than its descriptor');
    }
  };
  expand(0, Number.POSITIVE_INFINITY);
  if (table.length !== entries) throw new Error('segmented palette shorter than its descriptor');
  return Uint16Array.from(table);
}

/** Palette entries as they are shown: 8 bits a colour. Tables that fill only 8 of 16 bits are taken as 8 bits. */
export function paletteBytes(table: Uint16Array, bitsPerEntry: number): Uint8ClampedArray<ArrayBuffer> {
  const shift = bitsPerEntry > 8 && table.some((value) => value > 255) ? bitsPerEntry - 8 : 0;
  return Uint8ClampedArray.from(table, (value) => value >> shift);
}
