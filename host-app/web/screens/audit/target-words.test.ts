import { expect } from 'chai';
import { setLocale } from '../../i18n/index.ts';
import { afterEach, beforeEach, describe, it } from '../../testing/setup.ts';
import { targetWords } from './target-words.ts';

describe('what an audit entry is about', () => {
  beforeEach(() => setLocale('en'));
  afterEach(() => setLocale('zh-CN'));

  it('is said in words, with what it was done to', () => {
    for (const [target, words] of [
      ['PUT /api/users/li.na', 'Set: user li.na'],
      ['PUT /api/users/li.na/password', 'Set: password of user li.na'],
      ['DELETE /api/users/his/keys/k1', 'Removed: keys of user his k1'],
      ['POST /api/patients/merge', 'Did: merge of two patients'],
      ['PUT /api/patients/P%201/ward', 'Set: ward of patient P 1'],
      ['POST /api/plugins/print/disable', 'Switched off: plugin print'],
      ['POST /api/users li.na', 'Added: user li.na'],
      ['POST /api/patients', 'Added: patient register'],
      ['POST /api/users/li.na/second-factor', 'Set up: authenticator of user li.na'],
      ['GET /fhir/Patient', 'Looked at: FHIR: Patient'],
    ] as const)
      expect(targetWords(target)).to.equal(words);
  });

  it('stays as it was written where there are no words', () => {
    for (const target of ['GET /api/unheard/of', 'his', '', 'PUT nowhere', '0b1f'])
      expect(targetWords(target)).to.equal(target);
  });
});
