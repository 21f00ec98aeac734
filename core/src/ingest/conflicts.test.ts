import { describe, expect, it } from 'vitest';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { blobNames, setUp } from './ingest-setup.test-util.ts';
import { InstanceSettler } from './instance-settler.ts';

const UID = '1.2.3';
const first = makeInstanceFile({ SOPInstanceUID: UID });
const sameDataOtherMeta = makeInstanceFile({ SOPInstanceUID: UID, otherMeta: true });
const other = makeInstanceFile({ SOPInstanceUID: UID, salt: 'other' });
const otherWithOtherMeta = makeInstanceFile({ SOPInstanceUID: UID, salt: 'other', otherMeta: true });
const third = makeInstanceFile({ SOPInstanceUID: UID, salt: 'third' });
const implicit = makeInstanceFile({ SOPInstanceUID: UID, transferSyntaxUID: '1.2.840.10008.1.2' });

describe('duplicates', () => {
  it.each([
    ['the same file', first],
    ['the same data set behind another meta header', sameDataOtherMeta],
  ])('%s changes nothing', async (_, again) => {
    const { receive, catalogue, storage } = setUp();
    const { record } = await receive(first);
    const outcome = await receive(again, { via: 'stow', name: 'someone' });
    expect(outcome).toStrictEqual({ status: 'duplicate', record });
    expect(await catalogue.get(UID)).toStrictEqual(record);
    expect(await catalogue.listConflicts()).toEqual([]);
    expect(await blobNames(storage)).toEqual([record.sha256]);
  });

  it('restores bytes that were lost, when they come again', async () => {
    const { receive, storage } = setUp();
    const { record } = await receive(first);
    await storage.remove(record.sha256);
    expect((await receive(first)).status).toBe('duplicate');
    expect(await storage.verify(record.sha256)).toBe(true);
  });
});

describe('conflicts', () => {
  it.each([
    ['another data set', other],
    ['the same in another transfer syntax', implicit],
  ])('%s of the same UID is kept aside, and the record stays', async (_, bytes) => {
    const { receive, catalogue, storage, log } = setUp();
    const { record } = await receive(first);
    const outcome = await receive(bytes, { via: 'stow', name: 'someone' });
    expect(outcome.status).toBe('conflict');
    expect(await catalogue.get(UID)).toStrictEqual(record);
    expect(await catalogue.listConflicts()).toStrictEqual([
      {
        id: `conflict:${UID}:${outcome.record.sha256}`,
        SOPInstanceUID: UID,
        existing: { sha256: record.sha256, receivedAt: record.received.at, source: 'CT1' },
        received: outcome.record,
        status: 'open',
      },
    ]);
    expect(outcome.record.received).toMatchObject({ via: 'stow', source: 'someone' });
    expect(await blobNames(storage)).toEqual([record.sha256, outcome.record.sha256].sort());
    expect(JSON.stringify(log.lines)).not.toMatch(/Phantom|P1/);
  });

  it('is one conflict however often the same comes, also behind another meta header', async () => {
    const { receive, catalogue, storage } = setUp();
    await receive(first);
    const kept = await receive(other);
    expect(await receive(other)).toStrictEqual(kept);
    expect(await receive(otherWithOtherMeta)).toStrictEqual(kept);
    expect((await catalogue.listConflicts()).length).toBe(1);
    expect((await blobNames(storage)).length).toBe(2);
    await receive(third);
    expect((await catalogue.listConflicts()).length).toBe(2);
    expect((await blobNames(storage)).length).toBe(3);
  });

  it('keeps what cannot be compared, because the first is lost', async () => {
    const { receive, storage, catalogue } = setUp();
    const { record } = await receive(first);
    await storage.remove(record.sha256);
    expect((await receive(sameDataOtherMeta)).status).toBe('conflict');
    expect((await catalogue.listConflicts()).length).toBe(1);
  });
});

