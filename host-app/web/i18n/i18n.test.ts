import { expect } from 'chai';
import { describe, it } from '../testing/setup.ts';
import { en } from './en/index.ts';
import { zhCN } from './zh-CN/index.ts';

/** Some take figures and words, some a list of texts. */
function calls(text: (...values: unknown[]) => unknown): unknown[] {
  try {
    return [text(1, 2, 'h'), text(2, 3, 'h')];
  } catch {
    return [text(['a', 'b'])];
  }
}

/** Texts by path; a function is called with figures and words, so that its text is looked at too. */
function texts(table: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(table)) {
    const here = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') found.set(here, value);
    else if (typeof value === 'function') found.set(here, calls(value).flat().join(' '));
    else if (value !== null && typeof value === 'object')
      for (const [inner, text] of texts(value, here)) found.set(inner, text);
  }
  return found;
}

describe('messages', () => {
  const chinese = texts(zhCN);
  const english = texts(en);

  it('has every key in both languages', () => {
    expect([...english.keys()].sort()).to.deep.equal([...chinese.keys()].sort());
    expect(chinese.size).to.be.greaterThan(300);
  });

  it('leaves no text empty', () => {
    for (const table of [chinese, english]) for (const [key, text] of table) expect(text.trim(), key).not.to.equal('');
  });

  it('has no Chinese in English but the name of the language', () => {
    const odd = [...english]
      .filter(([key, text]) => key !== 'common.languageZh' && /\p{Script=Han}/u.test(text))
      .map(([key]) => key);
    expect(odd).to.deep.equal([]);
  });

  it('has no English sentence left in Chinese', () => {
    const odd = [...chinese]
      .filter(([key, text]) => /[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}/.test(text) && !key.startsWith('errors.'))
      .map(([key]) => key);
    expect(odd).to.deep.equal([]);
  });
});
