import { InMemoryCatalogue } from '@filmless/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFhirId, PairIds } from './ids.ts';

describe('PairIds', () => {
  const ids = new PairIds(new InMemoryCatalogue().documents('fhir'));

  it('are ids of FHIR that lead back to the pair, short or long', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(text, text, async (issuer, id) => {
        const encoded = await ids.encode([issuer, id]);
        expect(isFhirId(encoded)).toBe(true);
        expect(await ids.decode(encoded)).toEqual([issuer, id]);
      }),
    );
  });

  it('lead nowhere when they are none of these, and one pair has one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 70 }), async (text) => {
        const pair = await ids.decode(text);
        if (pair) expect(await ids.encode(pair)).toBe(text);
      }),
    );
    const id = await ids.encode(['', 'P1']);
    for (const other of [`${id}.`, `${id}-`, id.slice(1), `p${Buffer.from('[ "","P1"]').toString('base64url')}`])
      expect(await ids.decode(other), other).toBeUndefined();
  });
});
