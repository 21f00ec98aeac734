import iconv from 'iconv-lite';

/** Character sets that messages are read and written in. */
export const CHARACTER_SETS = ['UTF-8', 'GB18030', 'GBK', 'ISO-8859-1', 'ASCII'] as const;
export type CharacterSet = (typeof CHARACTER_SETS)[number];

/** Names of table 0211 and those that systems write in their place, without case, blanks and signs. */
const BY_NAME: Readonly<Record<string, CharacterSet>> = {
  UNICODEUTF8: 'UTF-8',
  UTF8: 'UTF-8',
  UNICODE: 'UTF-8',
  GB180302000: 'GB18030',
  GB180302005: 'GB18030',
  GB18030: 'GB18030',
  GBK: 'GBK',
  GB2312: 'GBK',
  GB23121980: 'GBK',
  '88591': 'ISO-8859-1',
  ISO88591: 'ISO-8859-1',
  ISOIR100: 'ISO-8859-1',
  ASCII: 'ASCII',
  ISOIR6: 'ASCII',
};

/** What MSH-18 says of a message in this set. HL7 table 0211 */
export const MSH_18: Readonly<Record<CharacterSet, string>> = {
  'UTF-8': 'UNICODE UTF-8',
  GB18030: 'GB 18030-2000',
  GBK: 'GBK',
  'ISO-8859-1': '8859/1',
  ASCII: 'ASCII',
};

export function characterSetNamed(name: string): CharacterSet | undefined {
  return BY_NAME[name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')];
}

/** The text of these bytes; undefined when they are not of this set. */
export function decode(bytes: Uint8Array, characterSet: CharacterSet): string | undefined {
  switch (characterSet) {
    case 'UTF-8':
      return strictly('utf-8', bytes);
    case 'GB18030':
    case 'GBK':
      return strictly('gb18030', bytes);
    case 'ISO-8859-1':
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    case 'ASCII':
      return bytes.some((byte) => byte > 0x7f) ? undefined : strictly('utf-8', bytes);
  }
}

/** Bytes of a text; undefined when the set has no sign for some of it: a name with a question mark in it must not go out. */
export function encode(text: string, characterSet: CharacterSet): Buffer | undefined {
  const bytes =
    characterSet === 'UTF-8'
      ? Buffer.from(text, 'utf8')
      : iconv.encode(text, characterSet === 'ASCII' ? 'ascii' : characterSet);
  return decode(bytes, characterSet) === text ? bytes : undefined;
}

/**
 * Whether bytes that were declared as GB are UTF-8: three bytes for each of several signs. Chinese in GB has such sequences as good as never, and a name read in the
 * wrong set is another name.
 */
export function looksLikeUtf8(bytes: Uint8Array): boolean {
  const text = strictly('utf-8', bytes);
  return text !== undefined && /[\u0800-\uffff]/.test(text);
}

function strictly(label: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
