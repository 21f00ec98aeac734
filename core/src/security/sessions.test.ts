import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { Sessions } from './sessions.ts';

const MINUTE_MS = 60_000;

describe('Sessions', () => {
  let directory: string;
  let file: string;
  let clock: ManualClock;
  let sessions: Sessions;
  const user = { name: 'wang', credentialId: 'c1' };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'filmless-sessions-'));
    file = join(directory, 'security.sqlite');
    clock = new ManualClock();
    sessions = new Sessions(file, { now: clock.now });
  });

  afterEach(async () => {
    sessions.close();
    await rm(directory, { recursive: true });
  });

  const reopen = () => {
    sessions.close();
    sessions = new Sessions(file, { now: clock.now });
  };

  it('finds a session by its token and never keeps the token', async () => {
    const { token, session } = sessions.create(user);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(session.expiresAt).toBe('2026-03-01T08:30:00.000Z');
    expect(sessions.find(token)).toMatchObject({ userName: 'wang', credentialId: 'c1' });
    sessions.close();
    const bytes = await readFile(file, 'latin1');
    expect(bytes).toContain('wang');
    expect(bytes).not.toContain(token);
    sessions = new Sessions(file, { now: clock.now });
  });

  it('ends after thirty idle minutes, and use puts that off', () => {
    const { token } = sessions.create(user);
    clock.advance(29 * MINUTE_MS);
    expect(sessions.find(token)).toBeDefined();
    clock.advance(29 * MINUTE_MS);
    expect(sessions.find(token)).toBeDefined();
    clock.advance(30 * MINUTE_MS);
    expect(sessions.find(token)).toBeUndefined();
    clock.advance(-30 * MINUTE_MS);
    expect(sessions.find(token)).toBeUndefined();
  });

  it('ends after twelve hours however much it is used', () => {
    const { token } = sessions.create(user);
    for (let minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
      clock.advance(10 * MINUTE_MS);
      expect(sessions.find(token)).toBeDefined();
    }
    expect(sessions.find(token)?.expiresAt).toBe('2026-03-01T20:00:00.000Z');
    clock.advance(10 * MINUTE_MS);
    expect(sessions.find(token)).toBeUndefined();
  });

  it('does not count a look as use', () => {
    const { token } = sessions.create(user);
    clock.advance(29 * MINUTE_MS);
    expect(sessions.find(token, { touch: false })).toBeDefined();
    clock.advance(MINUTE_MS);
    expect(sessions.find(token, { touch: false })).toBeUndefined();
  });

  it('survives a restart with its last use, and so does its end', () => {
    const { token } = sessions.create(user);
    const other = sessions.create(user).token;
    clock.advance(20 * MINUTE_MS);
    sessions.find(token);
    clock.advance(30_000);
    sessions.find(token);
    sessions.end(other);
    reopen();
    clock.advance(29 * MINUTE_MS + 45_000);
    expect(sessions.find(token)).toBeDefined();
    expect(sessions.find(other)).toBeUndefined();
  });

  it("ends a user's, but not those on the credentials that stand", () => {
    const old = sessions.create(user).token;
    const fresh = sessions.create({ name: 'wang', credentialId: 'c2' }).token;
    const anothers = sessions.create({ name: 'zhang', credentialId: 'c1' }).token;
    expect(sessions.endForUser('wang', 'c2')).toBe(1);
    expect([old, fresh, anothers].map((token) => sessions.find(token) !== undefined)).toEqual([false, true, true]);
    expect(sessions.endForUser('wang')).toBe(1);
  });

  it('keeps at most 200 of one user, the newest', () => {
    const first = sessions.create(user).token;
    for (let n = 0; n < 200; n += 1) {
      clock.advance(1);
      sessions.create(user);
    }
    expect(sessions.find(first)).toBeUndefined();
    expect(sessions.endForUser('wang')).toBe(200);
  });

  it('takes odd tokens for what they are', () => {
    for (const token of ['', 'x', "' OR 1=1 --", 'A'.repeat(43), '\0'.repeat(43)])
      expect(sessions.find(token)).toBeUndefined();
  });
});
