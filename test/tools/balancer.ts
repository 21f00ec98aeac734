import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Spreads connections over servers in turn, as any TCP load balancer does: one that does not answer is passed over; what it served breaks off. */
export class Balancer {
  readonly url: string;
  readonly #server: Server;
  readonly #ports: readonly number[];
  readonly #open = new Set<Socket>();
  readonly #served = new Map<number, number>();
  #turn = 0;

  private constructor(server: Server, ports: readonly number[]) {
    this.#server = server;
    this.#ports = ports;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(ports: readonly number[]): Promise<Balancer> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const balancer = new Balancer(server, ports);
    server.on('connection', (client) => balancer.#serve(client));
    return balancer;
  }

  /** How many connections a server was given. */
  served(port: number): number {
    return this.#served.get(port) ?? 0;
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket): void {
    this.#turn += 1;
    const order = this.#ports.map((_, index) => this.#ports[(this.#turn + index) % this.#ports.length] ?? 0);
    this.#keep(client);
    this.#try(client, order);
  }

  #try(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) {
      client.destroy();
      return;
    }
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#keep(server);
    const refused = () => this.#try(client, others);
    server.once('error', refused);
    server.once('connect', () => {
      server.off('error', refused);
      this.#served.set(port, this.served(port) + 1);
      client.pipe(server).pipe(client);
      for (const [socket, peer] of [
        [client, server],
        [server, client],
      ] as const)
        socket.once('close', () => peer.destroy());
    });
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    // Why one side broke off is of no interest to the other.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#open.delete(socket));
  }
}
