import { expect, it } from 'vitest';
import { InMemoryCatalogue, makeInstanceRecord } from '../../testing/index.ts';
import type { ConflictRecord } from '../catalogue/contract.ts';
import { changedConflicts, storedInstances } from './event-feeds.ts';

it('tells of conflicts as they stand, and of nothing else', async () => {
  const catalogue = new InMemoryCatalogue();
  const record = makeInstanceRecord('1.2');
  const other = makeInstanceRecord('1.2', 'other');
  await catalogue.commit(record);
  const conflict: ConflictRecord = {
    id: `conflict:1.2:${other.sha256}`,
    SOPInstanceUID: '1.2',
    existing: { sha256: record.sha256, receivedAt: record.received.at, source: 'CT1' },
    received: other,
    status: 'open',
  };
  await catalogue.putConflict(conflict);
  const conflicts = changedConflicts(catalogue, catalogue);
  const first = await conflicts.events('', 10);
  expect(first.events).toEqual([conflict]);
  await catalogue.putConflict({ ...conflict, status: 'kept-existing' });
  const second = await conflicts.events(first.lastSeq, 10);
  expect(second.events).toMatchObject([{ status: 'kept-existing' }]);
  expect((await conflicts.events(second.lastSeq, 10)).read).toBe(false);
  expect((await storedInstances(catalogue).events('', 10)).events).toEqual([record]);
});
