import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { base64url } from 'jose';
import { describe, expect, it } from 'vitest';
import { EmbedTokens } from './embed-tokens.ts';
import { openSecurityDatabase } from './security-database.ts';
import { SigningKeys } from './signing-keys.ts';

const REFUSALS = ['TOKEN_INVALID', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'];

describe('embed tokens, whatever comes', () => {
  it('are refused in words, and never let in, unless they are what was given out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'filmless-keys-'));
    try {
      const tokens = new EmbedTokens({
        database: openSecurityDatabase(':memory:'),
        keys: new SigningKeys(join(folder, 'keys.json')),
        audience: 'urn:filmless:test',
        maxTtlSeconds: 600,
      });
      const service = {
        kind: 'service',
        id: 'his',
        displayName: 'HIS',
        roles: [],
        permissions: new Set<string>(),
      } as const;
      const { token } = await tokens.issue(service, {
        user: 'zhang',
        patientId: 'A',
        ttlSeconds: 300,
        actions: ['view'],
      });
      const refused = async (text: string) => {
        const outcome = await tokens.verify(text).catch((error: unknown) => error);
        expect(REFUSALS).toContain((outcome as { code?: string }).code);
      };
      const json = fc.json().map((text) => base64url.encode(text));
      const part = fc.oneof(
        json,
        fc.base64String().map((text) => text.replaceAll(/[+/=]/g, '_')),
        fc.constant(''),
      );
      await fc.assert(
        fc.asyncProperty(part, part, part, async (a, b, c) => refused(`${a}.${b}.${c}`)),
        { numRuns: 300 },
      );
      await fc.assert(fc.asyncProperty(fc.string({ maxLength: 6000 }), refused), { numRuns: 200 });
      // One sign other than it was.
      const place = fc.integer({ min: 0, max: token.length - 1 });
      await fc.assert(
        fc.asyncProperty(place, fc.constantFrom('A', 'Q', '-', '_', '.', '7'), async (at, sign) => {
          const changed = token.slice(0, at) + sign + token.slice(at + 1);
          // The last sign of a part has bits that count for nothing.
          const same = changed === token || [...changed].every((one, n) => one === token[n] || n === token.length - 1);
          if (!same) await refused(changed);
        }),
        { numRuns: 300 },
      );
      expect(await tokens.verify(token)).toMatchObject({ user: 'zhang', scope: { kind: 'patient', patientId: 'A' } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
