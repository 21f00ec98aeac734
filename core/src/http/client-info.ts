import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import { FilmlessError } from '../errors.ts';

/** Where a request came from and how the client names this node. */
export interface ClientInfo {
  address: string;
  /** TLS from the client to here, or to the reverse proxy that is trusted. */
  encrypted: boolean;
  /** On this machine, with nothing between. */
  loopback: boolean;
  /** `https://pacs.hospital`, no trailing slash. */
  origin: string;
}

export interface ProxyTrust {
  /** True: whoever connects is the reverse proxy. A list: these addresses are. */
  trustProxy?: boolean | readonly string[];
  publicUrl?: string;
}

const HOST = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** Reads {@link ClientInfo}; `X-Forwarded-*` counts only when a trusted proxy sent it. Throws INVALID_REQUEST for a malformed Host. */
export function clientInfoReader(trust: ProxyTrust): (request: IncomingMessage) => ClientInfo {
  const isProxy = proxyTest(trust.trustProxy ?? false);
  const publicOrigin = trust.publicUrl === undefined ? undefined : new URL(trust.publicUrl).origin;
  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    const forwardedFor = lastOf(request.headers['x-forwarded-for']);
    const trusted = isProxy(peer);
    const forwarded = forwardedFor !== undefined || request.headers['forwarded'] !== undefined;
    // Only the last entry was written by the proxy that is trusted; those before it anyone can write.
    const address = trusted && forwardedFor && isIP(forwardedFor) ? plainAddress(forwardedFor) : peer;
    const tls = request.socket instanceof TLSSocket;
    const encrypted = tls || (trusted && lastOf(request.headers['x-forwarded-proto']) === 'https');
    const host = (trusted ? lastOf(request.headers['x-forwarded-host']) : undefined) ?? request.headers.host ?? '';
    if (!HOST.test(host)) throw new FilmlessError('INVALID_REQUEST', 'the Host header is malformed');
    return {
      address,
      encrypted,
      // A proxy nobody told us of makes strangers look like this machine.
      loopback: isLoopback(address) && (trusted ? forwardedFor !== undefined : !forwarded),
      origin: publicOrigin ?? `${encrypted ? 'https' : 'http'}://${host}`,
    };
  };
}

function proxyTest(trust: boolean | readonly string[]): (address: string) => boolean {
  if (typeof trust === 'boolean') return () => trust;
  const list = new BlockList();
  for (const entry of trust) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) throw new FilmlessError('CONFIG_INVALID', `http.trustProxy: "${entry}" is not an address`);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** IPv4 addresses in the form people write, also on dual-stack sockets. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}

function lastOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : header;
  const last = text?.split(',').at(-1)?.trim();
  return last === '' ? undefined : last;
}
