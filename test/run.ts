/**
 * `npm test`: prerequisites, types, lint, build, then every test; ends with one line that counts them.
 * `npm test -- unit|web|check` runs a part.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { ensurePrerequisites, findChromium } from './tools/prerequisites.ts';

const root = resolve(import.meta.dirname, '..');
const output = join(root, 'test', 'output');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

let passed = 0;
let failed = 0;
const leftOut: string[] = [];

/** Runs a program, showing what it prints; resolves to its exit code and output. */
function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; text: string }> {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        process.stdout.write(chunk);
      });
    }
    child.on('error', (error) => done({ code: 1, text: error.message }));
    child.on('close', (code) => done({ code: code ?? 1, text: Buffer.concat(chunks).toString('utf8') }));
  });
}

async function step(title: string, command: string, args: readonly string[]): Promise<boolean> {
  console.log(`\n== ${title}`);
  const { code } = await run(command, args);
  if (code === 0) passed += 1;
  else failed += 1;
  return code === 0;
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })),
});

async function vitest(): Promise<void> {
  console.log('\n== unit, contract, interoperability, fault and end-to-end tests (vitest)');
  const report = join(output, 'vitest.json');
  rmSync(report, { force: true });
  const { code } = await run(bin('vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    const result = vitestReport.parse(JSON.parse(readFileSync(report, 'utf8')));
    passed += result.numPassedTests;
    failed += result.numFailedTests;
    // A file that cannot be loaded, or an error outside a test, has no failed test but an exit code.
    if (code !== 0 && result.numFailedTests === 0) failed += 1;
    for (const file of result.testResults) {
      for (const test of file.assertionResults) {
        if (test.status !== 'passed' && test.status !== 'failed') leftOut.push(test.fullName);
      }
    }
  } catch (error) {
    console.log(`vitest left no report: ${error instanceof Error ? error.message : String(error)}`);
    failed += 1;
  }
}

async function webTests(): Promise<void> {
  console.log('\n== element tests (web-test-runner)');
  const chromium = findChromium();
  if (!chromium) {
    leftOut.push('all element tests: no Chromium');
    return;
  }
  const { code, text } = await run(bin('web-test-runner'), ['--config', 'web-test-runner.config.mjs'], {
    CHROME_PATH: chromium,
  });
  const counts = [...stripVTControlCharacters(text).matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  // Without a count nothing ran, whatever the exit code says.
  if (!counts) failed += 1;
  passed += Number(counts?.[1] ?? 0);
  failed += Number(counts?.[2] ?? 0);
  if (code !== 0 && counts && Number(counts[2]) === 0) failed += 1;
}

const part = process.argv[2];
mkdirSync(output, { recursive: true });
const missing = ensurePrerequisites();

if (!part || part === 'check') {
  await step('types of the server', bin('tsc'), ['-p', 'tsconfig.json']);
  await step('types of the web parts', bin('tsc'), ['-p', 'tsconfig.web.json']);
  await step('lint and format', bin('biome'), ['check', '.']);
}
if (!part) await step('build', bin('rollup'), ['-c', 'rollup.config.ts', '--configPlugin', 'esbuild', '--silent']);
if (!part || part === 'unit') await vitest();
if (!part || part === 'web') await webTests();

if (leftOut.length > 0) {
  console.log(`\nLeft out (${leftOut.length}):`);
  for (const name of leftOut) console.log(`  - ${name}`);
}
if (missing.length > 0) console.log(`\nMissing here, so their tests did not run: ${missing.join(', ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
