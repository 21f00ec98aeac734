import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { loadConfig, type NodeConfig } from '@filmless/core/config';
import { readControlFile } from '@filmless/core/control';
import { FilmlessError } from '@filmless/core/errors';
import { isBuilt } from '../build.ts';
import { type AddCommand, globalOptions } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';

interface Finding {
  check: string;
  state: 'ok' | 'warning' | 'failed';
  detail: string;
}

const GIB = 2 ** 30;
const LITTLE_SPACE_BYTES = 20 * GIB;

/** Whether something listens there. */
function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false));
  });
}

async function dataFolder(config: NodeConfig): Promise<Finding[]> {
  try {
    await mkdir(config.data, { recursive: true });
    await access(config.data, constants.R_OK | constants.W_OK);
  } catch {
    return [
      {
        check: 'data folder',
        state: 'failed',
        detail: `${config.data} cannot be written: change its owner, or "data" in filmless.yaml`,
      },
    ];
  }
  const { bavail, bsize } = await statfs(config.data);
  const free = bavail * bsize;
  return [
    { check: 'data folder', state: 'ok', detail: config.data },
    {
      check: 'free space',
      state: free < LITTLE_SPACE_BYTES ? 'warning' : 'ok',
      detail: `${(free / GIB).toFixed(1)} GiB free`,
    },
  ];
}

async function ports(config: NodeConfig): Promise<Finding[]> {
  const control = await readControlFile(config.data);
  const running = control
    ? await fetch(`${control.url}/readyz`, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
    : undefined;
  if (running) {
    return [
      {
        check: 'node',
        state: running.ok ? 'ok' : 'warning',
        detail: running.ok ? `running at ${control?.url}` : `running, but not ready (${running.status})`,
      },
    ];
  }
  const findings: Finding[] = [{ check: 'node', state: 'ok', detail: 'not running' }];
  for (const [check, host, port] of [
    ['HTTP port', config.http.host, config.http.port],
    ['DICOM port', config.dicom.host, config.dicom.port],
  ] as const) {
    const taken = await listens(host, port);
    findings.push({
      check,
      state: taken ? 'failed' : 'ok',
      detail: taken ? `${host}:${port} is used by another program` : `${host}:${port} is free`,
    });
  }
  return findings;
}

export const doctorCommand: AddCommand = (program, finish) => {
  program
    .command('doctor')
    .description('check this machine, the configuration and the running node; exit code 3 when something is wrong')
    .action(async (_options: unknown, command) => {
      const { config: file, json } = globalOptions(command);
      const findings: Finding[] = [{ check: 'Node.js', state: 'ok', detail: process.versions.node }];
      try {
        const config = await loadConfig(process.env, file);
        findings.push({
          check: 'configuration',
          state: 'ok',
          detail: file ?? process.env['FILMLESS_CONFIG'] ?? 'filmless.yaml or defaults',
        });
        findings.push(...(await dataFolder(config)), ...(await ports(config)));
      } catch (error) {
        if (!(error instanceof FilmlessError)) throw error;
        findings.push({ check: 'configuration', state: 'failed', detail: error.detail ?? error.message });
      }
      const built = isBuilt();
      findings.push({
        check: 'web parts',
        state: built ? 'ok' : 'failed',
        detail: built ? 'built' : 'not built: run npm run build',
      });
      if (json) console.log(JSON.stringify(findings, null, 2));
      else
        for (const { check, state, detail } of findings)
          console.log(`${state.padEnd(7)}  ${check.padEnd(14)}  ${detail}`);
      if (findings.some(({ state }) => state === 'failed')) finish(EXIT.findings);
    });
};
