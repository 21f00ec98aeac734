import { describe, expect, it } from 'vitest';
import { namesAgree } from './names-agree.ts';
import { personInScope } from './person-scope.ts';

describe('names of one person', () => {
  it.each([
    ['张^三', 'ZHANG^SAN', true],
    ['张三', 'Zhang San', true],
    ['ZHANG^SAN=张^三', '张三', true],
    ['欧阳^志远', 'OUYANG^ZHIYUAN', true],
    ['ZHANG^SAN', 'SAN^ZHANG', true],
    ['单^雄', 'SHAN^XIONG', true],
    ['', 'ZHANG^SAN', true],
    ['张^三', 'SAN', false],
    ['张^三', 'ZHANG', false],
    ['张^三', 'ZS', false],
    ['张^三', 'LI^SI', false],
    ['张^三', '张^四', false],
    ['ZHANG^SAN', 'ZHANG^SI', false],
  ])('%s and %s: %s', (one, other, agree) => {
    expect(namesAgree(one, other)).toBe(agree);
    expect(namesAgree(other, one)).toBe(agree);
  });
});

describe('persons in a scope', () => {
  const person = [
    { id: 'A', issuer: '' },
    { id: 'B', issuer: 'HIS' },
  ];
  const hidden = { kind: 'except-patients', patientIds: ['B'] } as const;
  it('are seen by any identifier and hidden by any', () => {
    expect(personInScope({ kind: 'patients', patientIds: ['B'] }, person)).toBe('yes');
    expect(personInScope({ kind: 'patient', patientId: 'B', issuerOfPatientId: '' }, person)).toBe('no');
    expect(personInScope(hidden, person)).toBe('no');
    expect(
      personInScope({ kind: 'all-of', scopes: [{ kind: 'departments', departments: ['CT'] }, hidden] }, person),
    ).toBe('no');
    expect(
      personInScope({ kind: 'any-of', scopes: [{ kind: 'studies', studyInstanceUids: [] }, hidden] }, person),
    ).toBe('ask');
  });
});
