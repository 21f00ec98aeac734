import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { FrameReader, frame } from './framing.ts';

const MOST_ANSWER_BYTES = 1_048_576;

/** One receiver, one message at a time: the connection is kept, and opened anew when it is gone. */
export class MllpClient {
  readonly #options: { host: string; port: number; timeoutMs: number; tls?: { ca?: string } };
  #socket: Socket | undefined;

  constructor(options: { host: string; port: number; timeoutMs: number; tls?: { ca?: string } }) {
    this.#options = options;
  }

  /** Resolves to the answer. Rejects when there is none in time; whether the receiver took the message is then not known. */
  async send(message: Uint8Array): Promise<Buffer> {
    const socket = await this.#open();
    try {
      return await answerOf(socket, message, this.#options.timeoutMs);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #open(): Promise<Socket> {
    if (this.#socket && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    const { host, port, timeoutMs, tls } = this.#options;
    const socket = tls
      ? connectTls({ host, port, minVersion: 'TLSv1.2', ...tls })
      : connectTcp({ host, port, noDelay: true });
    this.#socket = socket;
    await new Promise<void>((done, failed) => {
      const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), timeoutMs);
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        done();
      });
      socket.once('close', () => {
        clearTimeout(timer);
        failed(new Error('the connection was closed'));
      });
      // What went wrong with a connection that is at rest shows when it is used.
      socket.on('error', failed);
    });
    return socket;
  }
}

function answerOf(socket: Socket, message: Uint8Array, timeoutMs: number): Promise<Buffer> {
  return new Promise((done, failed) => {
    const reader = new FrameReader(MOST_ANSWER_BYTES);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('close', onClose);
      settle();
    };
    const timer = setTimeout(() => end(() => failed(new Error('no answer in time'))), timeoutMs);
    const onClose = () => end(() => failed(new Error('the connection was closed')));
    const onData = (chunk: Buffer) => {
      const [found] = reader.push(chunk);
      if (!found) return;
      if (found.kind === 'message') end(() => done(found.bytes));
      else end(() => failed(new Error('the answer is no MLLP')));
    };
    socket.on('data', onData);
    socket.on('close', onClose);
    socket.write(frame(message));
  });
}
