import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reason } from '../ui/reasons.ts';

/** Texts that are told of a message: the last argument where they are made, with the values that stand in them as 1. */
function toldTexts(): string[] {
  const sources = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !name.includes('.test.'))
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
  return sources.flatMap((source) =>
    [...source.matchAll(/(?:\bfail|\bremark|new MessageError)\(([^;]*?)(['`])([^'`]{8,})\2,?\s*\)/g)].map((match) =>
      (match[3] ?? '').replaceAll(/\$\{[^}]*\}/g, '1'),
    ),
  );
}

it('says every reason in Chinese too', () => {
  const texts = toldTexts();
  expect(texts.length).toBeGreaterThan(30);
  expect(texts.filter((text) => !/\p{Script=Han}/u.test(reason('zh-CN', text)))).toEqual([]);
});
