import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PouchCatalogue } from '../catalogue/pouch-catalogue.ts';
import { systemClock } from '../clock.ts';
import type { ReportDelivery } from '../reports/contract.ts';
import { ReportStore } from '../reports/report-store.ts';
import { changedOrders } from './order-feed.ts';
import { completeOrders, followOrders } from './order-following.ts';
import { OrderStore } from './order-store.ts';
import { PatientStore } from './patient-store.ts';

const patient = { id: 'P1', issuer: '' };
const placed = { system: 'HIS', placerNumber: 'N1', patient, accessionNumber: 'ACC1' };
const report = (changes: Partial<ReportDelivery> = {}): ReportDelivery => ({
  patient: { id: 'P1' },
  accessionNumber: 'ACC1',
  status: 'reviewed',
  text: 'Text',
  source: { via: 'rest', system: 'RIS', externalId: 'R1' },
  ...changes,
});

let directory: string;
let catalogue: PouchCatalogue;
let orders: OrderStore;
let patients: PatientStore;
let reports: ReportStore;
/** Studies of the index: UID, accession number, Patient ID. */
let studies: [string, string, string][];

const stores = () => ({
  orders,
  patients,
  reports,
  query: {
    search: async () =>
      studies.map(([uid, accession, id]) => ({
        '0020000D': { vr: 'UI', Value: [uid] },
        '00080050': { vr: 'SH', Value: [accession] },
        '00100020': { vr: 'LO', Value: [id] },
      })),
    study: async () => undefined,
  },
});

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'filmless-orders-'));
  catalogue = await PouchCatalogue.open({ location: join(directory, 'catalogue') });
  orders = new OrderStore(catalogue.documents('orders'), systemClock);
  patients = new PatientStore(catalogue.documents('patients'), systemClock);
  reports = new ReportStore(catalogue.documents('reports'), systemClock);
  studies = [['1.2.3', 'ACC1', 'P1']];
});
afterEach(async () => {
  await catalogue.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('an order that came after its images', () => {
  it('begins with the images of its accession number and its patient, once', async () => {
    await followOrders([await orders.place(placed, 'hl7')], stores());
    const begun = await orders.get('HIS', 'N1');
    expect(begun).toMatchObject({ status: 'in-progress', studyInstanceUids: ['1.2.3'] });
    if (begun) await followOrders([begun], stores());
    expect(await orders.get('HIS', 'N1')).toEqual(begun);
  });

  it("takes no other patient's images, and none of another number", async () => {
    studies = [
      ['1.2.4', 'ACC1', 'P2'],
      ['1.2.5', 'ACC10', 'P1'],
    ];
    await followOrders([await orders.place(placed, 'hl7')], stores());
    expect(await orders.get('HIS', 'N1')).toMatchObject({ status: 'ordered', studyInstanceUids: [] });
  });

  it('is completed when its report is there already', async () => {
    await reports.deliver(report());
    await followOrders([await orders.place(placed, 'hl7')], stores());
    const order = await orders.get('HIS', 'N1');
    expect(order?.history.map(({ status }) => status)).toEqual(['ordered', 'ordered', 'in-progress', 'completed']);
  });
});

describe('a report', () => {
  const told = async (changes: Partial<ReportDelivery> = {}) => {
    const { version } = await reports.deliver(report(changes));
    await completeOrders([version], stores());
    return (await orders.get('HIS', 'N1'))?.status;
  };

  it('completes the order once it is reviewed', async () => {
    await orders.place(placed, 'hl7');
    expect(await told({ status: 'reported' })).toBe('ordered');
    expect(await told()).toBe('completed');
  });

  it('completes no cancelled order, and none of another patient', async () => {
    await orders.place(placed, 'hl7');
    expect(await told({ patient: { id: 'P2' } })).toBe('ordered');
    await orders.setStatus('HIS', 'N1', 'cancelled', 'hl7');
    expect(await told({ source: { via: 'rest', system: 'RIS', externalId: 'R2' } })).toBe('cancelled');
  });
});

it('orders that changed are told from any position, as they stand', async () => {
  const feed = changedOrders(catalogue.documents('orders'));
  await orders.place(placed, 'hl7');
  const { events, lastSeq } = await feed.events('', 100);
  expect(events.map(({ placerNumber, status }) => [placerNumber, status])).toEqual([['N1', 'ordered']]);
  await orders.setStatus('HIS', 'N1', 'cancelled', 'hl7');
  expect((await feed.events(lastSeq, 100)).events.map(({ status }) => status)).toEqual(['cancelled']);
});
