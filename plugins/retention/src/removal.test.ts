import type { AuditEvent } from '@filmless/core/plugin';
import { InMemoryCatalogue, RecordingLog } from '@filmless/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeldStudy, Holds } from './holds.ts';
import { Ledger } from './ledger.ts';
import { decide, type Policy, policyFor, type StudyFacts } from './policy.ts';
import { type Copy, Removal } from './removal.ts';

const DAY_MS = 86_400_000;
const BLOBS = ['aa', 'bb', 'cc'].map((each) => each.repeat(32));
const STUDIES: HeldStudy[] = [1, 2].map((number) => ({
  StudyInstanceUID: `1.2.${number}`,
  PatientID: `P${number}`,
  IssuerOfPatientID: '',
}));
const blobsOf = (study: HeldStudy) =>
  BLOBS.map((each) => each.slice(0, 62) + study.StudyInstanceUID.slice(-1).padStart(2, '0'));

interface World {
  nowMs: number;
  /** The truth: which places really hold which blob, and when it was last compared there. */
  copies: Copy[];
  unreachable: boolean;
  audited: AuditEvent[];
  removed: string[];
}

async function setUp(verifiedWithinDays: number, graceDays: number) {
  const world: World = { nowMs: Date.UTC(2026, 0, 1), copies: [], unreachable: false, audited: [], removed: [] };
  const ledger = new Ledger(':memory:');
  const patients = { find: async () => undefined, mergedInto: async () => [] };
  const holds = await Holds.open(new InMemoryCatalogue().documents('plugin-retention'), patients);
  const removal = new Removal({
    ledger,
    holds,
    copies: async (wanted) => (world.unreachable ? [] : world.copies.filter(({ sha256 }) => wanted.includes(sha256))),
    remove: async (sha256) => {
      const study = STUDIES.find((each) => blobsOf(each).includes(sha256)) as HeldStudy;
      const places = world.copies.filter(
        (copy) => copy.sha256 === sha256 && world.nowMs - Date.parse(copy.verifiedAt) <= verifiedWithinDays * DAY_MS,
      );
      // The two promises, looked at in the truth and at the moment of the deletion.
      if (new Set(places.map(({ place }) => place)).size < 2) throw new Error('fewer than two verified copies');
      const isHeld = holds
        .list()
        .some(
          (hold) =>
            !hold.releasedAt &&
            (hold.StudyInstanceUID === study.StudyInstanceUID || hold.patientId === study.PatientID),
        );
      if (isHeld) throw new Error('removed under a legal hold');
      world.removed.push(sha256);
    },
    audit: {
      record: (event) => void world.audited.push(event),
      recordDurably: async (event) => void world.audited.push(event),
    },
    log: new RecordingLog(),
    now: () => world.nowMs,
    graceDays,
    keepAfterUndoDays: 30,
    copiesNeeded: 2,
    verifiedWithinDays,
  });
  return { world, ledger, holds, removal };
}

const study = fc.integer({ min: 0, max: STUDIES.length - 1 });
const place = fc.constantFrom('centre', 'disk-1', 'disk-2');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('mark' as const), study }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('undo' as const), study }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('remove' as const), study }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), study, byPatient: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: -2, max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('verify' as const),
      place,
      blob: fc.integer({ min: 0, max: 5 }),
      ago: fc.integer({ min: 0, max: 60 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('verify-all' as const), place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reach' as const), unreachable: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('policy' as const),
      study,
      olderThanDays: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      action: fc.constantFrom('online' as const, 'remove' as const),
    }),
  },
);