describe('a decision', () => {
  it('for the existing one closes the conflict and keeps all bytes', async () => {
    const { receive, ingest, catalogue, storage } = setUp();
    const { record } = await receive(first);
    await receive(other);
    const [conflict] = await catalogue.listConflicts();
    await ingest.resolveConflict(conflict?.id ?? '', 'existing', 'dr.wang');
    expect(await catalogue.getConflict(conflict?.id ?? '')).toMatchObject({
      status: 'kept-existing',
      decidedBy: 'dr.wang',
      decidedAt: '2026-01-01T00:00:00.000Z',
    });
    expect(await catalogue.get(UID)).toStrictEqual(record);
    expect((await blobNames(storage)).length).toBe(2);
    expect((await receive(other)).status).toBe('conflict');
    expect((await catalogue.listConflicts()).map(({ status }) => status)).toEqual(['kept-existing']);
  });

  it('for the received one replaces the record with history and keeps all bytes', async () => {
    const { receive, ingest, catalogue, storage } = setUp();
    const { record } = await receive(first);
    const kept = await receive(other);
    const [conflict] = await catalogue.listConflicts();
    await ingest.resolveConflict(conflict?.id ?? '', 'received', 'dr.wang');
    expect(await catalogue.get(UID)).toStrictEqual(kept.record);
    const { changes } = await catalogue.changes('', 100);
    expect(changes.map(({ id }) => id)).toContain(`superseded:${UID}:${record.sha256}`);
    expect((await blobNames(storage)).length).toBe(2);
    // What was decided against does not come up for decision again, and its bytes stay for the history.
    expect((await receive(first)).status).toBe('conflict');
    expect((await receive(other)).status).toBe('duplicate');
    expect((await catalogue.listConflicts()).length).toBe(1);
    expect((await blobNames(storage)).length).toBe(2);
  });

  it('is made once', async () => {
    const { receive, ingest, catalogue } = setUp();
    await receive(first);
    await receive(other);
    const id = (await catalogue.listConflicts())[0]?.id ?? '';
    const decisions = await Promise.allSettled([
      ingest.resolveConflict(id, 'existing', 'a'),
      ingest.resolveConflict(id, 'received', 'b'),
    ]);
    expect(decisions.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(ingest.resolveConflict(id, 'received', 'b')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(ingest.resolveConflict('conflict:9:9', 'existing', 'a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('for bytes that are lost is refused', async () => {
    const { receive, ingest, catalogue, storage } = setUp();
    const { record } = await receive(first);
    const kept = await receive(other);
    await storage.remove(kept.record.sha256);
    const id = (await catalogue.listConflicts())[0]?.id ?? '';
    await expect(ingest.resolveConflict(id, 'received', 'a')).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    expect(await catalogue.get(UID)).toStrictEqual(record);
  });
});

describe('two nodes on one catalogue and one store', () => {
  /** Both take what comes at the same time. */
  function setUpTwo() {
    const { storage, catalogue, receive } = setUp();
    const settlers = [0, 1].map(() => new InstanceSettler(storage, catalogue, { shared: true }));
    const [one, two] = settlers.map((settler) => setUp({ storage, catalogue, settler }).receive);
    if (!one || !two) throw new Error('two nodes');
    return { storage, catalogue, receive, one, two };
  }

  it('is one instance when it comes to both at once', async () => {
    const { one, two, catalogue, storage } = setUpTwo();
    const outcomes = await Promise.all([one(first), two(first)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['duplicate', 'stored']);
    expect(await catalogue.count()).toBe(1);
    expect((await blobNames(storage)).length).toBe(1);
  });

  it('drops no bytes where the store alone is shared: they may be those of another catalogue', async () => {
    const alone = setUp();
    const sharing = setUp();
    Object.assign(sharing.storage, { isShared: true });
    const settler = new InstanceSettler(sharing.storage, sharing.catalogue);
    const { receive } = setUp({ storage: sharing.storage, catalogue: sharing.catalogue, settler });
    for (const bytes of [first, other, otherWithOtherMeta]) {
      await alone.receive(bytes);
      await receive(bytes);
    }
    expect((await blobNames(alone.storage)).length).toBe(2);
    expect((await blobNames(sharing.storage)).length).toBe(3);
  });

  it('keeps bytes that one finds superfluous and the other refers to a moment later', async () => {
    const { one, two, catalogue, storage } = setUpTwo();
    await one(first);
    // The other node has kept a second form of the same data aside, which the first has not seen when it looks.
    const list = catalogue.listConflicts.bind(catalogue);
    const { record } = await two(other);
    let meanwhile: Promise<unknown> | undefined;
    catalogue.listConflicts = async (uid) => {
      const seen = await list(uid);
      if (!meanwhile) {
        catalogue.listConflicts = async () => [];
        meanwhile = two(otherWithOtherMeta);
        await meanwhile;
        catalogue.listConflicts = list;
      }
      return seen;
    };
    await one(otherWithOtherMeta);
    for (const { received } of await list(UID)) expect(await storage.has(received.sha256)).toBe(true);
    expect((await list(UID)).length).toBe(2);
    expect(await storage.has(record.sha256)).toBe(true);
  });
});
