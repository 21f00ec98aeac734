import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHEAP_SCRYPT } from '../../testing/http-node.ts';
import { InMemoryDocumentStore } from '../../testing/in-memory-document-store.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { PointRegistry } from '../plugins/point-registry.ts';
import { openSecurity, type SecurityParts } from './open-security.ts';

const PATIENT = { PatientID: 'A', IssuerOfPatientID: '' };
const REQUEST = { studyInstanceUid: '1.2', expiresInDays: 1, note: '', accessCode: true, report: false };

describe('shared links at nodes of one catalogue', () => {
  let clock: ManualClock;
  let documents: InMemoryDocumentStore;
  let directories: string[];
  let nodes: SecurityParts[];

  const open = async (): Promise<SecurityParts> => {
    const directory = await mkdtemp(join(tmpdir(), 'filmless-shares-'));
    directories.push(directory);
    return start(directory);
  };
  const start = (dataDirectory: string): SecurityParts => {
    const points = new PointRegistry().viewFor('test', () => undefined);
    const parts = openSecurity({ documents, dataDirectory, points, now: clock.now, cost: CHEAP_SCRYPT });
    nodes.push(parts);
    return parts;
  };

  beforeEach(() => {
    clock = new ManualClock();
    documents = new InMemoryDocumentStore();
    directories = [];
    nodes = [];
  });
  afterEach(async () => {
    for (const node of nodes) await node.close();
    for (const directory of directories) await rm(directory, { recursive: true, force: true });
  });

  const wang = { name: 'wang', displayName: 'Wang', roles: ['radiologist'], password: 'correct horse' };
  const outcome = (work: Promise<unknown>) => work.then(() => 'open', ({ code }: { code: string }) => code); // biome-ignore format: one line

  it('open at all of them, and end at all of them when one revokes', async () => {
    const [one, two] = [await open(), await open()];
    await one.users.create(wang);
    const link = await one.shares.create({ id: 'wang' }, PATIENT, REQUEST);
    expect(await outcome(two.shares.open(link, '10.0.0.1'))).toBe('open');
    expect(await one.shares.identityOf(link.id)).toMatchObject({ kind: 'embed', onBehalfOf: 'wang' });
    await two.shares.revoke(link.id);
    expect(await outcome(two.shares.identityOf(link.id))).toBe('TOKEN_REVOKED');
    // Another node asks the catalogue again after seconds, for a new token at once.
    expect(await outcome(one.shares.open(link, '10.0.0.1'))).toBe('SHARE_REVOKED');
    expect(await outcome(one.shares.identityOf(link.id))).toBe('TOKEN_REVOKED');
  });

  it('outlast a restart', async () => {
    const node = await open();
    await node.users.create(wang);
    const link = await node.shares.create({ id: 'wang' }, PATIENT, REQUEST);
    await nodes.pop()?.close();
    const again = start(directories[0] ?? '');
    expect(await outcome(again.shares.open(link, '10.0.0.1'))).toBe('open');
    expect(await again.shares.list()).toMatchObject([{ id: link.id, state: 'active', hasAccessCode: true }]);
  });

  it('count every wrong code, wherever and however many at once', async () => {
    const [one, two] = [await open(), await open()];
    await one.users.create(wang);
    const link = await one.shares.create({ id: 'wang' }, PATIENT, REQUEST);
    const guess = ({ shares }: SecurityParts, n: number) =>
      outcome(shares.open({ ...link, accessCode: `${n}` }, `10.0.0.${n}`));
    const outcomes = await Promise.all(Array.from({ length: 24 }, (_, n) => guess(n % 2 === 0 ? one : two, n)));
    expect(outcomes.filter((code) => code === 'SHARE_CODE_WRONG')).toHaveLength(9);
    expect(outcomes.filter((code) => code === 'SHARE_LOCKED')).toHaveLength(15);
    expect(await outcome(one.shares.open(link, '10.0.1.1'))).toBe('SHARE_LOCKED');
  });

  it('do not let one person keep too many open', async () => {
    const node = await open();
    await node.users.create(wang);
    for (let n = 0; n < 200; n += 1) await node.shares.create({ id: 'wang' }, PATIENT, REQUEST);
    expect(await outcome(node.shares.create({ id: 'wang' }, PATIENT, REQUEST))).toBe('CONFLICT');
    clock.advance(24 * 60 * 60_000);
    expect(await outcome(node.shares.create({ id: 'wang' }, PATIENT, REQUEST))).toBe('open');
  });
});
