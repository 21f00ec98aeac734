import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { makeInstanceFile, type PluginTestNode, startPluginTestNode, until } from '@filmless/core/testing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { forwardingPlugin } from '../index.ts';

const STUDY = '2.25.77';
const uidOf = (number: number) => `2.25.77.${number}`;

interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  uids: string[];
}
type Answer = (received: Received, response: ServerResponse) => void;

/** The Store Instances Response. @dicom PS3.18 I.2 */
const told = (stored: readonly string[], failed: readonly [string, number][]) =>
  JSON.stringify({
    '00081199': { vr: 'SQ', Value: stored.map((uid) => ({ '00081155': { vr: 'UI', Value: [uid] } })) },
    '00081198': {
      vr: 'SQ',
      Value: failed.map(([uid, reason]) => ({
        '00081155': { vr: 'UI', Value: [uid] },
        '00081197': { vr: 'US', Value: [reason] },
      })),
    },
  });
const storesAll: Answer = ({ uids }, response) => response.end(told(uids, []));

/** A server that answers as it is told. */
async function startServer(): Promise<{ url: string; received: Received[]; answer(next: Answer): void }> {
  const received: Received[] = [];
  let answer: Answer = storesAll;
  const server = createServer((request, response) => {
    buffer(request).then(
      (body) => {
        const uids = [0, 1, 2, 3, 4].map(uidOf).filter((uid) => body.includes(Buffer.from(uid)));
        const one = { path: request.url ?? '', headers: request.headers, body, uids };
        received.push(one);
        answer(one, response);
      },
      () => undefined,
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/dicom-web`,
    received,
    answer: (next) => {
      answer = next;
    },
  };
}

describe('forwarding by STOW-RS', () => {
  let node: PluginTestNode;
  let server: Awaited<ReturnType<typeof startServer>>;
  const files = new Map<string, Buffer>();

  beforeEach(async () => {
    node = await startPluginTestNode(forwardingPlugin, { connections: 1 });
    server = await startServer();
    files.clear();
    for (let number = 0; number < 5; number += 1) {
      const file = makeInstanceFile({ SOPInstanceUID: uidOf(number), StudyInstanceUID: STUDY });
      files.set(uidOf(number), file);
      await node.ingest.receiveStream(Readable.from([file]), { via: 'import', name: 'test' });
    }
    await put({ url: server.url });
  });
  afterEach(() => node.stop());

  const put = async (settings: object) =>
    expect(await node.request('PUT', '/api/forwarding/stow/far', settings)).toMatchObject({ status: 200 });
  const send = async () =>
    expect(
      await node.request('POST', `/api/forwarding/studies/${STUDY}/send`, { destination: 'stow:far' }),
    ).toMatchObject({ status: 202, body: { instances: 5 } });
  const study = async () => {
    const { body } = await node.request('GET', '/api/forwarding/studies');
    return (body as { items: { delivered: number; refused: number; reasons: { code: string; detail: string }[] }[] })
      .items[0];
  };
  const destination = async () => {
    const { body } = await node.request('GET', '/api/forwarding/destinations');
    return (body as { items: { key: string; state: { problem?: { code: string; detail: string } } | null }[] })
      .items[0];
  };

  it('sends several in a request, byte for byte, with a length', async () => {
    await send();
    await until(async () => (await study())?.delivered === 5);
    expect(server.received).toHaveLength(1);
    const [one] = server.received;
    expect(one).toMatchObject({ path: '/dicom-web/studies', headers: { accept: 'application/dicom+json' } });
    expect(one?.headers['content-length']).toBe(String(one?.body.length));
    expect(one?.headers['content-type']).toMatch(/^multipart\/related; type="application\/dicom"; boundary=/);
    for (const file of files.values()) expect(one?.body.includes(file)).toBe(true);
  });

  it('sets aside what the server refuses by name, with the reason, and tries again what it has no room for', async () => {
    server.answer(({ uids }, response) => {
      response.statusCode = 202;
      const failed: [string, number][] = [
        [uidOf(1), 0xa900],
        [uidOf(2), 0xa700],
      ];
      response.end(
        told(
          uids.filter((uid) => !failed.some(([other]) => other === uid)),
          failed,
        ),
      );
    });
    await send();
    await until(async () => (await study())?.refused === 1);
    const found = await study();
    expect(found).toMatchObject({ delivered: 3, refused: 1 });
    expect(found?.reasons.map(({ detail }) => detail).sort()).toEqual([
      'the server answered reason A700H',
      'the server answered reason A900H',
    ]);
    server.answer(storesAll);
    await node.request('POST', '/api/forwarding/retry', { destination: 'stow:far' });
    await until(async () => (await study())?.delivered === 5);
    expect(server.received.at(-1)?.uids).toEqual([uidOf(1), uidOf(2)]);
  });

  it('finds out which one a server refuses that does not say', async () => {
    server.answer(({ uids }, response) => {
      if (uids.includes(uidOf(3))) response.statusCode = 400;
      response.end();
    });
    await send();
    await until(async () => (await study())?.refused === 1);
    expect(await study()).toMatchObject({ delivered: 4, refused: 1 });
  });

  it('sends one by one when a request of several breaks off, so that one does not keep the others', async () => {
    server.answer((received, response) => {
      if (received.uids.includes(uidOf(4))) response.destroy();
      else storesAll(received, response);
    });
    await send();
    await until(async () => (await study())?.delivered === 4);
    expect(server.received.some(({ uids }) => uids.length === 5)).toBe(true);
  });

  it('waits when the server does not let it in, and goes on with the right password', async () => {
    await put({ url: server.url, authorization: { kind: 'basic', user: 'filmless' }, secret: 'wrong' });
    const right = `Basic ${Buffer.from('filmless:right').toString('base64')}`;
    server.answer((received, response) => {
      if (received.headers.authorization === right) return storesAll(received, response);
      response.statusCode = 401;
      response.end();
    });
    await send();
    await until(async () => (await destination())?.state?.problem !== undefined);
    expect((await destination())?.state?.problem).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await study()).toMatchObject({ delivered: 0, refused: 0 });
    await put({ url: server.url, authorization: { kind: 'basic', user: 'filmless' }, secret: 'right' });
    await until(async () => (await study())?.delivered === 5);
  });

  it('keeps passwords in a file of its own, gives them to nobody, and not to another host', async () => {
    const authorization = { kind: 'bearer' };
    await put({ url: server.url, authorization, secret: 'do-not-tell' });
    const { body } = await node.request('GET', '/api/forwarding/stow');
    expect(body).toMatchObject({ items: [{ name: 'far', hasSecret: true }] });
    expect(JSON.stringify(body)).not.toContain('do-not-tell');
    const path = join(node.dataDirectory, 'forwarding', 'secrets.json');
    expect(await readFile(path, 'utf8')).toContain('do-not-tell');
    expect((await stat(path)).mode & 0o077).toBe(0);
    await put({ url: `${server.url}/elsewhere`, authorization });
    expect(await readFile(path, 'utf8')).toContain('do-not-tell');
    await put({ url: 'https://other.example/dicom-web', authorization });
    expect(await readFile(path, 'utf8')).not.toContain('do-not-tell');
  });

  it('refuses who may not decide, and what is no rule', async () => {
    expect(await node.request('GET', '/api/forwarding/rules', undefined, 'radiologist')).toMatchObject({ status: 403 });
    const wrong = { items: [{ id: 'r', title: 'r', destination: 'nowhere' }] };
    expect(await node.request('PUT', '/api/forwarding/rules', wrong)).toMatchObject({ status: 400 });
    expect(
      await node.request('POST', `/api/forwarding/studies/${STUDY}/send`, { destination: 'stow:unknown' }),
    ).toMatchObject({ status: 404 });
    expect(await node.request('POST', '/api/forwarding/studies/1.2.3/send', { destination: 'stow:far' })).toMatchObject(
      { status: 404, body: { code: 'STUDY_NOT_FOUND' } },
    );
  });
});
