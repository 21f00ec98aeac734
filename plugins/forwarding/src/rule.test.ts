import type { DicomJson, InstanceRecord } from '@filmless/core/plugin';
import { describe, expect, it } from 'vitest';
import { matcherOf, type Rule, ruleSchema } from './rule.ts';

const dataset: DicomJson = {
  '00080020': { vr: 'DA', Value: ['20260315'] },
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00081030': { vr: 'LO', Value: ['胸部平扫 CHEST'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zhang^San', Ideographic: '张^三' }] },
  '00180050': { vr: 'DS', Value: [1.25] },
  '00091001': { vr: 'LO', Value: ['private'] },
};
const record = {
  dataset,
  received: { at: '', via: 'dimse', source: 'CT1', department: '放射科' },
} as unknown as InstanceRecord;

const matches = (when: Rule['when']) => matcherOf({ when })(record);
const problem = (attribute: object) =>
  ruleSchema.safeParse({ id: 'r', title: 'r', destination: 'dimse:A', when: { attributes: [attribute] } }).success;

describe('rules of forwarding', () => {
  it('without conditions match everything', () => expect(matches({})).toBe(true));

  it.each([
    [{ modalities: ['CT', 'MR'] }, true],
    [{ modalities: ['MR'] }, false],
    [{ sources: ['CT*'] }, true],
    [{ sources: ['US?'] }, false],
    [{ departments: ['放射科'] }, true],
    [{ departments: ['超声科'] }, false],
    [{ modalities: ['CT'], departments: ['超声科'] }, false],
  ])('%j: %s', (when, expected) => expect(matches(when)).toBe(expected));

  it.each([
    [{ attribute: 'StudyDescription', value: '胸部平扫 CHEST' }, true],
    [{ attribute: 'StudyDescription', value: '*CHEST' }, true],
    [{ attribute: 'StudyDescription', value: 'CHEST' }, false],
    [{ attribute: '00081030', value: '胸部*' }, true],
    [{ attribute: 'StudyDate', value: '20260101-20261231' }, true],
    [{ attribute: 'StudyDate', value: '20250101-20251231' }, false],
    [{ attribute: 'SliceThickness', value: '1.250' }, true],
    [{ attribute: 'SliceThickness', from: 1, to: 2 }, true],
    [{ attribute: 'SliceThickness', to: 1 }, false],
    [{ attribute: 'SpacingBetweenSlices', from: 0 }, false],
    [{ attribute: 'PatientName', value: 'Zhang*' }, true],
    [{ attribute: '00091001', value: 'priv*' }, true],
    [{ attribute: 'BodyPartExamined', value: 'CHEST' }, false],
  ])('%j: %s', (attribute, expected) => {
    expect(problem(attribute)).toBe(true);
    expect(matches({ attributes: [attribute] })).toBe(expected);
  });

  it.each([
    { attribute: 'NoSuchKeyword', value: '1' },
    { attribute: 'StudyDate', value: 'yesterday' },
    { attribute: 'StudyDate', from: 1 },
    { attribute: 'StudyDescription' },
    { attribute: 'StudyDescription', value: '*' },
    { attribute: 'SliceThickness', value: 'thin' },
    { attribute: 'PixelData', value: '1' },
  ])('%j is no condition', (attribute) => expect(problem(attribute)).toBe(false));
});
