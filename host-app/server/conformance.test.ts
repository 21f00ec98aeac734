import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { conformanceStatement } from './conformance.ts';
import { programDirectory } from './open-node.ts';

it('CONFORMANCE.md says what the plugins contribute (npm run conformance writes it)', () => {
  expect(readFileSync(join(programDirectory, 'CONFORMANCE.md'), 'utf8')).toBe(conformanceStatement());
});
