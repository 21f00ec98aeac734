import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { framed } from './mllp-client.ts';

const FS = 0x1c;

/** A system that takes HL7: keeps what comes and answers as the test says; `undefined` closes the connection without an answer. */
export class MllpReceiver {
  readonly messages: Buffer[] = [];
  answerWith: (message: string) => string | undefined = () => 'AA';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      let received = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        for (let end = received.indexOf(FS); end !== -1; end = received.indexOf(FS)) {
          const message = received.subarray(received.indexOf(0x0b) + 1, end);
          received = received.subarray(end + 2);
          this.#answer(socket, Buffer.from(message));
        }
      });
    });
  }

  listen(): Promise<number> {
    return new Promise((done) =>
      this.#server.listen(0, '127.0.0.1', () => done((this.#server.address() as AddressInfo).port)),
    );
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #answer(socket: Socket, message: Buffer): void {
    const text = message.toString('latin1');
    const controlId = text.split('\r')[0]?.split('|')[9] ?? '';
    const code = this.answerWith(text);
    if (code === undefined) {
      socket.destroy();
      return;
    }
    this.messages.push(message);
    socket.write(
      framed(`MSH|^~\\&|RIS||FILMLESS||20260101||ACK^R01^ACK|A${controlId}|P|2.5.1\rMSA|${code}|${controlId}\r`),
    );
  }
}
