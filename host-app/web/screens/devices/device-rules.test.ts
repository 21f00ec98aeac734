import { expect } from 'chai';
import { setLocale } from '../../i18n/index.ts';
import { beforeEach, describe, it } from '../../testing/setup.ts';
import { deviceProblems, isAeTitle, NEW_DEVICE } from './device-rules.ts';

describe('device rules', () => {
  beforeEach(() => setLocale('zh-CN'));
  const device = { ...NEW_DEVICE, aeTitle: 'CT01', address: '192.168.1.2' };

  it('knows an AE title', () => {
    for (const text of ['CT01', 'a', 'X'.repeat(16), 'CT 01', 'ct_01-é'.slice(0, 5)])
      expect(isAeTitle(text), text).to.equal(true);
    for (const text of ['', 'X'.repeat(17), 'A\\B', ' CT', 'CT ', '设备', 'A\tB'])
      expect(isAeTitle(text), text).to.equal(false);
  });

  it('names the field that is wrong', () => {
    expect(deviceProblems(device, [])).to.deep.equal({});
    expect(Object.keys(deviceProblems({ ...device, aeTitle: '' }, []))).to.deep.equal(['aeTitle']);
    expect(deviceProblems(device, ['CT01']).aeTitle).to.contain('已有');
    for (const port of [0, 65_536, 1.5, Number.NaN])
      expect(Object.keys(deviceProblems({ ...device, port }, [])), String(port)).to.deep.equal(['port']);
    for (const address of ['', 'a b', '-x', 'http://x/'])
      expect(Object.keys(deviceProblems({ ...device, address }, [])), address).to.deep.equal(['address']);
    expect(deviceProblems({ ...device, address: 'fe80::1' }, [])).to.deep.equal({});
  });
});
