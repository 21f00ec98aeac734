import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Catalogue, ConflictRecord } from '../src/catalogue/contract.ts';
import { documentStoreContract } from './document-store-contract.ts';
import { makeInstanceRecord } from './instance-record.ts';

function makeConflict(uid: string, existingSalt = '', receivedSalt = 'other'): ConflictRecord {
  const existing = makeInstanceRecord(uid, existingSalt);
  const received = makeInstanceRecord(uid, receivedSalt);
  return {
    id: `conflict:${uid}:${received.sha256}`,
    SOPInstanceUID: uid,
    existing: { sha256: existing.sha256, receivedAt: existing.received.at, source: existing.received.source },
    received,
    status: 'open',
  };
}

async function everyChange(catalogue: Catalogue, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let since = ''; ; ) {
    const { changes, lastSeq } = await catalogue.changes(since, limit);
    if (changes.length === 0) return ids;
    expect(changes.length).toBeLessThanOrEqual(limit);
    expect(changes.at(-1)?.seq).toBe(lastSeq);
    ids.push(...changes.map(({ id }) => id));
    since = lastSeq;
  }
}

/** What every catalogue keeps to. `make` opens an empty one; it is closed after each test. */
export function catalogueContract(name: string, make: () => Promise<Catalogue>): void {
  const open = async () => {
    const catalogue = await make();
    onTestFinished(() => catalogue.close());
    return catalogue;
  };

  describe(`catalogue contract: ${name}`, () => {
    it('gives back what was committed', async () => {
      const catalogue = await open();
      const record = makeInstanceRecord('1.2.3');
      expect(await catalogue.commit(record)).toEqual({ outcome: 'created' });
      expect(await catalogue.get('1.2.3')).toStrictEqual(record);
      expect(await catalogue.get('1.2.4')).toBeUndefined();
      expect(await catalogue.count()).toBe(1);
    });

    it('keeps data sets whatever their keys and texts are', async () => {
      const catalogue = await open();
      const dataset = JSON.parse(
        '{"_id":{"vr":"LO","Value":["a"]},"_rev":{"vr":"LO"},"_attachments":{"vr":"LO"},"constructor":{"vr":"LO"},"__proto__":{"vr":"LO"}}',
      );
      dataset['00081030'] = { vr: 'LO', Value: ['\u0000\ud83d\ude00 \u4e2d \ud800', null, ''] };
      dataset['00082112'] = { vr: 'SQ', Value: [{}, { '00080100': { vr: 'SH', Value: ['x'] } }] };
      const record = makeInstanceRecord('1.2.3', '', { dataset, bulkData: [] });
      await catalogue.commit(record);
      const found = await catalogue.get('1.2.3');
      expect(JSON.stringify(found?.dataset)).toBe(JSON.stringify(dataset));
      expect(found?.bulkData).toEqual([]);
    });

    it('never overwrites', async () => {
      const catalogue = await open();
      const first = makeInstanceRecord('1.2.3');
      await catalogue.commit(first);
      const outcome = await catalogue.commit(makeInstanceRecord('1.2.3', 'other'));
      expect(outcome).toStrictEqual({ outcome: 'exists', existing: first });
      expect(await catalogue.get('1.2.3')).toStrictEqual(first);
    });

    it('lets one of many simultaneous commits of an instance win, and tells the others which', async () => {
      const catalogue = await open();
      const records = Array.from({ length: 10 }, (_, index) => makeInstanceRecord('1.2.3', String(index)));
      const outcomes = await Promise.all(records.map((record) => catalogue.commit(record)));
      expect(outcomes.filter(({ outcome }) => outcome === 'created').length).toBe(1);
      const winner = await catalogue.get('1.2.3');
      for (const each of outcomes) if (each.outcome === 'exists') expect(each.existing).toStrictEqual(winner);
    });

    it('commits many at once and lists them in order', async () => {
      const catalogue = await open();
      const uids = Array.from({ length: 300 }, (_, index) => `1.2.${1000 + index}`);
      await Promise.all(uids.toReversed().map((uid) => catalogue.commit(makeInstanceRecord(uid))));
      expect(await catalogue.count()).toBe(300);
      const listed: string[] = [];
      for await (const { SOPInstanceUID } of catalogue.all()) listed.push(SOPInstanceUID);
      expect(listed).toEqual(uids);
      const behind: string[] = [];
      for await (const { SOPInstanceUID } of catalogue.all(uids[290])) behind.push(SOPInstanceUID);
      expect(behind).toEqual(uids.slice(291));
      const some = await catalogue.getMany([uids[7] ?? '', 'absent', uids[3] ?? '', uids[7] ?? '']);
      expect(some.map((record) => record?.SOPInstanceUID)).toEqual([uids[7], undefined, uids[3], uids[7]]);
      expect(await catalogue.getMany([])).toEqual([]);
    });

    it('commits what comes just when something else was committed', async () => {
      const catalogue = await open();
      const lane = async (name: number) => {
        for (let index = 0; index < 20; index += 1) await catalogue.commit(makeInstanceRecord(`1.2.${name}.${index}`));
      };
      await Promise.all([1, 2, 3].map(lane));
      expect(await catalogue.count()).toBe(60);
    });

    it('does not commit before what it has to come after', async () => {
      const catalogue = await open();
      const gate = Promise.withResolvers<void>();
      const committing = catalogue.commit(makeInstanceRecord('1.2.1'), { after: gate.promise });
      const neighbour = catalogue.commit(makeInstanceRecord('1.2.2'));
      expect((await catalogue.changes('', 10)).changes.map(({ id }) => id)).not.toContain('instance:1.2.1');
      gate.resolve();
      expect((await committing).outcome).toBe('created');
      expect((await neighbour).outcome).toBe('created');
    });

    it('does not commit what it had to come after and failed, and commits its neighbours', async () => {
      const catalogue = await open();
      const failure = new Error('the disk is gone');
      const outcomes = await Promise.allSettled([
        catalogue.commit(makeInstanceRecord('1.2.1'), { after: Promise.reject(failure) }),
        catalogue.commit(makeInstanceRecord('1.2.2')),
        catalogue.commit(makeInstanceRecord('1.2.3'), { after: Promise.resolve() }),
      ]);
      expect(outcomes[0]).toEqual({ status: 'rejected', reason: failure });
      expect(outcomes.slice(1).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
      expect(await catalogue.get('1.2.1')).toBeUndefined();
      expect(await catalogue.count()).toBe(2);
      expect((await catalogue.commit(makeInstanceRecord('1.2.1'))).outcome).toBe('created');
    });

    it('supersedes with history', async () => {
      const catalogue = await open();
      const first = makeInstanceRecord('1.2.3');
      const second = makeInstanceRecord('1.2.3', 'second');
      await catalogue.commit(first);
      await catalogue.supersede(second);
      await catalogue.supersede(second);
      expect(await catalogue.get('1.2.3')).toStrictEqual(second);
      await catalogue.supersede(first);
      await catalogue.supersede(second);
      expect(await catalogue.get('1.2.3')).toStrictEqual(second);
      expect(await catalogue.count()).toBe(1);
      expect((await everyChange(catalogue, 100)).filter((id) => id.startsWith('superseded:')).sort()).toEqual(
        [`superseded:1.2.3:${first.sha256}`, `superseded:1.2.3:${second.sha256}`].sort(),
      );
      await expect(catalogue.supersede(makeInstanceRecord('9.9'))).rejects.toMatchObject({
        code: 'SOP_INSTANCE_NOT_FOUND',
      });
    });

    it('keeps conflicts and decisions on them, apart from the instances', async () => {
      const catalogue = await open();
      const conflict = makeConflict('1.2.3');
      await catalogue.commit(makeInstanceRecord('1.2.3'));
      await catalogue.putConflict(conflict);
      await catalogue.putConflict(conflict);
      expect(await catalogue.getConflict(conflict.id)).toStrictEqual(conflict);
      const decided = {
        ...conflict,
        status: 'kept-existing',
        decidedBy: 'it',
        decidedAt: '2026-01-02T00:00:00.000Z',
      } as const;
      await catalogue.putConflict(decided);
      await catalogue.putConflict(makeConflict('1.2.4'));
      expect(await catalogue.listConflicts()).toStrictEqual([decided, makeConflict('1.2.4')]);
      await catalogue.putConflict(makeConflict('1.2.33'));
      expect(await catalogue.listConflicts('1.2.3')).toStrictEqual([decided]);
      expect(await catalogue.listConflicts('1.2.9')).toEqual([]);
      expect(await catalogue.getConflict('conflict:9:9')).toBeUndefined();
      expect(await catalogue.getConflict('instance:1.2.3')).toBeUndefined();
      expect(await catalogue.count()).toBe(1);
    });

    it('tells every change once, in order, whatever the page size', async () => {
      const catalogue = await open();
      const uids = Array.from({ length: 25 }, (_, index) => `1.2.${index}`);
      for (const uid of uids) await catalogue.commit(makeInstanceRecord(uid));
      await catalogue.putConflict(makeConflict('1.2.3'));
      const expected = [...uids.map((uid) => `instance:${uid}`), makeConflict('1.2.3').id];
      expect(await everyChange(catalogue, 7)).toEqual(expected);
      expect(await everyChange(catalogue, 1000)).toEqual(expected);
      const { changes } = await catalogue.changes('', 1);
      expect(changes[0]).toMatchObject({ deleted: false, id: 'instance:1.2.0', record: makeInstanceRecord('1.2.0') });
    });

    it('gives its newest position, and an empty page from there', async () => {
      const catalogue = await open();
      const empty = await catalogue.changes('', 10);
      expect(empty.changes).toEqual([]);
      await catalogue.commit(makeInstanceRecord('1.2.1'));
      const head = await catalogue.head();
      expect((await catalogue.changes(head, 10)).changes).toEqual([]);
      await catalogue.commit(makeInstanceRecord('1.2.2'));
      expect((await catalogue.changes(head, 10)).changes.map(({ id }) => id)).toEqual(['instance:1.2.2']);
      expect((await catalogue.changes(empty.lastSeq, 10)).changes.length).toBe(2);
    });

    it('tells listeners after commits, until they are disposed', async () => {
      const catalogue = await open();
      const told: number[] = [];
      const registration = catalogue.onChange(() => told.push(told.length));
      await vi.waitFor(
        async () => {
          await catalogue.commit(makeInstanceRecord(`1.2.${performance.now()}`));
          expect(told.length).toBeGreaterThan(0);
        },
        { timeout: 20_000, interval: 100 },
      );
      await registration.dispose();
      await registration.dispose();
    });

    documentStoreContract(open);
  });
}
