import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from './seeded-random.ts';

/**
 * `well`: hands on what comes. `cut`: ends what is open and refuses what comes. `silent`: hands nothing on and tells neither side, and what was open
 * then stays dead for ever, as behind a firewall that forgot it. `lossy`: three packets in ten come late, as lost ones do, and now and then a
 * connection breaks. `slow`: so many bytes a second.
 */
export type Behaviour = 'well' | 'cut' | 'silent' | 'lossy' | { bytesPerSecond: number };

const PACKET_BYTES = 1460;
const LOSS = 0.3;
const RETRANSMIT_MS = 30;
const BREAK = 0.001;

/** A bad line before a TCP port of this machine. */
export class FaultyProxy {
  readonly port: number;
  /** Bytes that came from the port, handed on or not. */
  answeredBytes = 0;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #open = new Set<Connection>();
  readonly #random: () => number;
  #behaviour: Behaviour = 'well';

  private constructor(server: Server, targetPort: number, seed: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    this.#random = seededRandom(seed);
    this.port = (server.address() as { port: number }).port;
    server.on('connection', (socket) => this.#take(socket));
  }

  static async to(targetPort: number, seed = 1): Promise<FaultyProxy> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyProxy(server, targetPort, seed);
  }

  /** Connections that are not known to be dead. */
  get connections(): number {
    return this.#open.size;
  }

  become(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    if (behaviour === 'cut') for (const connection of this.#open) connection.end();
    if (behaviour === 'silent') for (const connection of this.#open) connection.isDead = true;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const connection of this.#open) connection.end();
    await once(this.#server, 'close');
  }

  #take(socket: Socket): void {
    if (this.#behaviour === 'cut') {
      socket.resetAndDestroy();
      return;
    }
    const connection = new Connection(socket, connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true }));
    connection.isDead = this.#behaviour === 'silent';
    this.#open.add(connection);
    const forget = () => {
      connection.end();
      this.#open.delete(connection);
    };
    this.#pump(connection, connection.near, connection.far).then(forget, forget);
    this.#pump(connection, connection.far, connection.near).then(forget, forget);
  }

  async #pump(connection: Connection, from: Socket, to: Socket): Promise<void> {
    for await (const chunk of from) {
      const bytes: Buffer = chunk;
      if (from === connection.far) this.answeredBytes += bytes.length;
      if (this.#behaviour === 'well' && !connection.isDead) {
        if (!to.write(bytes)) await once(to, 'drain');
        continue;
      }
      for (let start = 0; start < bytes.length && !connection.isDead; start += PACKET_BYTES) {
        const packet = bytes.subarray(start, start + PACKET_BYTES);
        await this.#hold(packet.length, connection);
        if (!connection.isDead && !to.write(packet)) await once(to, 'drain');
      }
    }
    if (connection.isDead) await new Promise(() => undefined);
  }

  async #hold(bytes: number, connection: Connection): Promise<void> {
    const behaviour = this.#behaviour;
    if (behaviour === 'lossy') {
      if (this.#random() < BREAK) connection.end();
      else if (this.#random() < LOSS) await sleep(RETRANSMIT_MS);
    } else if (typeof behaviour === 'object') {
      await connection.pace((bytes / behaviour.bytesPerSecond) * 1000);
    }
  }
}

class Connection {
  readonly near: Socket;
  readonly far: Socket;
  isDead = false;
  #busyUntil = 0;

  constructor(near: Socket, far: Socket) {
    this.near = near;
    this.far = far;
    for (const socket of [near, far]) socket.on('error', () => undefined);
  }

  async pace(ms: number): Promise<void> {
    const now = performance.now();
    this.#busyUntil = Math.max(now, this.#busyUntil) + ms;
    if (this.#busyUntil - now > 5) await sleep(this.#busyUntil - now);
  }

  end(): void {
    for (const socket of [this.near, this.far]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}
