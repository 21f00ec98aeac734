import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CHEAP_SCRYPT } from '../../testing/http-node.ts';
import { InMemoryDocumentStore } from '../../testing/in-memory-document-store.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { PointRegistry } from '../plugins/point-registry.ts';
import { verifyPassword } from './password-hash.ts';
import { Roles } from './roles.ts';
import { Users } from './users.ts';

vi.mock('./password-hash.ts', { spy: true });

const password = 'correct horse';

describe('Users', () => {
  let documents: InMemoryDocumentStore;
  let users: Users;
  let clock: ManualClock;

  beforeEach(() => {
    documents = new InMemoryDocumentStore();
    clock = new ManualClock();
    const roles = new Roles(new PointRegistry().viewFor('test', () => undefined));
    users = new Users(documents, roles, { now: clock.now, cost: CHEAP_SCRYPT });
  });

  const create = (name: string, roles = ['radiology']) => users.create({ name, displayName: name, roles, password });

  it('keeps no password, and a salt and the cost of each', async () => {
    await create('wang');
    await create('zhang');
    const [one, other] = await documents.list<{ password: { salt: string; hash: string; N: number } }>('user:');
    expect(JSON.stringify([one, other])).not.toContain(password);
    expect(one?.password.N).toBe(CHEAP_SCRYPT.N);
    expect(one?.password.salt).not.toBe(other?.password.salt);
    expect(one?.password.hash).not.toBe(other?.password.hash);
  });

  it('verifies the right password only, whatever the case of the name', async () => {
    await create('wang');
    expect(await users.verify(' WANG ', password)).toMatchObject({ name: 'wang' });
    expect(await users.verify('wang', `${password} `)).toBeUndefined();
    expect(await users.verify('nobody', password)).toBeUndefined();
    expect(await users.verify('no:body', password)).toBeUndefined();
  });

  it('does the same work for a wrong password, an unknown name and a disabled account', async () => {
    await create('wang');
    await create('left');
    await users.update('left', { disabled: true });
    for (const [name, guess] of [
      ['wang', 'a wrong guess'],
      ['nobody', 'a wrong guess'],
      ['no:body', 'a wrong guess'],
      ['left', password],
    ] as const) {
      vi.mocked(verifyPassword).mockClear();
      expect(await users.verify(name, guess)).toBeUndefined();
      expect(vi.mocked(verifyPassword).mock.calls, name).toEqual([[guess, expect.objectContaining(CHEAP_SCRYPT)]]);
    }
  });

  it('refuses weak passwords, odd names, unknown roles and a name that is taken', async () => {
    await expect(users.setPassword('x', 'short')).rejects.toThrow(/at least 8/);
    await expect(users.create({ name: 'longname', displayName: 'x', roles: [], password: 'LongName' })).rejects.toThrow(
      /must not be the user name/,
    );
    await expect(create('a/b')).rejects.toThrow(/letters, digits/);
    await expect(create('wang', ['king'])).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await create('wang');
    await expect(create('Wang')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('changes the credentials with the password, when disabled and when made again, not with the display name', async () => {
    const ids = new Set([(await create('wang')).credentialId]);
    await users.update('wang', { displayName: 'Wang Fang' });
    expect(ids.has((await users.find('wang'))?.credentialId ?? '')).toBe(true);
    await users.setPassword('wang', 'another horse');
    ids.add((await users.find('wang'))?.credentialId ?? '');
    await users.update('wang', { disabled: true });
    ids.add((await users.find('wang'))?.credentialId ?? '');
    expect(await users.verify('wang', 'another horse')).toBeUndefined();
    await users.remove('wang');
    expect(await users.find('wang')).toBeUndefined();
    ids.add((await create('wang')).credentialId);
    expect(ids.size).toBe(4);
  });

  it('never lets the last administrator go, not even when two are taken away at once', async () => {
    await create('root', ['admin']);
    await expect(users.remove('root')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(users.update('root', { disabled: true })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(users.update('root', { roles: ['clinician'] })).rejects.toMatchObject({ code: 'CONFLICT' });
    await create('second', ['admin']);
    const outcomes = await Promise.allSettled([users.remove('root'), users.update('second', { disabled: true })]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('makes the first administrator once, and gives out a generated password only', async () => {
    const first = await users.ensureAdmin();
    expect(first.created).toBe(true);
    expect(await users.verify('admin', first.password ?? '')).toMatchObject({ roles: ['admin'] });
    expect(await users.ensureAdmin('a given password')).toEqual({ created: false });
    expect(await users.verify('admin', 'a given password')).toBeUndefined();
  });

  it('takes a given first password and does not repeat it', async () => {
    expect(await users.ensureAdmin('a given password')).toEqual({ created: true });
    expect(await users.verify('admin', 'a given password')).toMatchObject({ name: 'admin' });
  });

  it('sees what another node changed within seconds, and its own changes at once', async () => {
    await create('wang');
    await users.find('wang');
    const stored = await documents.get<{ displayName: string }>('user:wang');
    const { rev, ...document } = stored ?? { rev: '', displayName: '' };
    await documents.put('user:wang', { ...document, displayName: 'From elsewhere' }, rev);
    expect((await users.find('wang'))?.displayName).toBe('wang');
    clock.advance(6_000);
    expect((await users.find('wang'))?.displayName).toBe('From elsewhere');
    await users.update('wang', { displayName: 'From here' });
    expect((await users.find('wang'))?.displayName).toBe('From here');
  });
});
