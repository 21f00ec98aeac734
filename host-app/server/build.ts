import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FilmlessError } from '@filmless/core/errors';
import { programDirectory } from './open-node.ts';

const RESULTS = ['dist/web/index.html', 'dist/sdk/filmless-viewer.js'];

export const isBuilt = (): boolean => RESULTS.every((path) => existsSync(join(programDirectory, path)));

/** Builds the web parts with Rollup, in a process of its own. */
export async function build(): Promise<void> {
  const rollup = join(programDirectory, 'node_modules', 'rollup', 'dist', 'bin', 'rollup');
  const child = spawn(process.execPath, [rollup, '-c', 'rollup.config.ts', '--configPlugin', 'esbuild', '--silent'], {
    cwd: programDirectory,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0 || !isBuilt())
    throw new FilmlessError('UNAVAILABLE', 'the web parts could not be built; run npm run build and read its output');
}
