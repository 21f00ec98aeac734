import { describe, expect, it, onTestFinished } from 'vitest';
import { InMemoryCatalogue } from '../../testing/in-memory-catalogue.ts';
import { until } from '../../testing/until.ts';
import type { DocumentStore } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import { SessionDocuments } from './session-documents.ts';
import { Sessions } from './sessions.ts';

const MINUTE_MS = 60_000;
const USER = { name: 'wang', credentialId: 'c1' };

/** Sessions of as many nodes as asked for, on one clock. */
async function nodes(count: number, documents = new InMemoryCatalogue().documents('sessions')) {
  const clock = { now: Date.parse('2026-03-01T08:00:00Z') };
  const start = async () => {
    const sessions = new Sessions(':memory:', { now: () => clock.now, shared: new SessionDocuments(documents) });
    const following = await sessions.follow();
    onTestFinished(async () => {
      await following.dispose();
      sessions.close();
    });
    return sessions;
  };
  const started: Sessions[] = [];
  for (let index = 0; index < count; index += 1) started.push(await start());
  return { clock, documents, start, started: started as [Sessions, Sessions] };
}

describe('sessions of nodes that share a catalogue', () => {
  it('counts at the other node at once, and at one that starts later', async () => {
    const { started, start } = await nodes(2);
    const { token } = started[0].create(USER);
    await started[0].written();
    expect(await started[1].findAnywhere(token)).toMatchObject({ userName: 'wang', credentialId: 'c1' });
    expect((await start()).find(token)).toMatchObject({ userName: 'wang' });
  });

  it('ends everywhere, however it ended', async () => {
    const { started, start } = await nodes(2);
    const [one, other] = started;
    for (const end of [
      (token: string) => one.end(token),
      (token: string) => one.endById(one.find(token)?.id ?? ''),
      () => one.endForUser('wang', 'another'),
    ]) {
      const { token } = one.create(USER);
      await one.written();
      expect(await other.findAnywhere(token)).toBeDefined();
      end(token);
      await one.written();
      await until(() => other.find(token) === undefined);
      expect(await other.findAnywhere(token)).toBeUndefined();
      expect(await (await start()).findAnywhere(token)).toBeUndefined();
    }
  });

  it('lists and ends at one what was opened at the other', async () => {
    const { started } = await nodes(2);
    const { token, session } = started[0].create(USER, { address: '10.0.0.1' });
    await started[0].written();
    await started[1].refresh();
    expect(started[1].list('wang')).toMatchObject([{ id: session.id, address: '10.0.0.1' }]);
    expect(started[1].endById(session.id)).toBe('wang');
    await started[1].written();
    await started[0].refresh();
    expect(started[0].find(token)).toBeUndefined();
  });

  it('counts the idle time from the last use at any node', async () => {
    const { clock, started } = await nodes(2);
    const { token } = started[0].create(USER);
    await started[0].written();
    expect(await started[1].findAnywhere(token)).toBeDefined();
    for (let step = 0; step < 4; step += 1) {
      clock.now += 20 * MINUTE_MS;
      expect(await started[0].findAnywhere(token)).toBeDefined();
    }
    // Unused here for eighty minutes, in use there.
    await until(async () => (await started[1].findAnywhere(token)) !== undefined);
    clock.now += 31 * MINUTE_MS;
    expect(await started[0].findAnywhere(token)).toBeUndefined();
    expect(await started[1].findAnywhere(token)).toBeUndefined();
  });

  it('removes from the catalogue what has ended for good', async () => {
    const { clock, documents, started } = await nodes(1);
    started[0].create(USER);
    await started[0].written();
    clock.now += 13 * 60 * MINUTE_MS;
    started[0].create({ name: 'li', credentialId: 'c2' });
    await started[0].written();
    expect(await documents.list('session:')).toMatchObject([{ userName: 'li' }]);
  });

  it('says so when it cannot be said that others know', async () => {
    const { documents, started } = await nodes(1);
    const away = new FilmlessError('UNAVAILABLE', 'The catalogue does not answer');
    Object.assign(documents, { put: () => Promise.reject(away) } satisfies Partial<DocumentStore>);
    started[0].create(USER);
    await expect(started[0].written()).rejects.toBe(away);
  });
});
