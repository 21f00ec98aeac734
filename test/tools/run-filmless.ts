import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { freePort } from './node-process.ts';

const root = resolve(import.meta.dirname, '..', '..');

export interface CommandResult {
  /** Null when it was killed. */
  code: number | null;
  output: string;
  errors: string;
}

/**
 * Runs the command as a person would, on a machine whose data folder is `data`; its configuration stands beside it, as `<data>.yaml`. `onStarted` may end the
 * process.
 */
export async function runFilmless(
  data: string,
  args: readonly string[],
  onStarted: (child: ChildProcess) => void = () => undefined,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [join(root, 'host-app/server/filmless.ts'), ...args], {
    cwd: join(data, '..'),
    env: {
      ...process.env,
      FILMLESS_CONFIG: `${data}.yaml`,
      FILMLESS_DATA: data,
      FILMLESS_HTTP_PORT: String(await freePort()),
      NODE_ENV: 'production',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  onStarted(child);
  return { code: await ended, output, errors };
}

/** What it printed as JSON at the end. Throws when it did not. */
export function jsonOf<T>({ code, output, errors }: CommandResult): T {
  const last = output.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`ended with ${code}\n${output}\n${errors}`);
  return JSON.parse(last) as T;
}
