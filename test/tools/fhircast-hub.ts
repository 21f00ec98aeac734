import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What a subscriber sent, and what the hub was asked for. */
export interface FhircastHub {
  /** `http://127.0.0.1:port/hub` */
  readonly url: string;
  /** Context changes that subscribers asked for, as they came. */
  readonly requests: { id: string; event: { 'hub.event': string; context: unknown[] } }[];
  /** Answers of subscribers to notifications: id and status. */
  readonly answers: { id: string; status: string }[];
  /** `Authorization` of every request over HTTP. */
  readonly authorizations: (string | undefined)[];
  readonly subscribers: number;
  /** Tells every subscriber of a context. @returns the notification's id */
  notify(event: string, context: unknown[], timestamp?: string): string;
  /** Cuts the connections, as a hub that is started anew does. */
  cut(): void;
  close(): Promise<void>;
}

const TOPIC_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-allow-methods': 'POST',
};
const WEBSOCKET_KEY = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A small hub: subscriptions over WebSocket, context changes over HTTP, everything told to everybody. FHIRcast STU3 */
export async function startFhircastHub(topic: string, leaseSeconds = 7200): Promise<FhircastHub> {
  const sockets = new Set<Socket>();
  const requests: FhircastHub['requests'] = [];
  const answers: FhircastHub['answers'] = [];
  const authorizations: (string | undefined)[] = [];
  const broadcast = (message: unknown) => {
    for (const socket of sockets) sendText(socket, JSON.stringify(message));
  };
  const server = createServer((request, response) => void handle(request, response));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(TOPIC_HEADERS)) response.setHeader(name, value);
    if (request.method === 'OPTIONS') {
      response.end();
      return;
    }
    authorizations.push(request.headers.authorization);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    response.setHeader('content-type', 'application/json');
    response.statusCode = 202;
    if (String(request.headers['content-type']).includes('urlencoded')) {
      response.end(JSON.stringify({ 'hub.channel.endpoint': `ws://127.0.0.1:${port}/ws/${randomUUID()}` }));
      return;
    }
    const asked = JSON.parse(body) as FhircastHub['requests'][number];
    requests.push(asked);
    response.end();
    broadcast(asked);
  }

  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}${WEBSOCKET_KEY}`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (let frame = readFrame(received); frame; frame = readFrame(received)) {
        received = received.subarray(frame.length);
        if (frame.opcode === 1) answers.push(JSON.parse(frame.text) as FhircastHub['answers'][number]);
        else if (frame.opcode === 8) socket.end(Buffer.from([0x88, 0]));
      }
    });
    sendText(
      socket,
      JSON.stringify({ 'hub.mode': 'subscribe', 'hub.topic': topic, 'hub.lease_seconds': leaseSeconds }),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hub`,
    requests,
    answers,
    authorizations,
    get subscribers() {
      return sockets.size;
    },
    notify(event, context, timestamp = new Date().toISOString()) {
      const id = randomUUID();
      broadcast({ timestamp, id, event: { 'hub.topic': topic, 'hub.event': event, context } });
      return id;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** An unmasked text frame of up to 64 KiB. RFC 6455 5.2 */
function sendText(socket: Socket, text: string): void {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? Buffer.from([0x81, payload.length]) : Buffer.from([0x81, 126, 0, 0]);
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
  socket.write(Buffer.concat([head, payload]));
}

/** A client's frame, whole and masked; `undefined` while it has not all come. RFC 6455 5.2 */
function readFrame(bytes: Buffer): { opcode: number; text: string; length: number } | undefined {
  if (bytes.length < 6) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const headBytes = short === 126 ? 4 : 2;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  const length = headBytes + 4 + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(headBytes, headBytes + 4);
  const payload = Buffer.from(bytes.subarray(headBytes + 4, length)).map(
    (byte, index) => byte ^ (mask[index % 4] ?? 0),
  );
  return { opcode: (bytes[0] ?? 0) & 0x0f, text: Buffer.from(payload).toString('utf8'), length };
}
