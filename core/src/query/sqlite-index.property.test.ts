import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NaiveIndex } from '../../testing/naive-index.ts';
import { makeQueryRecord, type QueryValues, queryKeys } from '../../testing/query-records.ts';
import type { InstanceRecord } from '../catalogue/contract.ts';
import type { QueryRequest } from './contract.ts';
import { SqliteQueryIndex } from './sqlite-index.ts';

const scope = { kind: 'all' } as const;

// Few and alike, so that random keys meet random records.
const latin = fc.constantFrom('Wang', 'Wan', 'Zhang', 'ming', 'Xiao', 'xm', "O'Neil", 'Jürgen', 'a', 'Li');
const chinese = fc.constantFrom('张', '王', '小', '明', '小明', '单', '曾', '欧阳', '吕', '\u{20BB7}');
const component = fc.oneof(
  latin,
  chinese,
  fc.tuple(chinese, chinese).map(([a, b]) => a + b),
);
const group = fc
  .array(component, { minLength: 0, maxLength: 3 })
  .chain((parts) => fc.constantFrom('^', ' ', '').map((by) => parts.join(by)));
const name = fc.array(group, { minLength: 1, maxLength: 3 }).map((groups) => groups.join('='));
const id = fc.constantFrom('', 'P1', 'P12', 'p-1', 'P 1', '001', 'ZY0012', '#');
const date = fc.constantFrom('', '20251231', '20260101', '20260102', '19000101', '2026.01.03', 'soon', '21000101');
const time = fc.constantFrom('', '0800', '080030.25', '2359', 'noon');
const modality = fc.constantFrom('', 'CT', 'MR', 'SR');

const values = fc.record({
  PatientName: name,
  PatientID: fc.oneof({ weight: 4, arbitrary: fc.constant('P1') }, id),
  AccessionNumber: id,
  StudyID: id,
  StudyDate: date,
  StudyTime: time,
  Modality: modality,
  StudyDescription: fc.constantFrom('', 'Head', 'Head plain', 'Chest'),
});

// Instances of a study agree often, and not always.
const attributes = fc.array(values, { minLength: 1, maxLength: 5 });

const records = attributes
  .chain((pool) =>
    fc.array(
      fc.record({
        study: fc.integer({ min: 1, max: 4 }),
        series: fc.integer({ min: 1, max: 2 }),
        day: fc.integer({ min: 1, max: 4 }),
        values: fc.constantFrom(...pool),
      }),
      { maxLength: 14 },
    ),
  )
  .map((list) =>
    list.map(({ study, series, day, values: own }, index) =>
      makeQueryRecord(
        {
          study: `1.${study}`,
          series: `1.${study}.${series}`,
          instance: `1.${study}.${series}.${index}`,
          receivedAt: `2026-01-0${day}T00:00:00.000Z`,
          sizeBytes: index,
          department: `D${study % 2}`,
        },
        { ...own, InstanceNumber: index % 3 },
      ),
    ),
  );

const wild = (from: fc.Arbitrary<string>) =>
  fc.tuple(fc.constantFrom('', '*', '?'), from, fc.constantFrom('', '*', '?', '*?')).map((parts) => parts.join(''));
