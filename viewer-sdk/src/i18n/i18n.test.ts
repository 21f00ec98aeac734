import { expect } from 'chai';
import { VIEWER_ERRORS } from '../errors.ts';
import { describe, it } from '../testing/globals.ts';
import { en } from './en.ts';
import { isMessageKey, loadMessages, registerMessages, translator } from './index.ts';
import { zhCN } from './zh-CN.ts';

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe('messages', () => {
  it('have the same names and the same gaps in both languages', () => {
    expect(Object.keys(zhCN).sort()).to.deep.equal(Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      expect(placeholders(zhCN[key as keyof typeof en]), key).to.deep.equal(placeholders(text));
    }
  });

  it('say for every error what happened and what to do next', () => {
    for (const code of Object.keys(VIEWER_ERRORS)) {
      expect(isMessageKey(`error.${code}.title`) && isMessageKey(`error.${code}.remedy`), code).to.equal(true);
    }
  });

  it('fill in values, and fall back to the default language', async () => {
    expect(translator('en')('action.retry'), 'no Chinese while English is on its way').to.equal('');
    await loadMessages('en');
    expect(loadMessages('en-GB'), 'nothing more to wait for').to.equal(undefined);
    expect(translator('en')('series.loaded', { loaded: 2, count: 5 })).to.equal('2 of 5 loaded');
    expect(translator('en-GB')('action.retry')).to.equal('Try again');
    expect(translator('fr')('action.retry')).to.equal('重试');
  });

  it('can be added', () => {
    registerMessages('x-test', { ...en, 'action.retry': 'Encore' });
    expect(translator('x-test')('action.retry')).to.equal('Encore');
  });
});
