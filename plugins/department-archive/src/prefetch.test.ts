import { beforeEach, expect, it } from 'vitest';
import { Prefetch } from './prefetch.ts';

const STUDIES: Record<string, string[]> = { p1: ['2.25.11', '2.25.12'], p2: ['2.25.21'] };
let wanted: string[];
let asked: string[];
let now: number;
let prefetch: Prefetch;

beforeEach(() => {
  wanted = [];
  asked = [];
  now = 0;
  prefetch = new Prefetch({
    query: {
      studies: async ({ patientId = '' }) => {
        asked.push(patientId);
        const items = (STUDIES[patientId] ?? []).map((StudyInstanceUID) => ({ StudyInstanceUID }));
        return { items, total: items.length } as never;
      },
    },
    holdings: { want: (study, how) => wanted.push(`${study} ${how}`) },
    wake: () => undefined,
    now: () => now,
  });
});

const image = (patientId: string, StudyInstanceUID: string) => ({
  dataset: { '00100020': { vr: 'LO', Value: [patientId] } },
  StudyInstanceUID,
});

it('an order brings the earlier studies of its patient nearer', async () => {
  await prefetch.ordered([{ patient: { id: 'p1' } }, { patient: { id: 'p1' } }, { patient: { id: 'p2' } }] as never);
  expect(asked).toEqual(['p1', 'p2']);
  expect(wanted).toEqual(['2.25.11 hint', '2.25.12 hint', '2.25.21 hint']);
});

it('the first images of a patient bring the earlier studies nearer, once for an examination', async () => {
  await prefetch.stored([image('p1', '2.25.12'), image('p1', '2.25.12'), image('', '2.25.9')]);
  await prefetch.stored([image('p1', '2.25.12')]);
  expect(wanted).toEqual(['2.25.11 hint']);
  now += 3600_000;
  await prefetch.stored([image('p1', '2.25.13')]);
  expect(asked).toEqual(['p1', 'p1']);
});

it('goes by the machine’s own time where none is given', async () => {
  const own = new Prefetch({
    query: { studies: async () => ({ items: [{ StudyInstanceUID: '2.25.1' }], total: 1 }) as never },
    holdings: { want: (study, how) => wanted.push(`${study} ${how}`) },
    wake: () => undefined,
  });
  await own.stored([image('p1', '2.25.2')]);
  expect(wanted).toEqual(['2.25.1 hint']);
});
