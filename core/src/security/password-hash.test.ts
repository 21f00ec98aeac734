import { describe, expect, it } from 'vitest';
import { DEFAULT_SCRYPT_COST, hashPassword, verifyPassword } from './password-hash.ts';

describe('password hashes', () => {
  it('hold the cost they were made with, so that raising it loses nobody', async () => {
    const kept = await hashPassword('correct horse', { N: 32, r: 2, p: 1 });
    expect(kept).toMatchObject({ algorithm: 'scrypt', N: 32, r: 2, p: 1 });
    expect(await verifyPassword('correct horse', kept)).toBe(true);
    expect(await verifyPassword('incorrect horse', kept)).toBe(false);
    expect(await verifyPassword('correct horse', { ...kept, N: 64 })).toBe(false);
  });

  it('take a password typed with composed or decomposed characters as the same', async () => {
    const kept = await hashPassword('caf\u00e9 noir', { N: 16, r: 1, p: 1 });
    expect(await verifyPassword('cafe\u0301 noir', kept)).toBe(true);
  });

  it('work at the cost used in earnest', async () => {
    const kept = await hashPassword('correct horse');
    expect(kept).toMatchObject(DEFAULT_SCRYPT_COST);
    expect(await verifyPassword('correct horse', kept)).toBe(true);
  });

  it('refuse when too many wait, and go on afterwards', async () => {
    const cost = { N: 1024, r: 8, p: 1 };
    const outcomes = await Promise.allSettled(Array.from({ length: 80 }, () => hashPassword('correct horse', cost)));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.reason).toMatchObject({ code: 'UNAVAILABLE' });
    await expect(hashPassword('correct horse', cost)).resolves.toBeDefined();
  });
});