const optional = (arbitrary: fc.Arbitrary<string>) => fc.option(arbitrary, { nil: undefined });
const day = fc.constantFrom('20251231', '20260101', '20260102', '19000101');
const keys = fc
  .record({
    PatientName: optional(fc.oneof(wild(group), wild(component), name)),
    PatientID: optional(wild(id)),
    AccessionNumber: optional(wild(id)),
    StudyID: optional(wild(id)),
    StudyDate: optional(
      fc.oneof(
        day,
        fc.tuple(day, day).map(([a, b]) => `${a}-${b}`),
        day.map((one) => `${one}-`),
        day.map((one) => `-${one}`),
      ),
    ),
    ModalitiesInStudy: optional(fc.constantFrom('CT', 'MR', 'CT\\SR', 'C?')),
    StudyDescription: optional(wild(fc.constantFrom('Head', 'plain', ''))),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as QueryValues);

const word = fc.oneof(
  latin,
  chinese,
  id,
  fc.tuple(chinese, chinese).map((two) => two.join('')),
  fc.constantFrom('zx', 'zhangx', 'shan', 'zeng', 'lv', 'wangxiao', 'ang', '张小明'),
);

function indexOf(list: readonly InstanceRecord[], batch = 5): SqliteQueryIndex {
  const index = new SqliteQueryIndex({ path: ':memory:', fetchRecords: async () => [] });
  for (let start = 0; start < list.length; start += batch) {
    index.apply(
      list.slice(start, start + batch).map((record) => ({ seq: '1', record })),
      '1',
    );
  }
  return index;
}

/** All that can be read from an index. */
async function contents(index: SqliteQueryIndex): Promise<unknown> {
  const request = { keys: {}, include: 'all', limit: 1000, offset: 0, scope } as const;
  const search = (level: 'PATIENT' | 'STUDY' | 'SERIES') => index.search({ ...request, level });
  const list = await index.studies({ limit: 1000, offset: 0, scope });
  return {
    patients: await search('PATIENT'),
    studies: await search('STUDY'),
    series: await search('SERIES'),
    images: await index.search({ ...request, level: 'IMAGE' }),
    list,
    byName: await index.studies({ limit: 1000, offset: 0, scope, orderBy: 'PatientName' }),
    words: await Promise.all(
      ['张', 'ang', 'zx', 'p1'].map((text) => index.studies({ text, limit: 1000, offset: 0, scope })),
    ),
    instances: await Promise.all(
      list.items.map((row) => index.instances({ StudyInstanceUID: row.StudyInstanceUID, scope })),
    ),
    totals: await index.totals(),
    facets: await index.facets(scope),
  };
}

describe('SQLite index, whatever the records', () => {
  it('finds exactly what a look at every record finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.array(keys, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (list, queries, fuzzyMatching) => {
          const index = indexOf(list);
          const naive = new NaiveIndex(list);
          try {
            for (const query of queries) {
              const asked: QueryRequest = {
                level: 'STUDY',
                keys: queryKeys(query),
                include: [],
                limit: 1000,
                offset: 0,
                scope,
                fuzzyMatching,
              };
              let expected: string[];
              try {
                expected = naive.search(asked.keys, fuzzyMatching);
              } catch {
                await expect(index.search(asked)).rejects.toMatchObject({ code: 'QUERY_INVALID_KEY' });
                continue;
              }
              const found = (await index.search(asked)).map((one) => String(one['0020000D']?.Value?.[0])).sort();
              expect(found).toEqual(expected);
              expect(await index.count(asked)).toBe(expected.length);
            }
          } finally {
            await index.close();
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  it('finds typed words exactly where a look at every record finds them', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 }),
        async (list, texts) => {
          const index = indexOf(list);
          const naive = new NaiveIndex(list);
          try {
            for (const words of texts) {
              const text = words.join(' ');
              const { total, items } = await index.studies({ text, limit: 1000, offset: 0, scope });
              const expected = naive.text(text.split(' ').filter((one) => one !== ''));
              expect(items.map((row) => row.StudyInstanceUID).sort(), text).toEqual(expected);
              expect(total).toBe(expected.length);
            }
          } finally {
            await index.close();
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('holds the same, in whatever order, however often and in whatever batches records come', async () => {
    await fc.assert(
      fc.asyncProperty(
        records.chain((list) =>
          fc.record({
            list: fc.constant(list),
            again: fc.shuffledSubarray(list),
            order: fc.shuffledSubarray(list, { minLength: list.length }),
          }),
        ),
        fc.integer({ min: 1, max: 6 }),
        async ({ list, again, order }, batch) => {
          const [one, other] = [indexOf(list), indexOf([...again, ...order, ...again.slice(0, 2)], batch)];
          try {
            expect(await contents(other)).toEqual(await contents(one));
          } finally {
            await one.close();
            await other.close();
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('holds what it would if deleted and replaced instances had never come', async () => {
    await fc.assert(
      fc.asyncProperty(
        records.chain((list) =>
          fc.record({ list: fc.constant(list), gone: fc.shuffledSubarray(list), replaced: fc.shuffledSubarray(list) }),
        ),
        values,
        async ({ list, gone, replaced }, before) => {
          const earlier = replaced.map((record) =>
            makeQueryRecord({ study: '1.3', instance: record.SOPInstanceUID, salt: 'before' }, before),
          );
          const index = indexOf([...earlier, ...list]);
          index.apply(
            gone.map((record) => ({ seq: '2', deletedSOPInstanceUID: record.SOPInstanceUID })),
            '2',
          );
          const expected = indexOf(list.filter((record) => !gone.includes(record)));
          try {
            expect(await contents(index)).toEqual(await contents(expected));
          } finally {
            await index.close();
            await expected.close();
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
