import { createHash } from 'node:crypto';
import type { PhantomInstance } from '@filmless/core/phantoms';
import { FaultyProxy } from './faulty-proxy.ts';
import { freePort, type NodeProcess, startNode } from './node-process.ts';

export interface BoardAnswer {
  nodes: {
    name: string;
    role: string;
    isReachable: boolean | null;
    missing: number;
    complete: number;
    studies: number;
  }[];
  studies: { node: string; study: string; there: number; here: number; state: string }[];
}

interface Options {
  /** Other nodes reach it through a line that can be made a bad one. */
  hasBadLine?: boolean;
  /** Merged into filmless.yaml. */
  config?: Record<string, unknown>;
  env?: Record<string, string>;
}

type Kept = Options & { name: string; linkPort: number; settings: Record<string, unknown> };

/** One node of a small hospital; it may be killed and started again where it was. */
export class HospitalNode {
  process: NodeProcess;
  readonly linkPort: number;
  readonly #line: FaultyProxy | undefined;
  readonly #kept: Kept;

  private constructor(kept: Kept, process: NodeProcess, line: FaultyProxy | undefined) {
    this.#kept = kept;
    this.linkPort = kept.linkPort;
    this.process = process;
    this.#line = line;
  }

  /** `settings` are those of the plugin. */
  static async start(
    name: string,
    settings: Record<string, unknown> = {},
    options: Options = {},
  ): Promise<HospitalNode> {
    const linkPort = await freePort();
    const line = options.hasBadLine ? await FaultyProxy.to(linkPort) : undefined;
    const linkAddress = line && { linkAddress: `127.0.0.1:${line.port}` };
    const kept = { ...options, name, linkPort, settings: { ...linkAddress, ...settings } };
    return new HospitalNode(kept, await startNode(optionsOf(kept)), line);
  }

  /** A node whose data folder is there already. */
  static async at(dataDirectory: string, name: string): Promise<HospitalNode> {
    const kept = { name, linkPort: await freePort(), settings: {} };
    return new HospitalNode(kept, await startNode({ ...optionsOf(kept), dataDirectory }), undefined);
  }

  /** The line that others reach it by. */
  get line(): FaultyProxy {
    if (!this.#line) throw new Error('started without a bad line');
    return this.#line;
  }

  async startAgain(): Promise<void> {
    const { dataDirectory, httpPort, dicomPort } = this.process;
    this.process = await startNode({ ...optionsOf(this.#kept), dataDirectory, httpPort, dicomPort });
  }

  async json<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.process.fetch(path, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  board(): Promise<BoardAnswer> {
    return this.json('GET', '/api/archive/board');
  }

  async joinTo(centre: HospitalNode, role: 'department' | 'gateway'): Promise<void> {
    const { code } = await centre.json<{ code: string }>('POST', '/api/archive/join-codes', { role });
    await this.json('POST', '/api/archive/join', { code });
  }

  /** Whether the link to another node is up, as this one's board says. */
  async reaches(name: string): Promise<boolean | null | undefined> {
    return (await this.board()).nodes.find((node) => node.name === name)?.isReachable;
  }

  /** How many instances of a study it finds. */
  async count(StudyInstanceUID: string): Promise<number> {
    const answer = await this.process.fetch(`/dicom-web/instances?StudyInstanceUID=${StudyInstanceUID}`);
    return answer.status === 200 ? ((await answer.json()) as unknown[]).length : 0;
  }

  /** An instance as it was acquired, over WADO-RS. */
  async instance({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: PhantomInstance): Promise<{
    status: number;
    /** The multipart answer. */
    bytes: Buffer;
  }> {
    const path = `/dicom-web/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`;
    const accept = 'application/dicom; transfer-syntax=*';
    const response = await this.process.fetch(path, { headers: { accept: `multipart/related; type="${accept}"` } });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  /** Those of these instances that it does not give bit for bit as they were acquired. */
  async differing(instances: readonly PhantomInstance[]): Promise<string[]> {
    const differing: string[] = [];
    for (const instance of instances) {
      const { status, bytes } = await this.instance(instance);
      if (status !== 200 || !bytes.includes(Buffer.from(instance.bytes))) {
        differing.push(`${status} ${createHash('sha256').update(instance.bytes).digest('hex')}`);
      }
    }
    return differing;
  }

  async end(): Promise<void> {
    await this.process.stop();
    await this.process.remove();
    await this.#line?.close();
  }
}

function optionsOf({ name, linkPort, settings, config, env }: Kept): Parameters<typeof startNode>[0] {
  const plugins = { 'department-archive': { linkPort, ...settings }, ...(config?.['plugins'] as object | undefined) };
  return { config: { name, disabledPlugins: ['his-bridge'], ...config, plugins }, ...(env && { env }) };
}

/** Nothing is missing at the centre, all hashes agree, and so many instances came from departments. */
export async function isComplete(centre: HospitalNode, sent: number): Promise<boolean> {
  const { nodes, studies } = await centre.board();
  return (
    nodes.every(({ missing }) => missing === 0) &&
    studies.reduce((sum, { there }) => sum + there, 0) === sent &&
    studies.every(({ state }) => state === 'complete')
  );
}
