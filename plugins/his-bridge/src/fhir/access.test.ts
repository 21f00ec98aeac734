import type { AccessScope } from '@filmless/core/plugin';
import { describe, expect, it } from 'vitest';
import { coversPerson, shutsOut } from './access.ts';

const person = [
  { id: 'A', issuer: '' },
  { id: '110', issuer: 'ID-CARD' },
];
const vip: AccessScope = { kind: 'except-patients', patientIds: ['110'] };
const own: AccessScope = { kind: 'patient', patientId: 'A' };

describe('a person under a scope', () => {
  it.each<[AccessScope, boolean, boolean]>([
    [{ kind: 'all' }, true, false],
    [{ kind: 'none' }, false, true],
    [own, true, false],
    [{ kind: 'patient', patientId: ' ' }, false, false],
    [{ kind: 'patient', patientId: '110', issuerOfPatientId: 'OTHER' }, false, false],
    [{ kind: 'patients', patientIds: ['B', '110'] }, true, false],
    // Restricted under one of his identifiers is restricted under all of them.
    [vip, false, true],
    [{ kind: 'all-of', scopes: [own, vip] }, false, true],
    [{ kind: 'any-of', scopes: [vip, { kind: 'studies', studyInstanceUids: ['1.2'] }] }, false, false],
    [{ kind: 'any-of', scopes: [vip, own] }, true, false],
    [{ kind: 'departments', departments: ['放射科'] }, false, false],
  ])('%j', (scope, covers, shut) => {
    expect([coversPerson(scope, person), shutsOut(scope, person)]).toEqual([covers, shut]);
  });
});
