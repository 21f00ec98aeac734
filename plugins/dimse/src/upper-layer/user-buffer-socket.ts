import { connect, Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls';

/** Takes bytes that are valid during the call alone. False: pause, until the socket is resumed. */
export type Receive = (bytes: Uint8Array) => boolean;

/**
 * One buffer for all sockets of a thread: a read and its callback happen in one go, so no two sockets ever use it at the same time.
 * Without it every read leaves 64 KiB of garbage behind, the largest cost of receiving in JavaScript.
 */
const RECEIVE_BUFFER_BYTES = 512 * 1024;
let shared: Buffer | undefined;
const receiveBuffer = () => {
  shared ??= Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES);
  return shared;
};

const onread = (receive: Receive) => ({
  buffer: receiveBuffer(),
  callback: (bytes: number, buffer: Uint8Array) => receive(buffer.subarray(0, bytes)),
});

/** Node keeps an accepted connection's native handle here; a Socket can be made around it, but only this way. */
interface WithHandle {
  _handle?: object | null;
}

/**
 * An accepted connection (of a server with `pauseOnConnect`) that reads into the shared buffer. Node offers `onread` for outgoing
 * connections only, so the handle moves into a new Socket; where Node hides it, the socket works as usual, with more garbage.
 */
export function adoptAccepted(accepted: Socket, receive: Receive): Socket {
  const holder = accepted as unknown as WithHandle;
  const handle = holder._handle;
  // What TLS deciphers is in buffers of its own.
  if (!handle || accepted instanceof TLSSocket) return receiving(accepted, receive);
  holder._handle = null;
  const options = { handle, onread: onread(receive), readable: true, writable: true, allowHalfOpen: false };
  return new Socket(options as ConstructorParameters<typeof Socket>[0]);
}

/** A connection being opened that reads into the shared buffer, or one over TLS. */
export function connectSocket(host: string, port: number, receive: Receive, tls?: ConnectionOptions): Socket {
  if (tls) return receiving(connectTls({ ...tls, host, port }), receive);
  return connect({ host, port, onread: onread(receive) });
}

function receiving(socket: Socket, receive: Receive): Socket {
  socket.on('data', (bytes: Buffer) => {
    if (!receive(bytes)) socket.pause();
  });
  return socket;
}
