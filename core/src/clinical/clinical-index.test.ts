import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InMemoryDocumentStore } from '../../testing/in-memory-document-store.ts';
import { makeQueryRecord } from '../../testing/query-records.ts';
import type { DocumentStore } from '../catalogue/contract.ts';
import { systemClock } from '../clock.ts';
import { SqliteQueryIndex } from '../query/sqlite-index.ts';
import type { AccessScope } from '../security/contract.ts';
import { scopeCovers } from '../security/scope.ts';
import { ClinicalIndex } from './clinical-index.ts';
import type { Order, Patient, PatientIdentifier } from './contract.ts';
import { OrderStore } from './order-store.ts';
import { PatientStore } from './patient-store.ts';
import { personInScope } from './person-scope.ts';

const own = (id: string, issuer = ''): PatientIdentifier => ({ id, issuer });

/** The register and the orders over an index of studies, one a `PatientID department`. */
function setUp(studies: readonly { PatientID: string; AccessionNumber?: string; department: string }[] = []) {
  const query = new SqliteQueryIndex({ path: ':memory:', fetchRecords: async () => [] });
  const changes = studies.map(({ PatientID, AccessionNumber = '', department }, index) => ({
    seq: String(index + 1),
    record: makeQueryRecord(
      { study: `1.2.${index}`, instance: `1.2.${index}.1.1`, department },
      { PatientID, AccessionNumber },
    ),
  }));
  if (changes.length > 0) query.apply(changes, String(changes.length));
  const [patientDocuments, orderDocuments] = [new InMemoryDocumentStore(), new InMemoryDocumentStore()];
  const index = new ClinicalIndex({ statements: query.statements, patients: patientDocuments, orders: orderDocuments });
  const patients = new PatientStore(patientDocuments, systemClock, () => index);
  const orders = new OrderStore(orderDocuments, systemClock, () => index);
  const found = async (text: string, scope?: AccessScope) => {
    const { total, items } = await patients.search({ text, limit: 100, offset: 0, ...(scope && { scope }) });
    expect(total).toBe(items.length);
    return items.map(({ identifiers: [first] }) => first?.id).sort();
  };
  const everyone = async (request: Partial<Parameters<PatientStore['everyone']>[0]> = {}) => {
    const { total, items } = await patients.everyone({ limit: 100, offset: 0, ...request });
    expect(total).toBe(items.length);
    return items.map(({ id }) => id);
  };
  const ordered = async (more: Partial<Parameters<OrderStore['search']>[0]> = {}) => {
    const { total, items } = await orders.search({ limit: 100, offset: 0, ...more });
    expect(total).toBe(items.length);
    return items.map(({ placerNumber }) => placerNumber).sort();
  };
  return { query, patients, orders, found, everyone, ordered };
}

describe('persons', () => {
  it('are found by name, pinyin, initials and every identifier', async () => {
    const { patients, found } = setUp();
    await patients.register([own('P1'), own('CARD-77')], { name: 'ZHANG^SAN=张^三' }, 'test');
    await patients.register([own('P2')], { name: '单^雄信' }, 'test');
    await patients.register([own('2026-001')], {}, 'test');
    expect(await found('')).toEqual(['2026-001', 'P1', 'P2']);
    for (const text of ['张', '三', 'zhangsan', 'zs', 'san', 'p1', 'card', 'zhang P1'])
      expect(await found(text)).toEqual(['P1']);
    for (const text of ['shanxiongxin', 'sxx', '雄信']) expect(await found(text)).toEqual(['P2']);
    expect(await found('2026001')).toEqual(['2026-001']);
    for (const text of ['李', 'P1 P2', '---', 'ard-77']) expect(await found(text)).toEqual([]);
  });

  it('are listed with those who are known from images alone, each once', async () => {
    const { patients, everyone } = setUp([
      { PatientID: 'P1', department: 'CT' },
      { PatientID: 'P1', department: 'US' },
      { PatientID: 'P5', department: 'CT' },
      { PatientID: 'P6', department: 'US' },
      { PatientID: '', department: 'US' },
    ]);
    await patients.register([own('P9'), own('P1')], { name: 'ZHANG^SAN=张^三' }, 'test');
    await patients.merge(own('P2'), own('P9'), 'test');
    expect(await everyone()).toEqual(['P9', 'P5', 'P6']);
    expect(await everyone({ name: 'zs' })).toEqual(['P9']);
    expect(await everyone({ name: '李' })).toEqual([]);
    expect(await everyone({ scope: { kind: 'departments', departments: ['US'] } })).toEqual(['P9', 'P6']);
    expect(await everyone({ scope: { kind: 'except-patients', patientIds: ['P1', 'P6'] } })).toEqual(['P5']);
    const pages = await Promise.all([0, 1, 2, 3].map((offset) => patients.everyone({ limit: 1, offset })));
    expect(pages.map(({ total }) => total)).toEqual([3, 3, 3, 3]);
    expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(['P9', 'P5', 'P6']);
  });

  it('follow corrections and removals', async () => {
    const { patients, found } = setUp();
    await patients.register([own('P1')], { name: 'ZHANG^SAN' }, 'test');
    expect(await found('zhang')).toEqual(['P1']);
    await patients.register([own('P1')], { name: 'LI^SI' }, 'test');
    expect(await found('zhang')).toEqual([]);
    expect(await found('li')).toEqual(['P1']);
  });
});

