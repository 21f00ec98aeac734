import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ProxyTrust } from './client-info.ts';
import { clientInfoReader } from './client-info.ts';

const read = (trust: ProxyTrust, remoteAddress: string, headers: Record<string, string> = {}) =>
  clientInfoReader(trust)({ headers: { host: 'pacs:8080', ...headers }, socket: { remoteAddress } } as IncomingMessage);

const FORWARDED = {
  'x-forwarded-for': '127.0.0.1, 10.0.0.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'pacs.hospital',
};

describe('clientInfoReader', () => {
  it('believes nobody about forwarding unless told to', () => {
    expect(read({}, '::ffff:10.0.0.9', FORWARDED)).toEqual({
      address: '10.0.0.9',
      encrypted: false,
      loopback: false,
      origin: 'http://pacs:8080',
    });
    expect(read({}, '127.0.0.1').loopback).toBe(true);
    expect(read({}, '::1').loopback).toBe(true);
    expect(read({}, '127.0.0.1', FORWARDED).loopback).toBe(false);
    expect(read({}, '127.0.0.1', { forwarded: 'for=10.0.0.7' }).loopback).toBe(false);
  });

  it('believes the proxy, and of the addresses only the one the proxy itself saw', () => {
    for (const trustProxy of [true, ['127.0.0.0/8', 'fd00::/8']] as const)
      expect(read({ trustProxy }, '127.0.0.1', FORWARDED)).toEqual({
        address: '10.0.0.7',
        encrypted: true,
        loopback: false,
        origin: 'https://pacs.hospital',
      });
    expect(read({ trustProxy: ['127.0.0.1'] }, '10.0.0.9', FORWARDED).address).toBe('10.0.0.9');
    expect(read({ trustProxy: true }, '127.0.0.1', { 'x-forwarded-for': 'nonsense' }).address).toBe('127.0.0.1');
    expect(() => clientInfoReader({ trustProxy: ['proxy.local'] })).toThrow(/not an address/);
  });

  it('names the node as the site says, or as the client does', () => {
    expect(read({ publicUrl: 'https://pacs.hospital/' }, '10.0.0.9').origin).toBe('https://pacs.hospital');
    expect(read({}, '10.0.0.9', { host: '[::1]:8080' }).origin).toBe('http://[::1]:8080');
    for (const host of ['', 'a b', 'x/y', 'x"', 'a:b', 'x\r\nY: 1', 'user@host'])
      expect(() => read({}, '10.0.0.9', { host }), host).toThrow(/Host/);
  });
});
