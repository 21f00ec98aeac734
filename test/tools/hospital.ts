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

/** One node of a small hospital; it may be killed and started again where it was. */
export class HospitalNode {
  process: NodeProcess;
  readonly linkPort: number;
  readonly #name: string;
  readonly #settings: Record<string, unknown>;

  private constructor(name: string, linkPort: number, settings: Record<string, unknown>, process: NodeProcess) {
    this.#name = name;
    this.linkPort = linkPort;
    this.#settings = settings;
    this.process = process;
  }

  static async start(name: string, settings: Record<string, unknown> = {}): Promise<HospitalNode> {
    const linkPort = await freePort();
    return new HospitalNode(name, linkPort, settings, await startNode(optionsOf(name, linkPort, settings)));
  }

  async startAgain(): Promise<void> {
    const { dataDirectory, httpPort, dicomPort } = this.process;
    this.process = await startNode({
      ...optionsOf(this.#name, this.linkPort, this.#settings),
      dataDirectory,
      httpPort,
      dicomPort,
    });
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

  async end(): Promise<void> {
    await this.process.stop();
    await this.process.remove();
  }
}

function optionsOf(name: string, linkPort: number, settings: Record<string, unknown>): Parameters<typeof startNode>[0] {
  const plugins = { 'department-archive': { linkPort, ...settings } };
  return { config: { name, disabledPlugins: ['his-bridge'], plugins } };
}
