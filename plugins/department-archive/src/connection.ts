import type { Http2Session, Settings } from 'node:http2';
import { FilmlessError } from '@filmless/core/plugin';

/** So much of one answer may be under way unread. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
/** More than all that is held back in the background, which must not keep an answer waiting that somebody looks at. */
export const CONNECTION_WINDOW_BYTES = 64 * STREAM_WINDOW_BYTES;
/** HTTP/2's own windows of 64 KiB would make a line of 20 ms carry 3 MB a second. */
export const SETTINGS: Settings = { initialWindowSize: STREAM_WINDOW_BYTES };

const EVERY_MS = 5_000;
/** Beats without a single byte from the other side after which a connection counts as dead. */
const SILENT_BEATS = 3;

/**
 * Pings the other side of a connection and ends it when nothing comes back any more: a node that lost its power, a cable, a firewall that forgot the
 * connection. TCP alone may take hours to notice. Beats are counted and not seconds: a process that was itself held up has heard nothing yet.
 */
export function keepAlive(session: Http2Session, everyMs = EVERY_MS): void {
  let heardBytes = session.socket.bytesRead;
  let silentBeats = 0;
  const beat = setInterval(() => {
    if (session.destroyed) return;
    // Whatever comes is a sign of life: behind images on a slow line the answer to a ping may be long in coming.
    const { bytesRead } = session.socket;
    silentBeats = bytesRead === heardBytes ? silentBeats + 1 : 0;
    heardBytes = bytesRead;
    if (silentBeats > SILENT_BEATS) session.destroy(new FilmlessError('UNAVAILABLE', 'The other node is silent'));
    else session.ping(() => undefined);
  }, everyMs);
  beat.unref();
  session.once('close', () => clearInterval(beat));
}
