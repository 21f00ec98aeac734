import { associateRequest, commandPdu, echoCommand, InMemoryCatalogue, RawPeer } from '@filmless/core/testing';
import { describe, expect, it } from 'vitest';
import { startDimseNode } from './dimse-node.test-util.ts';

const known = { accept: 'known' as const, workers: 0 };
const REFUSED = { type: 0x03, result: 1, source: 1, reason: 3 };

async function ask(port: number, calling: string) {
  const peer = await RawPeer.connect(port);
  peer.send(associateRequest({ calling }));
  return peer.ending();
}

describe('devices', () => {
  it('are refused and listed when unknown, and taken once approved', async () => {
    const node = await startDimseNode(known);
    expect(await ask(node.dicomPort, 'CT1')).toEqual(REFUSED);
    expect(await ask(node.dicomPort, 'CT1')).toEqual(REFUSED);
    const pending = await node.request('GET', '/api/devices/pending');
    expect(pending.body).toMatchObject([
      { aeTitle: 'CT1', address: '127.0.0.1', attempts: 2, calledAeTitle: 'FILMLESS' },
    ]);
    const approved = await node.request('POST', '/api/devices/pending/CT1/approve', {
      title: 'CT in room 1',
      department: 'radiology',
      characterSet: 'GB18030',
      port: 4104,
    });
    expect(approved).toMatchObject({
      status: 201,
      body: { aeTitle: 'CT1', address: '127.0.0.1', port: 4104, characterSet: 'GB18030', origin: 'rest' },
    });
    expect((await node.request('GET', '/api/devices/pending')).body).toEqual([]);
    const peer = await RawPeer.associate(node.dicomPort, { calling: 'CT1' });
    peer.send(commandPdu(1, echoCommand(1)));
    expect((await peer.message()).status).toBe(0);
    expect((await node.request('GET', '/api/devices')).body).toMatchObject([
      { aeTitle: 'CT1', lastSeenAt: expect.any(String) },
    ]);
  });

  it('and those that wait are remembered', async () => {
    const catalogue = new InMemoryCatalogue();
    const first = await startDimseNode(known, { catalogue });
    await first.request('POST', '/api/devices', { aeTitle: 'US1', address: '127.0.0.1' });
    (await RawPeer.associate(first.dicomPort, { calling: 'US1' })).destroy();
    await ask(first.dicomPort, 'STRANGER');
    await first.stop();
    const second = await startDimseNode(known, { catalogue });
    expect((await second.request('GET', '/api/devices')).body).toMatchObject([
      { aeTitle: 'US1', lastSeenAt: expect.any(String) },
    ]);
    expect((await second.request('GET', '/api/devices/pending')).body).toMatchObject([
      { aeTitle: 'STRANGER', attempts: 1 },
    ]);
    await second.request('POST', '/api/devices', { aeTitle: 'STRANGER', address: '127.0.0.1' });
    expect((await second.request('GET', '/api/devices/pending')).body).toEqual([]);
  });

  it('must call from their address', async () => {
    const node = await startDimseNode({
      ...known,
      devices: [
        { aeTitle: 'HERE', address: '127.0.0.1' },
        { aeTitle: 'LOCAL', address: 'localhost' },
        { aeTitle: 'THERE', address: '192.0.2.7' },
        { aeTitle: 'ROAMING', address: '192.0.2.7', checkAddress: false },
      ],
    });
    for (const calling of ['HERE', 'LOCAL', 'ROAMING'])
      (await RawPeer.associate(node.dicomPort, { calling })).destroy();
    expect(await ask(node.dicomPort, 'THERE')).toEqual(REFUSED);
    expect((await node.request('GET', '/api/devices/pending')).body).toMatchObject([
      { aeTitle: 'THERE', address: '127.0.0.1' },
    ]);
  });

  it('are added, changed and removed; one that was removed is put off its association', async () => {
    const node = await startDimseNode(known);
    const device = { aeTitle: 'MR1', address: '127.0.0.1', port: 11_114 };
    expect((await node.request('POST', '/api/devices', device)).status).toBe(201);
    expect((await node.request('POST', '/api/devices', device)).status).toBe(409);
    expect(await node.request('PUT', '/api/devices/MR1', { ...device, title: 'MR' })).toMatchObject({
      status: 200,
      body: { title: 'MR' },
    });
    expect((await node.request('PUT', '/api/devices/MR2', device)).status).toBe(400);
    expect((await node.request('PUT', '/api/devices/MR2', { ...device, aeTitle: 'MR2' })).status).toBe(404);
    const peer = await RawPeer.associate(node.dicomPort, { calling: 'MR1' });
    expect((await node.request('DELETE', '/api/devices/MR1')).status).toBe(204);
    expect(await peer.ending()).toMatchObject({ type: 0x07 });
    expect((await node.request('DELETE', '/api/devices/MR1')).status).toBe(404);
    expect(await ask(node.dicomPort, 'MR1')).toEqual(REFUSED);
  });

  it('of filmless.yaml stay as they are there', async () => {
    const node = await startDimseNode({ ...known, devices: [{ aeTitle: 'CR1', address: '127.0.0.1' }] });
    expect((await node.request('PUT', '/api/devices/CR1', { address: '127.0.0.1' })).status).toBe(409);
    expect((await node.request('DELETE', '/api/devices/CR1')).status).toBe(409);
  });

  it('are checked: what no device may be is refused with the field', async () => {
    const node = await startDimseNode(known);
    for (const [body, field] of [
      [{ aeTitle: 'A\\B' }, 'aeTitle'],
      [{ aeTitle: 'LONGER_THAN_SIXTEEN' }, 'aeTitle'],
      [{ aeTitle: 'OK', port: 70_000 }, 'port'],
      [{ aeTitle: 'OK', characterSet: 'KLINGON' }, 'characterSet'],
    ] as const) {
      const reply = await node.request('POST', '/api/devices', body);
      expect(reply).toMatchObject({
        status: 400,
        body: { code: 'INVALID_REQUEST', detail: expect.stringContaining(field) },
      });
    }
  });

  it('are nobody else’s business', async () => {
    const node = await startDimseNode(known);
    expect((await node.request('GET', '/api/devices', undefined, 'radiology')).status).toBe(200);
    expect((await node.request('GET', '/api/devices', undefined, 'clinician')).status).toBe(403);
    expect((await node.request('POST', '/api/devices', { aeTitle: 'X' }, 'radiology')).status).toBe(403);
    expect((await fetch(`${node.baseUrl}/api/devices`)).status).toBe(401);
  });

  it('answer an echo, or the reply says why not', async () => {
    const other = await startDimseNode({ workers: 0 }, { aeTitle: 'OTHER' });
    const node = await startDimseNode({
      ...known,
      limits: { connectTimeoutMs: 2000 },
      devices: [
        { aeTitle: 'OTHER', address: '127.0.0.1', port: other.dicomPort },
        { aeTitle: 'MISNAMED', address: '127.0.0.1', port: other.dicomPort },
        { aeTitle: 'OFF', address: '127.0.0.1', port: 1 },
      ],
    });
    expect(await node.request('POST', '/api/devices/OTHER/echo')).toMatchObject({
      status: 200,
      body: { ok: true, ms: expect.any(Number) },
    });
    expect((await node.request('POST', '/api/devices/MISNAMED/echo')).body).toMatchObject({
      ok: false,
      detail: expect.stringContaining('called AE title not recognized'),
    });
    expect((await node.request('POST', '/api/devices/OFF/echo')).body).toMatchObject({
      ok: false,
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    expect((await node.request('POST', '/api/devices/NOBODY/echo')).status).toBe(404);
  });
});
