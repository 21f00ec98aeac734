import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CHEAP_SCRYPT } from '../../testing/http-node.ts';
import { InMemoryDocumentStore } from '../../testing/in-memory-document-store.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { PointRegistry } from '../plugins/point-registry.ts';
import { Roles } from './roles.ts';
import { Sessions } from './sessions.ts';
import { SignIn } from './sign-in.ts';
import { Users } from './users.ts';

const password = 'correct horse';

describe('SignIn', () => {
  let clock: ManualClock;
  let users: Users;
  let sessions: Sessions;
  let signIn: SignIn;

  beforeEach(async () => {
    clock = new ManualClock();
    const roles = new Roles(new PointRegistry().viewFor('test', () => undefined));
    users = new Users(new InMemoryDocumentStore(), roles, { now: clock.now, cost: CHEAP_SCRYPT });
    sessions = new Sessions(':memory:', { now: clock.now });
    signIn = new SignIn(users, sessions, { check: async () => false }, { now: clock.now });
    await users.create({ name: 'wang', displayName: 'Wang', roles: ['radiology'], password });
  });

  afterEach(async () => {
    await signIn.dispose();
    sessions.close();
  });

  const code = async (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'in',
      (error: unknown) => (error as { code: string }).code,
    );
  const guess = (name = 'wang', address = '10.0.0.1') => code(signIn.withPassword(name, 'a wrong guess', address));

  it('tells a wrong password and an unknown name apart to nobody, and hashes for both', async () => {
    const verify = vi.spyOn(users, 'verify');
    const wrong = signIn.withPassword('wang', 'a wrong guess', '10.0.0.1');
    const unknown = signIn.withPassword('nobody', 'a wrong guess', '10.0.0.1');
    await expect(wrong).rejects.toThrow('User name or password is wrong');
    await expect(unknown).rejects.toThrow('User name or password is wrong');
    expect(verify).toHaveBeenCalledTimes(2);
  });

  it('makes the sixth guess wait, then longer each time, then forgets', async () => {
    for (let n = 0; n < 5; n += 1) expect(await guess()).toBe('BAD_CREDENTIALS');
    expect(await guess()).toBe('TOO_MANY_REQUESTS');
    expect(await code(signIn.withPassword('wang', password, '10.0.0.1'))).toBe('TOO_MANY_REQUESTS');
    clock.advance(1_000);
    expect(await guess()).toBe('BAD_CREDENTIALS');
    clock.advance(1_000);
    await expect(signIn.withPassword('wang', password, '10.0.0.1')).rejects.toMatchObject({ retryAfterSeconds: 1 });
    clock.advance(1_000);
    expect(await guess()).toBe('BAD_CREDENTIALS');
    await expect(signIn.withPassword('wang', password, '10.0.0.1')).rejects.toMatchObject({ retryAfterSeconds: 4 });
    clock.advance(31 * 60_000);
    for (let n = 0; n < 5; n += 1) expect(await guess()).toBe('BAD_CREDENTIALS');
  });

  it('does not keep the user from signing in elsewhere', async () => {
    for (let n = 0; n < 6; n += 1) await guess();
    expect(await code(signIn.withPassword('wang', password, '10.0.0.2'))).toBe('in');
  });

  it('counts a hundred guesses at once as a hundred', async () => {
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => guess()));
    expect(outcomes.filter((outcome) => outcome === 'BAD_CREDENTIALS')).toHaveLength(5);
  });

  it('slows one address that tries many names, and many addresses that try one', async () => {
    for (let n = 0; n < 60; n += 1) expect(await guess(`user${n}`)).toBe('BAD_CREDENTIALS');
    expect(await guess('yet-another')).toBe('TOO_MANY_REQUESTS');
    for (let n = 0; n < 30; n += 1) expect(await guess('wang', `10.1.0.${n}`)).toBe('BAD_CREDENTIALS');
    expect(await guess('wang', '10.1.1.1')).toBe('TOO_MANY_REQUESTS');
  });

  it('forgets failures when the password was right', async () => {
    for (let n = 0; n < 4; n += 1) await guess();
    expect(await code(signIn.withPassword('wang', password, '10.0.0.1'))).toBe('in');
    for (let n = 0; n < 5; n += 1) expect(await guess()).toBe('BAD_CREDENTIALS');
  });

  it('does not count what it could not decide', async () => {
    const verify = vi.spyOn(users, 'verify').mockRejectedValue(new Error('busy'));
    for (let n = 0; n < 20; n += 1) await expect(signIn.withPassword('wang', password, 'a')).rejects.toThrow('busy');
    verify.mockRestore();
    expect(await code(signIn.withPassword('wang', password, 'a'))).toBe('in');
  });

  describe('withBasic', () => {
    it('checks once a minute, and many requests at once are one check', async () => {
      const verify = vi.spyOn(users, 'verify');
      await Promise.all(Array.from({ length: 20 }, () => signIn.withBasic('wang', password, 'a')));
      await signIn.withBasic('wang', password, 'a');
      expect(verify).toHaveBeenCalledTimes(1);
      clock.advance(61_000);
      await signIn.withBasic('wang', password, 'a');
      expect(verify).toHaveBeenCalledTimes(2);
    });

    it('forgets at once when the account changes', async () => {
      await signIn.withBasic('wang', password, 'a');
      await users.setPassword('wang', 'another horse');
      expect(await code(signIn.withBasic('wang', password, 'a'))).toBe('BAD_CREDENTIALS');
      expect(await code(signIn.withBasic('wang', 'another horse', 'a'))).toBe('in');
      await users.update('wang', { disabled: true });
      expect(await code(signIn.withBasic('wang', 'another horse', 'a'))).toBe('BAD_CREDENTIALS');
    });

    it('never takes one user for another', async () => {
      await users.create({ name: 'wang1', displayName: 'x', roles: ['admin'], password: '23 horses' });
      await signIn.withBasic('wang1', '23 horses', 'a');
      expect(await code(signIn.withBasic('wang', '123 horses', 'a'))).toBe('BAD_CREDENTIALS');
    });
  });

  it('voids a session whose account has other credentials now, even when nobody ended it', async () => {
    const account = await users.find('wang');
    const { token } = sessions.create(account ?? { name: '', credentialId: '' });
    expect((await signIn.withToken(token))?.account.name).toBe('wang');
    await users.setPassword('wang', 'another horse');
    expect(await signIn.withToken(token)).toBeUndefined();
    expect(sessions.find(token)).toBeUndefined();
  });
});
