/**
 * The colour space of browsers, sRGB, as an ICC profile of version 2: three primaries, a white point and a gamma of 2.2. Made here, as a colour
 * presentation state must carry one.
 * @dicom PS3.3 C.11.15
 */
export function srgbProfile(): Uint8Array<ArrayBuffer> {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const tags: (readonly [string, Uint8Array])[] = [
    ['desc', description('sRGB')],
    ['cprt', bytesOf(text('text'), zeros(4), text('Public domain\0'))],
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['rXYZ', xyz(0.4361, 0.2225, 0.0139)],
    ['gXYZ', xyz(0.3851, 0.7169, 0.0971)],
    ['bXYZ', xyz(0.1431, 0.0606, 0.7141)],
    ['rTRC', gamma()],
    ['gTRC', gamma()],
    ['bTRC', gamma()],
  ];
  const table = 128 + 4 + tags.length * 12;
  const size = table + tags.reduce((sum, [, data]) => sum + aligned(data.length), 0);
  const profile = new Uint8Array(size);
  const view = new DataView(profile.buffer);
  view.setUint32(0, size);
  view.setUint32(8, 0x02100000);
  for (const [at, value] of [
    [12, 'mntr'],
    [16, 'RGB '],
    [20, 'XYZ '],
    [36, 'acsp'],
  ] as const)
    profile.set(text(value), at);
  [2026, 1, 1, 0, 0, 0].forEach((value, index) => {
    view.setUint16(24 + index * 2, value);
  });
  profile.set(xyz(0.9642, 1, 0.8249).subarray(8), 68);
  view.setUint32(128, tags.length);
  let at = table;
  tags.forEach(([name, data], index) => {
    const entry = 132 + index * 12;
    profile.set(text(name), entry);
    view.setUint32(entry + 4, at);
    view.setUint32(entry + 8, data.length);
    profile.set(data, at);
    at += aligned(data.length);
  });
  return profile;
}

const aligned = (length: number): number => Math.ceil(length / 4) * 4;
const zeros = (length: number): Uint8Array => new Uint8Array(length);

function bytesOf(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function number(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

const xyz = (...values: readonly [number, number, number]): Uint8Array =>
  bytesOf(new TextEncoder().encode('XYZ '), zeros(4), ...values.map((value) => number(Math.round(value * 65_536))));

function gamma(): Uint8Array {
  const curve = bytesOf(new TextEncoder().encode('curv'), zeros(4), number(1), zeros(2));
  new DataView(curve.buffer).setUint16(12, Math.round(2.2 * 256));
  return curve;
}

/** The v2 description type: ASCII, then empty Unicode and Macintosh names. */
const description = (name: string): Uint8Array =>
  bytesOf(
    new TextEncoder().encode('desc'),
    zeros(4),
    number(name.length + 1),
    new TextEncoder().encode(`${name}\0`),
    zeros(4 + 4 + 2 + 1 + 67),
  );
