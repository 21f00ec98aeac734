import iconv from 'iconv-lite';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { MllpClient } from './mllp-client.ts';
import { freePort, type NodeProcess, startNode } from './node-process.ts';

export interface InboxEntry {
  id: number;
  controlId: string;
  type: string;
  state: string;
  location: string | null;
  error: string | null;
}

export const gb = (text: string): Buffer => iconv.encode(text, 'gb18030');

/** A message of the HIS, its segments after MSH as given. */
export const hl7Message = (
  type: string,
  controlId: string,
  lines: readonly string[],
  characterSet = 'GB 18030-2000',
): string =>
  [
    `MSH|^~\\&|HIS|协和医院|PACS|放射科|20260102093000||${type}|${controlId}|P|2.5.1||||||${characterSet}`,
    ...lines,
    '',
  ].join('\r');

/** OBR with the fields that are named. */
export const obr = (fields: Readonly<Record<number, string>>): string =>
  `OBR|${Array.from({ length: 26 }, (_, i) => fields[i + 1] ?? '').join('|')}`;

/** A node that takes HL7 from the system `HIS` on this machine, and what tests ask of it. */
export class Hl7Node {
  readonly node: NodeProcess;
  readonly port: number;
  #client: MllpClient | undefined;

  private constructor(node: NodeProcess, port: number) {
    this.node = node;
    this.port = port;
  }

  static async start(hl7: object = {}): Promise<Hl7Node> {
    const port = await freePort();
    const settings = { port, connections: [{ name: 'HIS', address: '127.0.0.1' }], ...hl7 };
    return new Hl7Node(await startNode({ config: { plugins: { 'his-bridge': { hl7: settings } } } }), port);
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await this.node.stop();
    await this.node.remove();
  }

  /** A connection of the HIS, the same one while it is open. */
  async his(): Promise<MllpClient> {
    if (!this.#client || this.#client.socket.destroyed) this.#client = await MllpClient.open(this.port);
    return this.#client;
  }

  post(path: string, body: object): Promise<Response> {
    return this.node.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async inbox(query = ''): Promise<{ counts: Record<string, number>; items: InboxEntry[] }> {
    const response = await this.node.fetch(`/api/his/inbox?limit=500${query}`);
    expect(response.status).toBe(200);
    return (await response.json()) as { counts: Record<string, number>; items: InboxEntry[] };
  }

  workedOff(): Promise<void> {
    return eventually(async () => (await this.inbox()).counts['waiting'] === 0);
  }

  /** What a dry run finds of a patient: reads the register through the door that is tested. */
  async isKnown(id: string): Promise<boolean> {
    const response = await this.post('/api/his/dry-run', {
      connection: 'HIS',
      message: hl7Message('ADT^A08^ADT_A01', 'DRY', ['EVN|A08', `PID|1||${id}^^^HIS^PI||X`], ''),
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { steps: { known: boolean }[] }).steps[0]?.known ?? false;
  }
}
