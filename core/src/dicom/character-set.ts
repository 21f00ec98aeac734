import { convertBytes } from 'dicom-character-set';

/** Specific Character Set of a data set or item, and of what it is nested in. @dicom PS3.3 C.12.1.1.2, PS3.5 6.1.2 */
export interface TextScope {
  readonly parent: TextScope | undefined;
  /** Values of (0008,0005) here; undefined when the element is absent and the parent's counts. */
  declared: string[] | undefined;
}

export function declaredIn(scope: TextScope): string[] {
  for (let at: TextScope | undefined = scope; at !== undefined; at = at.parent) {
    if (at.declared !== undefined) return at.declared;
  }
  return [];
}

const fatalUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const fatalGb18030 = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true });

// Shift_JIS and GB2312 are no DICOM terms of their own, but devices write them, and UTF-8 in many spellings.
const aliases: Record<string, string> = {
  'UTF-8': 'ISO_IR 192',
  UTF8: 'ISO_IR 192',
  'ISO 2022 IR 192': 'ISO_IR 192',
  GB2312: 'GBK',
  CP936: 'GBK',
  ASCII: 'ISO_IR 6',
  'ISO-8859-1': 'ISO_IR 100',
  'ISO IR 192': 'ISO_IR 192',
};

/** A defined term as devices spell it: `ISO-IR 100`, `ISO_IR_100`, `ISO2022 IR 58`, `UTF-8`. */
export function normalizeTerm(term: string): string {
  const upper = term.trim().toUpperCase();
  const alias = aliases[upper];
  if (alias !== undefined) return alias;
  const match = /^ISO[ _-]?(2022)?[ _-]?IR[ _-]?(\d+)$/.exec(upper);
  if (match === null) return upper;
  return match[1] === undefined ? `ISO_IR ${match[2]}` : `ISO 2022 IR ${match[2]}`;
}

/** True when nothing but the default repertoire or Latin 1 was declared: what devices write who don't know better. */
export function isDefaultOrLatin1(declared: readonly string[]): boolean {
  return declared.every((term) => {
    const normal = normalizeTerm(term);
    return normal === '' || /^ISO(_IR| 2022 IR) (6|100)$/.test(normal);
  });
}

/** Decodes strictly: undefined when the bytes are not valid in the character set, or it is unknown. */
export function decodeStrictly(bytes: Uint8Array, terms: readonly string[], vr: string): string | undefined {
  const normal = terms.map(normalizeTerm);
  try {
    switch (normal[0]) {
      case 'ISO_IR 192':
        return fatalUtf8.decode(bytes);
      case 'GB18030':
      case 'GBK':
        return fatalGb18030.decode(bytes);
    }
    const hasExtensions = normal.length > 1 || normal[0]?.startsWith('ISO 2022') === true;
    const usesG1 = normal.some((term) => !/^(|ISO(_IR| 2022 IR) 6)$/.test(term));
    if (!usesG1 && bytes.some((byte) => byte >= 0x80 || byte === 0x1b)) return undefined;
    if (isLatin1(normal) && !hasExtensions) {
      return bytes.some((byte) => byte >= 0x80 && byte < 0xa0) ? undefined : latin1(bytes);
    }
    const text = convertBytes(normal.join('\\'), bytes, { vr });
    return text.includes('\uFFFD') ? undefined : text;
  } catch {
    // Unknown term, or an escape sequence of another set: not valid here.
    return undefined;
  }
}

/** Decodes always: what is not valid is shown as Latin 1 or U+FFFD, the bytes themselves stay in the stored file. */
export function decodeLeniently(bytes: Uint8Array, terms: readonly string[], vr: string): string {
  const strict = decodeStrictly(bytes, terms, vr);
  if (strict !== undefined) return strict;
  const normal = terms.map(normalizeTerm);
  switch (normal[0]) {
    case 'ISO_IR 192':
      return new TextDecoder('utf-8').decode(bytes);
    case 'GB18030':
    case 'GBK':
      return new TextDecoder('gb18030').decode(bytes);
  }
  if (isDefaultOrLatin1(normal)) return latin1(bytes);
  try {
    return convertBytes(normal.join('\\'), bytes, { vr });
  } catch {
    // Names in a set that nobody knows are still better read as Latin 1 than lost.
    return latin1(bytes);
  }
}

function isLatin1(terms: readonly string[]): boolean {
  return terms.length === 1 && terms[0] === 'ISO_IR 100';
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
