import { expect } from 'chai';
import { AuthorizedFetch } from '../client/authorized-fetch.ts';
import { RequestQueue } from '../client/request-queue.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { problem, StubServer } from '../testing/stub-server.ts';
import { BUILT_IN_PROTOCOLS } from './built-in.ts';
import type { HangingProtocol } from './protocol.ts';
import { ProtocolStore } from './protocol-store.ts';

const [ours] = BUILT_IN_PROTOCOLS;
const own: HangingProtocol = { ...ours!, id: 'own', name: { 'zh-CN': '自定', en: 'Own' } };
const answer = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const nothing = () => answer({ value: null });

let server: StubServer;
const open = async (): Promise<ProtocolStore> => {
  const store = new ProtocolStore(new AuthorizedFetch(new RequestQueue(), undefined), '');
  await store.load();
  return store;
};
const owners = (store: ProtocolStore) =>
  store.protocols.filter(({ owner }) => owner !== 'built-in').map(({ protocol, owner }) => `${owner} ${protocol.id}`);

describe('where hanging protocols are kept', () => {
  afterEach(() => {
    server.restore();
    localStorage.removeItem('filmless.viewer.hanging-protocols');
  });

  it('keeps the user’s at the server', async () => {
    server = new StubServer((path) => (path.includes('/settings/') ? nothing() : undefined));
    const store = await open();
    expect(store.place).to.equal('server');
    server.first((path) => (path.includes('/user/') ? answer({ rev: '1' }) : undefined));
    await store.save(own, 'user');
    expect(owners(store)).to.deep.equal(['user own']);
    expect(localStorage.getItem('filmless.viewer.hanging-protocols')).to.equal(null);
  });

  it('lets the user’s take the place of the site’s, and the site’s of ours', async () => {
    const mine = { version: 1, protocols: [{ ...own, id: 'both' }] };
    const sites = {
      version: 1,
      protocols: [
        { ...own, id: 'both' },
        { ...own, id: ours!.id },
      ],
    };
    server = new StubServer((path) => answer({ value: path.includes('/user/') ? mine : sites, rev: '1' }));
    const store = await open();
    expect(owners(store)).to.deep.equal(['user both', `site ${ours!.id}`]);
    expect(store.protocols.length).to.equal(BUILT_IN_PROTOCOLS.length + 1);
  });

  it('keeps them in the browser where the server has no settings', async () => {
    server = new StubServer((path) =>
      path.includes('/user/') ? answer({ value: null, kept: false }) : problem(404, 'ROUTE_UNKNOWN'),
    );
    const store = await open();
    expect(store.place).to.equal('browser');
    await store.save(own, 'user');
    expect(owners(await open())).to.deep.equal(['user own']);
    await store.remove('own', 'user');
    expect(owners(await open())).to.deep.equal([]);
  });

  it('works without any server, and with what the browser keeps broken', async () => {
    server = new StubServer(() => Promise.reject(new TypeError('offline')));
    for (const kept of ['', '{', 'null', '{"version":1,"protocols":[{"id":"x"},1]}']) {
      localStorage.setItem('filmless.viewer.hanging-protocols', kept);
      expect(owners(await open()), kept).to.deep.equal([]);
    }
  });

  it('sends nothing that does not fit, and says when the server refuses', async () => {
    server = new StubServer((path) => (path.includes('/settings/') ? nothing() : undefined));
    const store = await open();
    const asked = server.seen.length;
    const wrong = { ...own, id: 'Not an id' };
    expect(await store.save(wrong, 'user').catch((error: unknown) => error)).to.be.instanceOf(TypeError);
    expect(server.seen.length).to.equal(asked);
    server.first(() => problem(403, 'FORBIDDEN'));
    expect(await store.save(own, 'site').catch((error: { code: string }) => error.code)).to.equal('VIEWER_FORBIDDEN');
    expect(owners(store)).to.deep.equal([]);
  });
});
