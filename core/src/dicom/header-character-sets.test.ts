import { describe, expect, it } from 'vitest';
import { encode, identifiers, meta, raw, read } from './header-files.test-util.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, element, personName } from './index.ts';

describe('character sets', () => {
  const named = (bytes: string, declared?: string, comment = '') =>
    Buffer.concat([
      meta(EXPLICIT_VR_LITTLE_ENDIAN),
      declared === undefined ? Buffer.alloc(0) : raw(0x00080005, 'CS', declared),
      encode(identifiers),
      raw(0x00100010, 'PN', Buffer.from(bytes, 'hex')),
      raw(0x00104000, 'LT', Buffer.from(comment, 'hex')),
    ]);
  const gbk = 'd5c55ec8fd'; // 张^三
  const utf8 = 'e5bca05ee4b889';
  const nameOf = async (bytes: Buffer, assumedCharacterSet?: string) => {
    const header = await read(bytes, assumedCharacterSet === undefined ? {} : { assumedCharacterSet });
    return { name: personName(header.dataset, 'PatientName')?.Alphabetic, ...header.characterSet };
  };

  it('cures undeclared and wrongly declared text with the assumed character set', async () => {
    for (const declared of [undefined, 'ISO_IR 100', 'ISO_IR 6 ', 'ISO 2022 IR 6\\ISO 2022 IR 100']) {
      for (const assumed of ['GB18030', 'GBK']) {
        expect(await nameOf(named(gbk, declared), assumed)).toMatchObject({
          name: '张^三',
          used: [assumed],
          cured: true,
        });
      }
      expect((await nameOf(named(utf8, declared), 'GB18030')).name).toBe('张^三');
      expect(await nameOf(named(utf8, declared), 'ISO_IR 192')).toMatchObject({ name: '张^三', cured: true });
    }
  });

  it('believes a declaration that fits', async () => {
    expect(await nameOf(named(gbk, 'GB18030 '), 'ISO_IR 192')).toMatchObject({ name: '张^三', cured: false });
    expect(await nameOf(named(utf8, 'ISO_IR 192'), 'GB18030')).toMatchObject({ name: '张^三', cured: false });
    // Buc^Jérôme and Äneas^Rüdiger in Latin 1: letters that stand alone are no Chinese.
    expect(await nameOf(named('4275635e4ae972f46d65', 'ISO_IR 100'), 'GB18030')).toMatchObject({
      name: 'Buc^Jérôme',
      cured: false,
    });
    expect(await nameOf(named('c46e6561735e52fc6469676572', 'ISO_IR 100'), 'GBK')).toMatchObject({
      name: 'Äneas^Rüdiger',
      cured: false,
    });
  });

  it('reads undeclared UTF-8 as such, and cures UTF-8 that is none', async () => {
    expect(await nameOf(named(utf8))).toEqual({ name: '张^三', declared: [], used: ['ISO_IR 192'], cured: true });
    expect(await nameOf(named(gbk, 'ISO_IR 192'), 'GB18030')).toMatchObject({
      name: '张^三',
      used: ['GB18030'],
      cured: true,
    });
  });

  it('loses no character when nothing is known', async () => {
    const found = await nameOf(named(gbk));
    expect(Buffer.from(found.name ?? '', 'latin1').toString('hex')).toBe(gbk);
    expect(found.cured).toBe(false);
  });

  it('decides for the whole data set, not value by value', async () => {
    // C3A4 is ä in UTF-8 and 盲 in GBK; the comment can only be GBK.
    expect((await nameOf(named('c3a4', undefined, 'd5c5c8fd'), 'GB18030')).name).toBe('盲');
  });

  it('keeps a backslash that is half of a GBK character', async () => {
    // 誠 is D55C in GBK, and 5C alone would part two values.
    const bytes = Buffer.concat([
      meta(EXPLICIT_VR_LITTLE_ENDIAN),
      raw(0x00080005, 'CS', 'GBK '),
      encode(identifiers),
      raw(0x00100020, 'LO', Buffer.from('d55c5c41', 'hex')),
    ]);
    expect((await read(bytes)).dataset['00100020']?.Value).toEqual(['誠', 'A']);
  });

  it('reads items in their own character set, and what lies deeper too', async () => {
    const inner = Buffer.concat([raw(0x00080005, 'CS', 'GBK '), raw(0x00080104, 'LO', Buffer.from('d5c5', 'hex'))]);
    const plain = raw(0x00080104, 'LO', Buffer.from('e5bca0', 'hex'));
    const item = (content: Buffer) => {
      const head = Buffer.from('feff00e000000000', 'hex');
      head.writeUInt32LE(content.byteLength, 4);
      return Buffer.concat([head, content]);
    };
    const bytes = Buffer.concat([
      meta(EXPLICIT_VR_LITTLE_ENDIAN),
      raw(0x00080005, 'CS', 'ISO_IR 192'),
      encode(identifiers),
      raw(0x00400555, 'SQ', Buffer.concat([item(inner), item(plain)])),
    ]);
    const { dataset } = await read(bytes);
    expect(dataset['00400555']?.Value).toMatchObject([
      { '00080104': element('LO', '张') },
      { '00080104': element('LO', '张') },
    ]);
  });
});
