import iconv from 'iconv-lite';

/** Encodes text, or gives undefined when the character set lacks a character of it. */
export interface TextEncoder {
  /** Values of (0008,0005). */
  readonly terms: readonly string[];
  /** `vr`: in ISO 2022 the delimiters that bring back the first set depend on it. */
  encode(text: string, vr: string): Uint8Array | undefined;
}

const ASCII = /^[\0-\x7f]*$/;
const LATIN1 = /^[\0-\x7f\xa0-\xff]*$/;
const ESCAPE_GB2312 = Buffer.from([0x1b, 0x24, 0x29, 0x41]);

const encoders: Record<string, (text: string, vr: string) => Uint8Array | undefined> = {
  '': (text) => (ASCII.test(text) ? Buffer.from(text, 'latin1') : undefined),
  'ISO_IR 6': (text) => (ASCII.test(text) ? Buffer.from(text, 'latin1') : undefined),
  'ISO_IR 100': (text) => (LATIN1.test(text) ? Buffer.from(text, 'latin1') : undefined),
  'ISO_IR 192': (text) => Buffer.from(text, 'utf8'),
  GB18030: (text) => encodeExactly(text, 'gb18030'),
  GBK: (text) => encodeExactly(text, 'gbk'),
  '\\ISO 2022 IR 58': encodeIso2022Gb2312,
};

export const UTF8_ENCODER: TextEncoder = { terms: ['ISO_IR 192'], encode: encoders['ISO_IR 192']! };
export const ASCII_ENCODER: TextEncoder = { terms: [], encode: encoders['']! };

/** Encoder of a Specific Character Set (values joined by backslashes), or undefined when it can only be read here. */
export function textEncoder(characterSet: string): TextEncoder | undefined {
  const encode = encoders[characterSet.toUpperCase().replace(/^ISO 2022 IR 6\\/, '\\')];
  return encode && { terms: characterSet === '' ? [] : characterSet.split('\\'), encode };
}

function encodeExactly(text: string, encoding: 'gb18030' | 'gbk'): Uint8Array | undefined {
  if (ASCII.test(text)) return Buffer.from(text, 'latin1');
  const bytes = iconv.encode(text, encoding);
  // iconv-lite writes a question mark for what it lacks.
  return new TextDecoder('gb18030').decode(bytes) === text ? bytes : undefined;
}

/**
 * ASCII in G0, GB 2312 in G1 after an escape sequence, which has to be repeated after every delimiter.
 * @dicom PS3.5 6.1.2.5.3, K
 */
function encodeIso2022Gb2312(text: string, vr: string): Uint8Array | undefined {
  const delimiters = vr === 'PN' ? '\\^=\t\n\f\r' : ['LT', 'ST', 'UT'].includes(vr) ? '\t\n\f\r' : '\\\t\n\f\r';
  const parts: Uint8Array[] = [];
  let isDesignated = false;
  for (const character of text) {
    if (character <= '\x7f') {
      if (delimiters.includes(character)) isDesignated = false;
      parts.push(Buffer.from(character, 'latin1'));
      continue;
    }
    const bytes = iconv.encode(character, 'gbk');
    if (bytes.byteLength !== 2 || !isGb2312(bytes[0]!, bytes[1]!)) return undefined;
    if (!isDesignated) parts.push(ESCAPE_GB2312);
    isDesignated = true;
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** Hanzi and the rows of punctuation and full-width letters; what GBK added to GB 2312 lies elsewhere. */
function isGb2312(lead: number, trail: number): boolean {
  if (trail < 0xa1 || trail > 0xfe) return false;
  if (lead === 0xd7) return trail <= 0xf9;
  return lead === 0xa1 || lead === 0xa3 || (lead >= 0xb0 && lead <= 0xf7);
}