describe('orders', () => {
  it('are found by number, patient, procedure, state and time', async () => {
    const { patients, orders, ordered } = setUp();
    await patients.register([own('P1')], { name: 'ZHANG^SAN=张^三' }, 'test');
    const place = (placerNumber: string, more: Partial<Order>) =>
      orders.place({ system: 'HIS', placerNumber, patient: own('P1'), ...more }, 'test');
    await place('R100', {
      accessionNumber: 'A1',
      procedure: { code: '', scheme: '', text: '胸部CT平扫' },
      orderedAt: '2026-01-01T08:00:00Z',
    });
    await place('R200', {
      fillerNumber: 'F9',
      patient: own('P2'),
      status: 'completed',
      orderedAt: '2026-01-02T08:00:00Z',
    });
    for (const text of ['R1', 'r100', 'a1', '胸部', 'CT', '张三', 'zs', 'R1 胸部'])
      expect(await ordered({ text })).toEqual(['R100']);
    expect(await ordered({ text: 'P2' })).toEqual(['R200']);
    expect(await ordered({ text: 'R1 P2' })).toEqual([]);
    expect(await ordered({ status: ['completed'] })).toEqual(['R200']);
    expect(await ordered({ status: [] })).toEqual([]);
    expect(await ordered({ from: '2026-01-02T00:00:00Z' })).toEqual(['R200']);
    expect(await ordered({ to: '2026-01-02T00:00:00Z' })).toEqual(['R100']);
    for (const number of ['A1', 'R100']) expect(await ordered({ number })).toEqual(['R100']);
    expect(await ordered({ number: 'F9' })).toEqual(['R200']);
    expect(await ordered({ number: '' })).toEqual([]);
  });

  it('of a merged person are seen by whoever may see the person he is now', async () => {
    const { patients, orders, ordered } = setUp([{ PatientID: 'NEW', department: 'CT' }]);
    await orders.place({ system: 'HIS', placerNumber: 'R1', patient: own('OLD') }, 'test');
    const scope: AccessScope = { kind: 'patient', patientId: 'NEW' };
    const department: AccessScope = { kind: 'departments', departments: ['CT'] };
    expect(await ordered({ scope })).toEqual([]);
    await patients.register([own('MID')], {}, 'test');
    await patients.merge(own('OLD'), own('MID'), 'test');
    await patients.merge(own('MID'), own('NEW'), 'test');
    expect(await ordered({ scope })).toEqual(['R1']);
    expect(await ordered({ scope: department })).toEqual(['R1']);
    await patients.unmerge(own('MID'), 'test');
    expect(await ordered({ scope })).toEqual([]);
  });

  it('are paged and counted right among fifty thousand', { timeout: 300_000 }, async () => {
    const COUNT = 50_000;
    const query = new SqliteQueryIndex({ path: ':memory:', fetchRecords: async () => [] });
    query.apply(
      [
        {
          seq: '1',
          record: makeQueryRecord({ study: '1.2.3', instance: '1.2.3.4', department: 'US' }, { PatientID: 'P7' }),
        },
      ],
      '1',
    );
    const documents = generatedOrders(COUNT);
    const index = new ClinicalIndex({ statements: query.statements, orders: documents });
    const pages = async (more: object) => {
      const keys: string[] = [];
      for (;;) {
        const page = await index.orders({ limit: 2_500, offset: keys.length, ...more });
        if (page.keys.length === 0) {
          expect(keys.length).toBe(page.total);
          expect(new Set(keys).size).toBe(page.total);
          return keys;
        }
        keys.push(...page.keys);
      }
    };
    const all = await pages({});
    expect(all.length).toBe(COUNT);
    expect(all[0]).toBe(`order:HIS:R${COUNT - 1}`);
    expect((await pages({ status: ['completed'] })).length).toBe(COUNT / 5);
    expect((await pages({ scope: { kind: 'patients', patientIds: ['P7', 'P8'] } })).length).toBe(COUNT / 500);
    expect((await pages({ scope: { kind: 'except-patients', patientIds: ['P7'] } })).length).toBe(COUNT - COUNT / 1000);
    expect((await pages({ scope: { kind: 'departments', departments: ['US'] } })).length).toBe(COUNT / 1000);
    expect((await pages({ text: 'R4999' })).length).toBe(11);
  });
});

