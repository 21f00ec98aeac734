import { connect, type Socket } from 'node:net';

const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;

/** A system that sends HL7, byte by byte as the test wants it. */
export class MllpClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #closed = false;
  readonly #answers: Buffer[] = [];
  #waiting: ((answer: Buffer | undefined) => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = true;
      for (const waiting of this.#waiting.splice(0)) waiting(undefined);
    });
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      for (let end = this.#received.indexOf(FS); end !== -1; end = this.#received.indexOf(FS)) {
        const answer = this.#received.subarray(this.#received.indexOf(VT) + 1, end);
        this.#received = this.#received.subarray(end + 2);
        const waiting = this.#waiting.shift();
        if (waiting) waiting(answer);
        else this.#answers.push(answer);
      }
    });
  }

  static open(port: number): Promise<MllpClient> {
    return new Promise((done, failed) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', failed);
      socket.once('connect', () => done(new MllpClient(socket)));
    });
  }

  /** The first answer to a message on a connection of its own: some ask for two. */
  static async ask(port: number, message: Uint8Array): Promise<Buffer | undefined> {
    const client = await MllpClient.open(port);
    const answer = await client.send(message);
    client.close();
    return answer;
  }

  /** The next answer; undefined when the connection ends before. */
  answer(): Promise<Buffer | undefined> {
    const ready = this.#answers.shift();
    if (ready) return Promise.resolve(ready);
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((done) => this.#waiting.push(done));
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends a message and waits for its answer. */
  send(message: Uint8Array | string): Promise<Buffer | undefined> {
    this.write(framed(message));
    return this.answer();
  }

  close(): void {
    this.socket.destroy();
  }
}

export function framed(message: Uint8Array | string): Buffer {
  return Buffer.concat([Buffer.of(VT), Buffer.from(message as Uint8Array), Buffer.of(FS, CR)]);
}

/** MSA-1 of an answer. */
export function codeOf(answer: Buffer | undefined): string {
  return /\rMSA\|([A-Z]{2})\|/.exec(answer?.toString('latin1') ?? '')?.[1] ?? 'none';
}
