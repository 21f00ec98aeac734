import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '@filmless/core/plugin';
import { describe, expect, it } from 'vitest';
import { MAX_CONTEXTS } from './client-association.ts';
import { SeenPairs } from './seen-pairs.ts';

const JPEG = '1.2.840.10008.1.2.4.70';
const kind = (SOPClassUID: string, transferSyntaxUID = EXPLICIT_VR_LITTLE_ENDIAN) => ({
  SOPClassUID,
  transferSyntaxUID,
});

describe('what is proposed to a device', () => {
  it('is each stored syntax in a context of its own, and what can stand in for it', () => {
    expect(new SeenPairs().proposals([kind('1.1', JPEG), kind('1.1')])).toEqual(
      [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, JPEG].map((uid) => ({
        abstractSyntax: '1.1',
        transferSyntaxes: [uid],
      })),
    );
  });

  it('is also what was sent before, so that the association need not be opened anew', () => {
    const seen = new SeenPairs();
    seen.proposals([kind('1.1')]);
    expect(seen.proposals([kind('1.2')]).map(({ abstractSyntax }) => abstractSyntax)).toContain('1.1');
  });

  it('never exceeds what an association can carry, and keeps the newest', () => {
    const seen = new SeenPairs();
    for (let i = 0; i < 200; i += 1) {
      const proposals = seen.proposals([kind(`1.${i}`, JPEG)]);
      expect(proposals.length).toBeLessThanOrEqual(MAX_CONTEXTS);
      expect(proposals.some(({ abstractSyntax }) => abstractSyntax === `1.${i}`)).toBe(true);
    }
  });
});
