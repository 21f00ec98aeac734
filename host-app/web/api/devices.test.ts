import { expect } from 'chai';
import { describe, it } from '../testing/setup.ts';
import { StubNode } from '../testing/stub-node.ts';
import { approveDevice, listDevices, updateDevice } from './devices.ts';

const WIRE = {
  aeTitle: 'CT01',
  address: '192.168.1.2',
  port: 104,
  title: 'CT',
  department: '放射科',
  checkAddress: false,
  maxAssociations: 4,
  tls: { certificate: 'AA:BB' },
  departments: ['放射科'],
  capabilities: { store: true, find: true, retrieve: true },
  origin: 'rest',
  lastSeenAt: '2026-01-02T02:20:00Z',
  instancesReceived: 7,
};

describe('devices', () => {
  it('changes one field of a device and nothing else', async () => {
    let sent: unknown;
    const node = new StubNode()
      .on('GET /api/devices', [WIRE])
      .on('PUT /api/devices/CT01', ({ body }: { body: unknown }) => {
        sent = body;
        return {};
      });
    const [device] = await listDevices();
    await updateDevice('CT01', { ...device!, title: '1号CT' });
    node.restore();
    const { origin: _origin, lastSeenAt: _lastSeenAt, instancesReceived: _received, ...kept } = WIRE;
    expect(sent).to.deep.equal({ ...kept, title: '1号CT' });
  });

  it('approves with what an approval takes', async () => {
    let sent: unknown;
    const node = new StubNode().on('POST /api/devices/pending/*', ({ body }: { body: unknown }) => {
      sent = body;
      return {};
    });
    const fields = { address: '192.168.1.9', port: 104, title: 'CT', department: '', characterSet: '' };
    await approveDevice('CT 64', fields);
    node.restore();
    expect(node.requests).to.deep.equal(['POST /api/devices/pending/CT%2064/approve']);
    expect(sent).to.deep.equal({ address: '192.168.1.9', port: 104, title: 'CT', department: '' });
  });
});
