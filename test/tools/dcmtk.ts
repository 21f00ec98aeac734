import { spawn } from 'node:child_process';
import { findDcmtk } from './prerequisites.ts';

/** Whether DCMTK is there; says so aloud when it is not, since its tests are then left out. */
export const hasDcmtk: boolean = findDcmtk() !== undefined;
if (!hasDcmtk)
  console.warn('DCMTK is not installed: interoperability tests with it are left out (Debian: apt-get install dcmtk)');

export interface ToolResult {
  code: number;
  output: string;
}

/** Runs a DCMTK program to its end; output and errors together. */
export function dcmtk(program: string, args: readonly string[], options: { cwd?: string } = {}): Promise<ToolResult> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      ...options,
      env: { ...process.env, TCP_NODELAY: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', fail);
    child.once('close', (code) => done({ code: code ?? -1, output: Buffer.concat(chunks).toString('latin1') }));
  });
}

/** SOP Instance UIDs that a verbose `storescu -v` says were acknowledged with success, in order of sending. */
export function acknowledgedCount(output: string): number {
  return [...output.matchAll(/Received Store Response \((Success|0x0000)/g)].length;
}
