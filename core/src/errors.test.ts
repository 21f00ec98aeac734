import { describe, expect, it } from 'vitest';
import { ERRORS, FilmlessError } from './errors.ts';

describe('the registry of errors', () => {
  it.each(Object.entries(ERRORS))(
    '%s has both statuses, a title and a remedy',
    (_code, { http, dimse, title, remedy }) => {
      expect(http).toBeGreaterThanOrEqual(400);
      expect(http).toBeLessThan(600);
      expect(dimse).toBeGreaterThan(0);
      expect(dimse).toBeLessThanOrEqual(0xffff);
      expect(title).not.toBe('');
      expect(remedy).toMatch(/[.]$/);
    },
  );

  it('turns what is unknown into INTERNAL and keeps the cause for the log alone', () => {
    const cause = new Error('Zhang^San');
    const error = FilmlessError.from(cause);
    expect(error.code).toBe('INTERNAL');
    expect(error.message).not.toContain('Zhang');
    expect(error.cause).toBe(cause);
  });
});
