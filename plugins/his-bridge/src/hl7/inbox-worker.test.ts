import { FilmlessError } from '@filmless/core/plugin';
import { RecordingLog, until } from '@filmless/core/testing';
import { expect, it, onTestFinished } from 'vitest';
import { MessageError } from './errors.ts';
import { Inbox, type InboxEntry } from './inbox.ts';
import { InboxWorker } from './inbox-worker.ts';
import { openQueueDatabase } from './queue-database.ts';

function open(apply: (entry: InboxEntry) => Promise<void>) {
  const database = openQueueDatabase(':memory:');
  let now = Date.now();
  const inbox = new Inbox(database);
  const log = new RecordingLog();
  const worker = new InboxWorker({ inbox, log, apply, keepDays: 1, done: () => undefined, now: () => now });
  onTestFinished(async () => {
    await worker.dispose();
    database.close();
  });
  const add = (controlId: string, ...patients: string[]) =>
    inbox.add({ connection: 'HIS', controlId, type: 'ADT^A08', patients, raw: Buffer.from(`${controlId} of 王小明`) });
  const pass = (ms: number) => {
    now += ms;
  };
  return { inbox, log, add, pass };
}

it('tries again what fails for a while, and lets nobody overtake who is about the same patient', async () => {
  const applied: string[] = [];
  let down = true;
  const { inbox, add, pass, log } = open(async ({ controlId }) => {
    if (down && controlId === 'A1') throw new FilmlessError('STORAGE_FAILED');
    applied.push(controlId);
  });
  await Promise.all([
    add('A1', 'A'),
    add('B1', 'B'),
    add('A2', 'A'),
    add('AB', 'B', 'A'),
    add('B2', 'B'),
    add('C1', 'C'),
  ]);
  await until(() => applied.includes('C1'));
  // B2 stands behind AB, which is about A too.
  expect(applied).toEqual(['B1', 'C1']);
  expect(inbox.counts()).toMatchObject({ waiting: 4, applied: 2 });
  down = false;
  pass(3_600_000);
  await add('D1', 'D');
  await until(() => applied.includes('D1'));
  expect(applied).toEqual(['B1', 'C1', 'A1', 'A2', 'AB', 'B2', 'D1']);
  expect(JSON.stringify(log.lines)).not.toMatch(/王小明|"A"/);
});

it('puts wrong content aside without holding up the patient, and says when it is older than what was applied', async () => {
  const { inbox, add } = open(async ({ controlId }) => {
    if (controlId === 'BAD') throw new MessageError('AE', 103, 'PID-3', 'is wrong');
  });
  await Promise.all([add('BAD', 'A'), add('A2', 'A')]);
  await until(() => inbox.counts().applied === 1);
  const [failed] = inbox.list({ state: 'failed', limit: 10, offset: 0 }).items;
  expect(failed).toMatchObject({ controlId: 'BAD', location: 'PID-3', error: 'is wrong' });
  expect(failed && inbox.appliedSince(failed)).toBe(1);
});

it('keeps the same message once, and another under its number too', async () => {
  const { inbox } = open(async () => undefined);
  const arrival = { connection: 'HIS', controlId: '1', type: 'ADT^A08', patients: ['A'] };
  const [first, same, other] = await Promise.all([
    inbox.add({ ...arrival, raw: Buffer.from('one') }),
    inbox.add({ ...arrival, raw: Buffer.from('one') }),
    inbox.add({ ...arrival, raw: Buffer.from('two') }),
  ]);
  expect([first.outcome, same.outcome, other.outcome]).toEqual(['new', 'known', 'new']);
});