/** Orders of a thousand patients, one a minute, without a database behind them. */
function generatedOrders(count: number): DocumentStore {
  const document = (number: number) => ({
    placerNumber: `R${number}`,
    system: 'HIS',
    fillerNumber: '',
    accessionNumber: `A${number}`,
    patient: own(`P${number % 1000}`),
    status: number % 5 === 0 ? 'completed' : 'ordered',
    procedure: { code: 'CT1', scheme: 'L', text: '胸部CT平扫' },
    modality: 'CT',
    bodyPart: '',
    priority: 'routine',
    reason: '',
    requestedBy: '',
    requestingDepartment: '',
    orderedAt: new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString(),
    studyInstanceUids: [],
    history: [],
  });
  const changes = async (since: string, limit: number) => {
    const first = Number(since || 0);
    const length = Math.min(limit, count - first);
    const found = Array.from({ length }, (_, index) => ({
      seq: String(first + index + 1),
      id: `order:HIS:R${first + index}`,
      document: document(first + index),
    }));
    return { changes: found, lastSeq: String(first + length) };
  };
  return Object.assign(new InMemoryDocumentStore(), { changes: changes as DocumentStore['changes'] });
}

describe('scopes', () => {
  const id = fc.constantFrom('P1', 'P2', 'P3', 'P4');
  const leaf: fc.Arbitrary<AccessScope> = fc.oneof(
    fc.constantFrom<AccessScope>({ kind: 'all' }, { kind: 'none' }),
    fc.record({ kind: fc.constant('patient' as const), patientId: id }),
    fc.record({ kind: fc.constant('patient' as const), patientId: id, issuerOfPatientId: fc.constantFrom('', 'H') }),
    fc.record({ kind: fc.constant('patients' as const), patientIds: fc.array(id, { maxLength: 2 }) }),
    fc.record({ kind: fc.constant('except-patients' as const), patientIds: fc.array(id, { maxLength: 2 }) }),
    fc.record({ kind: fc.constant('accession' as const), accessionNumber: fc.constantFrom('A1', 'A2', '') }),
    fc.record({
      kind: fc.constant('studies' as const),
      studyInstanceUids: fc.array(fc.constantFrom('1.2.0', '1.2.1', '1.2.2'), { maxLength: 2 }),
    }),
    fc.record({
      kind: fc.constant('departments' as const),
      departments: fc.array(fc.constantFrom('CT', 'US'), { maxLength: 2 }),
    }),
  );
  const scope = fc.letrec<{ scope: AccessScope }>((tie) => ({
    scope: fc.oneof(
      { weight: 3, arbitrary: leaf },
      fc.record({
        kind: fc.constantFrom('any-of' as const, 'all-of' as const),
        scopes: fc.array(tie('scope'), { maxLength: 3 }),
      }),
    ),
  })).scope;
  const studies = fc.array(
    fc.record({
      PatientID: id,
      AccessionNumber: fc.constantFrom('A1', 'A2', ''),
      department: fc.constantFrom('CT', 'US'),
    }),
    { maxLength: 3 },
  );

  it('find and count the same as asking person by person and order by order', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(studies, scope, async (given, asked) => {
        const { query, patients, orders, found, ordered } = setUp(given);
        await patients.register([own('P1'), own('P2')], {}, 'test');
        await patients.register([own('P3')], {}, 'test');
        await patients.merge(own('P4'), own('P3'), 'test');
        for (const [number, patient] of ['P1', 'P3', 'P4', 'P5'].entries())
          await orders.place(
            {
              system: 'HIS',
              placerNumber: `R${number}`,
              patient: own(patient),
              accessionNumber: `A${number}`,
              studyInstanceUids: [`1.2.${number}`],
            },
            'test',
          );
        const sees = async (identifiers: readonly PatientIdentifier[]) => {
          const verdict = personInScope(asked, identifiers);
          if (verdict !== 'ask') return verdict === 'yes';
          const { items } = await query.studies({ limit: 100, offset: 0, scope: asked });
          return items.some((row) =>
            identifiers.some((one) => one.id === row.PatientID && one.issuer === row.IssuerOfPatientID),
          );
        };
        const all = (await patients.search({ limit: 100, offset: 0 })).items;
        const seen: Patient[] = [];
        for (const person of all) if (await sees(person.identifiers)) seen.push(person);
        expect(await found('', asked)).toEqual(seen.map(({ identifiers: [first] }) => first?.id).sort());

        const seenOrders: string[] = [];
        for (const order of (await orders.search({ limit: 100, offset: 0 })).items) {
          const identifiers = [order.patient, ...((await patients.find(order.patient))?.identifiers ?? [])];
          const named = ['', ...order.studyInstanceUids].some((StudyInstanceUID) =>
            identifiers.every((one) =>
              scopeCovers(asked, {
                StudyInstanceUID,
                PatientID: one.id,
                IssuerOfPatientID: one.issuer,
                AccessionNumber: order.accessionNumber,
              }),
            ),
          );
          if (named || (await sees(identifiers))) seenOrders.push(order.placerNumber);
        }
        expect(await ordered({ scope: asked })).toEqual(seenOrders.sort());
        await query.close();
      }),
      { numRuns: 100 },
    );
  });
});