describe('removal', () => {
  it('never leaves fewer than two verified copies, and a legal hold always wins', async () => {
    let removals = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 30, maxLength: 90, size: 'max' }),
        fc.integer({ min: 0, max: 15 }),
        fc.integer({ min: 1, max: 90 }),
        async (steps, graceDays, verifiedWithinDays) => {
          const { world, ledger, holds, removal } = await setUp(verifiedWithinDays, graceDays);
          const allBlobs = STUDIES.flatMap(blobsOf);
          const mark = (one: HeldStudy) =>
            removal.mark({ uid: one.StudyInstanceUID, department: '', instances: 3, bytes: 3 }, 'test');
          // A hold may come while a removal is under way.
          const running: Promise<unknown>[] = [];
          for (const each of steps) {
            const one = 'study' in each ? (STUDIES[each.study] as HeldStudy) : (STUDIES[0] as HeldStudy);
            switch (each.do) {
              case 'mark':
                mark(one);
                break;
              case 'undo':
                removal.undo(one.StudyInstanceUID, 'test');
                break;
              case 'remove':
                running.push(removal.remove(one, blobsOf(one)));
                break;
              case 'hold':
                await holds.place(
                  {
                    ...(each.byPatient ? { patientId: one.PatientID } : { StudyInstanceUID: one.StudyInstanceUID }),
                    issuerOfPatientId: '',
                    reason: 'court',
                  },
                  'test',
                  '',
                );
                break;
              case 'release': {
                const standing = holds.list().find(({ releasedAt }) => releasedAt === undefined);
                if (standing) await holds.release(standing.id, 'test', 'now', 'over');
                break;
              }
              case 'policy': {
                const policy: Policy = {
                  department: '',
                  rules: [
                    {
                      action: each.action,
                      ...(each.olderThanDays !== undefined && { olderThanDays: each.olderThanDays }),
                    },
                  ],
                };
                const facts: StudyFacts = {
                  StudyInstanceUID: one.StudyInstanceUID,
                  department: 'radiology',
                  modalities: ['CT'],
                  sizeBytes: 1,
                  acquiredAtMs: Date.UTC(2025, 11, 1),
                  receivedAtMs: Date.UTC(2025, 11, 1),
                  openedAtMs: undefined,
                };
                if (decide(policyFor([policy], 'radiology'), facts, world.nowMs) === 'remove') mark(one);
                else removal.drop(one.StudyInstanceUID, 'the rules changed');
                break;
              }
              default:
                // What changes the truth must not fall between a look at the copies and the removal that follows it.
                await Promise.all(running.splice(0));
                if (each.do === 'wait') world.nowMs += each.days * DAY_MS;
                else if (each.do === 'lose') world.copies = world.copies.filter(({ place }) => place !== each.place);
                else if (each.do === 'reach') world.unreachable = each.unreachable;
                else {
                  const ago = 'ago' in each ? each.ago : 0;
                  const blobs = 'blob' in each ? [allBlobs[each.blob] ?? ''] : allBlobs;
                  const verifiedAt = new Date(world.nowMs - ago * DAY_MS).toISOString();
                  world.copies.push(...blobs.map((sha256) => ({ sha256, place: each.place, verifiedAt })));
                }
            }
          }
          await Promise.all(running);
          removals += world.removed.length;
          // The record of what was done agrees with what was done.
          for (const one of STUDIES) {
            if (ledger.study(one.StudyInstanceUID)?.state !== 'removed') continue;
            for (const sha256 of blobsOf(one)) expect(world.removed).toContain(sha256);
          }
          for (const sha256 of world.removed) expect(ledger.placeOf(sha256)?.place).toBe('removed');
          ledger.close();
        },
      ),
      { numRuns: 600 },
    );
    // Otherwise the property would hold because nothing happens.
    expect(removals).toBeGreaterThan(50);
  });

  it('waits for the time of grace and for copies, can be undone, and is written down', async () => {
    const { world, ledger, removal } = await setUp(30, 7);
    const one = STUDIES[0] as HeldStudy;
    const uid = one.StudyInstanceUID;
    expect(await removal.remove(one, blobsOf(one))).toBe('not-marked');
    removal.mark({ uid, department: 'radiology', instances: 3, bytes: 30 }, 'rules');
    expect(await removal.remove(one, blobsOf(one))).toBe('too-early');
    expect(removal.undo(uid, 'li.ming')).toBe(true);
    expect(ledger.study(uid)).toMatchObject({ state: 'kept', by: 'li.ming' });
    removal.mark({ uid, department: 'radiology', instances: 3, bytes: 30 }, 'rules');
    world.nowMs += 8 * DAY_MS;
    const at = new Date(world.nowMs).toISOString();
    const holdAll = (place: string, verifiedAt: string) =>
      world.copies.push(...blobsOf(one).map((sha256) => ({ sha256, place, verifiedAt })));
    holdAll('centre', at);
    holdAll('centre', at);
    holdAll('disk-1', new Date(world.nowMs - 31 * DAY_MS).toISOString());
    expect(await removal.remove(one, blobsOf(one))).toBe('too-few-copies');
    expect(ledger.study(uid)).toMatchObject({ state: 'marked', waiting: 'too-few-copies' });
    expect(world.removed).toEqual([]);
    holdAll('disk-1', at);
    expect(await removal.remove(one, blobsOf(one))).toBe('removed');
    expect(world.removed.sort()).toEqual(blobsOf(one).sort());
    expect(ledger.study(uid)).toMatchObject({ state: 'removed', bytes: 30 });
    expect(world.audited.at(-1)).toMatchObject({
      studyInstanceUid: uid,
      detail: expect.stringContaining('3 instances'),
    });
  });
});
