/** Expands a segmented palette. Throws when a segment points nowhere. @dicom PS3.3 C.7.9.2 */
export function expandSegments(segments: Uint16Array, count: number): Uint16Array {
  const out: number[] = [];
  runSegments(segments, 0, segments.length, out, count, 0);
  return Uint16Array.from(out.slice(0, count));
}

function runSegments(
  words: Uint16Array,
  start: number,
  end: number,
  out: number[],
  count: number,
  depth: number,
  limit = Number.POSITIVE_INFINITY,
): void {
  let at = start;
  for (let done = 0; at + 1 < end && done < limit && out.length < count; done++) {
    const opcode = words[at]!;
    const length = words[at + 1]!;
    if (opcode === 0) {
      for (let i = 0; i < length; i++) out.push(words[at + 2 + i] ?? 0);
      at += 2 + length;
    } else if (opcode === 1) {
      const from = out.at(-1);
      if (from === undefined) throw new Error('a palette starts with a linear segment');
      const to = words[at + 2] ?? from;
      for (let i = 1; i <= length; i++) out.push(Math.round(from + ((to - from) * i) / length));
      at += 3;
    } else if (opcode === 2) {
      // Nested indirection is not allowed by the standard and would never end.
      if (depth > 0) throw new Error('a palette refers to its own references');
      const offset = (words[at + 2] ?? 0) + (words[at + 3] ?? 0) * 65536;
      runSegments(words, Math.floor(offset / 2), words.length, out, count, depth + 1, length);
      at += 4;
    } else {
      throw new Error(`a palette has a segment of unknown kind ${opcode}`);
    }
  }
}
