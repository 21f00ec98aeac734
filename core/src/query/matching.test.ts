import { describe, expect, it } from 'vitest';
import { parseDateTime, parseRange } from './date-time.ts';
import { matchesDateTime, matchesKey, parseKey } from './matching.ts';
import { nameForms, nameHasWord } from './names.ts';
import { studyOrder, studyOrderRange } from './study-order.ts';
import { matchesWildcard } from './wildcard.ts';

const matches = (vr: string, key: string | number, stored: string) =>
  matchesKey(vr, parseKey('00100020', vr, { vr, Value: [key] }), stored);

describe('attribute matching', () => {
  it('compares numbers by value and CS without case', () => {
    expect(matches('IS', 1, '01')).toBe(true);
    expect(matches('DS', '1.50', '1.5')).toBe(true);
    expect(matches('IS', 1, '')).toBe(false);
    expect(matches('CS', 'ct', 'CT')).toBe(true);
    expect(matches('LO', 'ct', 'CT')).toBe(false);
    expect(matches('US', 512, '512')).toBe(true);
  });

  it('matches any of several stored values, and takes a text with a backslash whole', () => {
    expect(matches('LO', 'b', 'a\\b')).toBe(true);
    expect(matches('LO', 'a*b', 'a\\b')).toBe(false);
    expect(matchesKey('LT', parseKey('00104000', 'LT', { vr: 'LT', Value: ['a\\b'] }), 'a\\b')).toBe(true);
  });

  it('matches DT with offsets and of any precision', () => {
    expect(parseRange('DT', '20260101-20260102')).toEqual({ from: '20260101000000000000', to: '20260102235959999999' });
    expect(parseRange('DT', '202601010800+0800-')).toEqual({ from: '20260101000000000000', to: '' });
    expect(parseRange('DT', '2026010108-0500')).toEqual({ from: '20260101130000000000', to: '20260101135959999999' });
    expect(parseDateTime('202602')).toEqual({ from: '20260201000000000000', to: '20260228235959999999' });
    expect(parseDateTime('20261301')).toBeUndefined();
    expect(matches('DT', '20260101000000-20260101235959', '20260101120000.5')).toBe(true);
    expect(matches('DT', '20260101', '20260102')).toBe(false);
  });

  it('takes a date and a time as one moment', () => {
    const date = parseKey('00080020', 'DA', { vr: 'DA', Value: ['20260101-20260102'] });
    const time = parseKey('00080030', 'TM', { vr: 'TM', Value: ['1200-0600'] });
    expect(matchesDateTime(date, time, '20260101', '110000')).toBe(false);
    expect(matchesDateTime(date, time, '20260101', '120000')).toBe(true);
    expect(matchesDateTime(date, time, '20260102', '060000')).toBe(true);
    expect(matchesDateTime(date, time, '20260102', '070000')).toBe(false);
    expect(matchesDateTime(date, time, '20260102', '')).toBe(true);
    expect(matchesDateTime(date, time, '', '120000')).toBe(false);
  });

  it('finds objects under every UID they may be stored with, and nothing by a part of one', () => {
    const deidentified = '05fa52f0e599f17b8186ff18fcdf2b5570a52206a75c4d03afebf5c475dc8758';
    const tooLong = `1.2.${'9'.repeat(84)}`;
    for (const uid of [deidentified, tooLong, '1.02.3']) {
      expect(matches('UI', uid, uid)).toBe(true);
      expect(matches('UI', `${uid}\\1.2.4`, uid)).toBe(true);
    }
    expect(() => matches('UI', '1.2.*', '1.2.3')).toThrow(/no UID/);
    expect(() => matches('UI', '1.2 3', '1.2.3')).toThrow(/no UID/);
  });

  it('matches wildcards in bounded time', () => {
    expect(matchesWildcard('a*b?c', 'aXXbYc')).toBe(true);
    expect(matchesWildcard('a*b?c', 'aXXbc')).toBe(false);
    expect(matchesWildcard('?', '\u{20BB7}')).toBe(true);
    expect(matchesWildcard(`${'*a'.repeat(2000)}b`, 'a'.repeat(4000))).toBe(false);
  });

  it('answers sequence keys with more than one item, or nested without end, as invalid', () => {
    const tag = '00400275';
    expect(() => parseKey(tag, 'SQ', { vr: 'SQ', Value: [{}, {}] })).toThrow(/RequestAttributesSequence/);
    let element = { vr: 'SQ', Value: [{ '00400009': { vr: 'SH', Value: ['x'] } }] };
    for (let depth = 0; depth < 10; depth++)
      element = { vr: 'SQ', Value: [{ [tag]: element }] } as unknown as typeof element;
    expect(() => parseKey(tag, 'SQ', element)).toThrow(/nested/);
  });
});

describe('names', () => {
  it('reads surnames as surnames and keeps other readings', () => {
    const has = (name: string, word: string) => nameHasWord(nameForms(name), word);
    for (const [name, ...words] of [
      ['单^雄信', 'shanxiongxin', 'danxiongxin', 'sxx', 'dxx'],
      ['仇英', 'qiuying', 'qy', 'chouying'],
      ['解^珍', 'xiezhen', 'xz'],
      ['曾国藩', 'zengguofan', 'zgf', 'guofan', 'gf'],
      ['欧阳^修', 'ouyangxiu', 'oyx'],
      ['尉迟恭', 'yuchi'],
      ['吕布', 'lvbu', 'lubu', 'lyubu', 'lb'],
      ['張^偉', 'zhangwei', 'zw'],
    ] as const) {
      for (const word of words) expect(has(name, word), `${name} ${word}`).toBe(true);
    }
    expect(has('张小明', 'ang')).toBe(false);
    expect(has('Zhang^San', 'ang')).toBe(true);
    expect(has('Zhang^San', 'zs')).toBe(true);
    expect(has('Zhang^San', 'a')).toBe(false);
    expect(has('ＺＨＡＮＧ^三', 'zhang')).toBe(true);
  });

  it('sorts Chinese names among the others, by pinyin', () => {
    const names = ['王^伟', 'Xu^Li', '单^雄信', 'Adams', 'Chen=陈'];
    expect(names.toSorted((a, b) => (nameForms(a).sortKey < nameForms(b).sortKey ? -1 : 1))).toEqual([
      'Adams',
      'Chen=陈',
      '单^雄信',
      '王^伟',
      'Xu^Li',
    ]);
  });
});

describe('order of studies', () => {
  it('puts later studies higher, and every day in its range', () => {
    const at = (date: string, time: string) => studyOrder(date, time, 'x').preferred;
    const ordered = [
      at('', ''),
      at('00010101', ''),
      at('19500101', '12'),
      at('20260101', ''),
      at('20260101', '0800'),
      at('20260101', '080001'),
      at('20260102', ''),
      at('21000101', ''),
    ];
    expect(ordered.toSorted((a, b) => a - b)).toEqual(ordered);
    expect(Math.max(...ordered)).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
    const { lowest, highest } = studyOrderRange('20260101', '20260101');
    for (const time of ['', '0000', '235960']) {
      const { first, size } = studyOrder('20260101', time, 'y');
      expect(first).toBeGreaterThanOrEqual(lowest);
      expect(first + size - 1).toBeLessThanOrEqual(highest);
    }
    expect(studyOrderRange('', '').highest).toBe(Number.MAX_SAFE_INTEGER);
  });
});
