import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NodeConfig, parseConfig } from '@filmless/core/config';
import { z } from 'zod';
import { connectToNode, type NodeClient } from './node-client.ts';
import { programDirectory } from './open-node.ts';

const LINK_PORT = 11_443;
const STANDARD_HTTP_PORT = 8080;
const STOP_MS = 10_000;

export interface DemoNode {
  name: string;
  title: string;
  url: string;
  /** Null for the gateway. */
  dicom: { aeTitle: string; port: number } | null;
  client: NodeClient;
  stop(): Promise<void>;
}

const NODES = [
  { name: 'radiology', title: '放射科归档', role: 'department', aeTitle: 'RADIOLOGY' },
  { name: 'ultrasound', title: '超声科归档', role: 'department', aeTitle: 'ULTRASOUND' },
  { name: 'gateway', title: '临床网关', role: 'gateway', aeTitle: undefined },
] as const;

/** Ports of the demo's link, beside each other as its HTTP ports are. */
export const linkPortOf = (httpPort: number): number => LINK_PORT + httpPort - STANDARD_HTTP_PORT;

/** The other nodes of the demo hospital as processes of their own, joined to the centre by a code as an administrator would. */
export async function startDemoNodes(
  centre: NodeConfig,
  centreClient: NodeClient,
  options: { adminPassword: string; devices: readonly object[] },
): Promise<DemoNode[]> {
  const started = await Promise.allSettled(NODES.map((_, index) => startOne(centre, index, options)));
  const nodes = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    for (const each of started) if (each.status === 'rejected') throw each.reason;
    for (const [index, node] of nodes.entries()) await joinNode(centreClient, node.client, NODES[index]?.role);
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop()));
    throw error;
  }
  return nodes;
}

async function startOne(
  centre: NodeConfig,
  index: number,
  { adminPassword, devices }: { adminPassword: string; devices: readonly object[] },
): Promise<DemoNode> {
  const which = NODES[index];
  if (!which) throw new RangeError('no such node');
  const { name, title, aeTitle } = which;
  const data = join(centre.data, 'nodes', name);
  const httpPort = centre.http.port + 1 + index;
  const dicomPort = centre.dicom.port + 1 + index;
  const settings = {
    name,
    data,
    log: { level: 'warn' },
    http: { port: httpPort },
    dicom: { port: dicomPort, ...(aeTitle && { aeTitle }) },
    disabledPlugins: ['his-bridge', ...(aeTitle ? [] : ['dimse'])],
    plugins: { dimse: { devices }, 'department-archive': { linkPort: linkPortOf(httpPort) } },
  };
  await mkdir(data, { recursive: true });
  const file = join(data, 'filmless.yaml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(settings, null, 2));
  const others = Object.entries(process.env).filter(([key]) => !key.startsWith('FILMLESS_'));
  const env = { ...Object.fromEntries(others), FILMLESS_CONFIG: file, FILMLESS_ADMIN_PASSWORD: adminPassword };
  const script = join(programDirectory, 'host-app', 'server', 'filmless.ts');
  const child = spawn(process.execPath, [...process.execArgv, script, '--json', 'start'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const isReady = await Promise.race([
    once(child.stdout, 'data').then(() => true),
    once(child, 'exit').then(() => false),
  ]);
  if (!isReady) throw new Error(`The node "${name}" did not start; its reason is above`);
  const client = await connectToNode(parseConfig(settings, {}));
  return {
    name,
    title,
    url: `http://127.0.0.1:${httpPort}`,
    dicom: aeTitle ? { aeTitle, port: dicomPort } : null,
    client,
    stop: () => end(child),
  };
}

async function joinNode(centre: NodeClient, node: NodeClient, role: string | undefined): Promise<void> {
  const { nodes } = await node.json(z.object({ nodes: z.array(z.unknown()) }), 'GET', '/api/archive/board');
  if (nodes.length > 0) return;
  const { code } = await centre.json(z.object({ code: z.string() }), 'POST', '/api/archive/join-codes', { role });
  await node.json(z.unknown(), 'POST', '/api/archive/join', { code });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(hard);
}
