import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type PluginTestNode, type PluginTestNodeOptions, startPluginTestNode } from '@filmless/core/testing';
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import type { configSchema } from './config.ts';
import { dimsePlugin } from './index.ts';

export interface DimseTestNode extends PluginTestNode {
  dicomPort: number;
}

/** A node that listens on a free port and takes any device, unless told otherwise; one receiving thread. Stopped when the test ends. */
export async function startDimseNode(
  config: z.input<typeof configSchema> = {},
  options: PluginTestNodeOptions = {},
): Promise<DimseTestNode> {
  const node = await startPluginTestNode(
    dimsePlugin,
    {
      port: 0,
      accept: 'any',
      workers: 1,
      ...config,
      limits: { drainTimeoutMs: 500, closeTimeoutMs: 500, ...config.limits },
    },
    options,
  );
  onTestFinished(() => node.stop());
  return { ...node, dicomPort: dicomPortOf(node) };
}

function dicomPortOf(node: PluginTestNode): number {
  for (const { message, fields } of node.log.lines) {
    if (message === 'Listening for DICOM associations' && 'port' in fields) return Number(fields.port);
  }
  throw new Error('the node does not say where it listens');
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-dimse-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Files of these bytes, in a folder that goes with the test. */
export async function filesOf(...contents: Uint8Array[]): Promise<string[]> {
  const directory = join(await temporaryDirectory(), 'files');
  await mkdir(directory);
  return Promise.all(
    contents.map(async (bytes, i) => {
      const path = join(directory, `${String(i).padStart(4, '0')}.dcm`);
      await writeFile(path, bytes);
      return path;
    }),
  );
}

const onPath = (program: string) =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

/** True when these programs are there; says aloud what is left out when not. */
export function havePrograms(...programs: string[]): boolean {
  const missing = programs.filter((program) => !onPath(program));
  if (missing.length > 0) console.warn(`LEFT OUT: tests with ${missing.join(', ')} (Debian: apt install dcmtk)`);
  return missing.length === 0;
}

/** Runs a program of DCMTK to its end. */
export function run(program: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { env: { ...process.env, TCP_NODELAY: '1' }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ code, output: stdout + stderr });
      },
    );
  });
}
