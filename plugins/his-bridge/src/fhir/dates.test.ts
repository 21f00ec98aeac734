import { describe, expect, it } from 'vitest';
import { fhirDate, fhirDateTime, matchesDate, parseDate } from './dates.ts';

describe('dates', () => {
  it('of DICOM are real days, and times with this node’s zone', () => {
    expect(['19700131', '1970.01.31', '20240230', '', '2024', undefined].map(fhirDate)).toEqual([
      '1970-01-31',
      '1970-01-31',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    const at = fhirDateTime('20240315', '093012.5') ?? '';
    expect(at).toMatch(/^2024-03-15T09:30:12[+-]\d{2}:\d{2}$/);
    expect(new Date(at).getTime()).toBe(new Date(2024, 2, 15, 9, 30, 12).getTime());
    expect([fhirDateTime('20240315', '09'), fhirDateTime('20240315', '9930'), fhirDateTime('', '0930')]).toEqual([
      '2024-03-15',
      '2024-03-15',
      undefined,
    ]);
  });

  it.each([
    ['2024', '2024-12-31', true],
    ['2024-02', '2024-03-01', false],
    ['ge2024-03-15', '2024-03-15', true],
    ['gt2024-03-15', '2024-03-15', false],
    ['gt2024-03-15', '2024-03-16', true],
    ['le2024-03-15', '2024-03-15', true],
    ['lt2024-03-15', '2024-03-15', false],
    ['ne2024-03-15', '2024-03-15', false],
    ['2024-03-15T08:00:00Z', '2024-03-15T08:00:00.500Z', true],
    ['gt2024-03-15T08:00:00Z', '2024-03-15T08:00:00.500Z', false],
    ['2024-03-15T16:00+08:00', '2024-03-15T08:00:30.000Z', true],
    ['ge2024', undefined, false],
  ])('criterion %s, value %s: %s', (criterion, value, fits) => {
    expect(matchesDate(value, parseDate('date', criterion))).toBe(fits);
  });

  it.each(['yesterday', '2024-13', '2024-02-30', 'ap2024', '24', '2024-03-15T25:00Z', ' 2024'])(
    '%s is refused',
    (text) => {
      expect(() => parseDate('date', text)).toThrow('date');
    },
  );
});
