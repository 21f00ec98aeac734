import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeQueryRecord } from '../../testing/query-records.ts';
import { RecordingLog } from '../../testing/recording-log.ts';
import { PouchCatalogue } from '../catalogue/pouch-catalogue.ts';
import { systemClock } from '../clock.ts';
import { CheckpointStore } from '../events/checkpoint-store.ts';
import { Projector } from '../query/projector.ts';
import { SqliteQueryIndex } from '../query/sqlite-index.ts';
import { PatientOverlays } from './identity-overlays.ts';
import { OrderStore } from './order-store.ts';
import { OverlayFollower } from './overlay-follower.ts';
import { PatientStore } from './patient-store.ts';

const scope = { kind: 'all' } as const;
const id = (value: string, issuer = '') => ({ id: value, issuer });

/** A node's register, catalogue and index, that can be closed and opened again. */
class Register {
  readonly directory = mkdtempSync(join(tmpdir(), 'filmless-patients-'));
  catalogue!: PouchCatalogue;
  patients!: PatientStore;
  orders!: OrderStore;
  overlays!: PatientOverlays;
  index!: SqliteQueryIndex;
  follower!: OverlayFollower;
  #projector!: Projector;
  #checkpoints!: CheckpointStore;

  async open(): Promise<void> {
    this.catalogue = await PouchCatalogue.open({ location: join(this.directory, 'catalogue') });
    const documents = this.catalogue.documents('patients');
    this.patients = new PatientStore(documents, systemClock);
    this.orders = new OrderStore(this.catalogue.documents('orders'), systemClock);
    this.overlays = new PatientOverlays(this.patients);
    this.index = new SqliteQueryIndex({ path: join(this.directory, 'index.sqlite'), fetchRecords: async () => [] });
    const correct = (record: Parameters<PatientOverlays['apply']>[0]) => this.overlays.apply(record);
    this.#projector = new Projector({ feed: this.catalogue, index: this.index, correct, gatherMs: 1 });
    this.#projector.start();
    this.#checkpoints = new CheckpointStore(join(this.directory, 'checkpoints.sqlite'));
    this.follow();
  }

  follow(): void {
    this.follower = new OverlayFollower({
      documents: this.catalogue.documents('patients'),
      overlays: this.overlays,
      checkpoints: this.#checkpoints,
      query: this.index,
      again: (uids) => this.#projector.again(() => this.catalogue.getMany(uids)),
      together: async () => undefined,
      shown: async () => undefined,
      log: new RecordingLog(),
    });
  }

  async close(): Promise<void> {
    await this.follower.stop();
    await this.#projector.stop();
    await this.index.close();
    this.#checkpoints.close();
    await this.catalogue.close();
  }

  async store(study: string, PatientID: string, name = 'WRONG^NAME'): Promise<void> {
    const values = { PatientID, PatientName: name, AccessionNumber: `A${study}` };
    await this.catalogue.commit(makeQueryRecord({ study, instance: `${study}.1` }, values));
  }

  async studiesOf(patientId: string): Promise<string[]> {
    await this.follower.settled();
    const { items } = await this.index.studies({ patientId, limit: 100, offset: 0, scope });
    return items.map(({ StudyInstanceUID }) => StudyInstanceUID).sort();
  }
}

let register: Register;

beforeEach(async () => {
  register = new Register();
  await register.open();
});

afterEach(async () => {
  await register.close();
  rmSync(register.directory, { recursive: true });
});

describe('register of persons', () => {
  it('registers once, adds identifiers, and refuses those of others', async () => {
    const { patients } = register;
    const first = await patients.register([id('P1')], { name: 'ZHANG^SAN=张^三', sex: 'M' }, 'his');
    expect(await patients.register([id('P1')], { name: 'ZHANG^SAN=张^三', sex: 'M' }, 'his')).toEqual(first);
    const more = await patients.register([id('P1'), id('C9', 'CARD')], { birthDate: '19560914' }, 'his');
    expect(more.key).toBe(first.key);
    expect(await patients.find(id(' C9 ', 'CARD'))).toMatchObject({
      demographics: { name: 'ZHANG^SAN=张^三', sex: 'M', birthDate: '19560914' },
    });
    await patients.register([id('P2')], {}, 'his');
    await expect(patients.register([id('P2'), id('P1')], {}, 'his')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(patients.register([id(' ')], {}, 'his')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await patients.search({ text: 'zs', limit: 10, offset: 0 })).items.map(({ key }) => key)).toEqual([
      first.key,
    ]);
  });

  it('merges, follows merges of merges, and takes them back', async () => {
    const { patients } = register;
    for (const one of ['P1', 'P2', 'P3']) await patients.register([id(one)], { name: one }, 'his');
    await patients.merge(id('P3'), id('P2'), 'his');
    await patients.merge(id('P2'), id('P1'), 'his');
    await patients.merge(id('P2'), id('P1'), 'his');
    expect((await patients.find(id('P3')))?.demographics.name).toBe('P1');
    await expect(patients.merge(id('P1'), id('P3'), 'his')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(patients.merge(id('P1'), id('P1'), 'his')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await patients.unmerge(id('P2'), 'his');
    expect((await patients.find(id('P3')))?.demographics.name).toBe('P2');
    await expect(patients.unmerge(id('P2'), 'his')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('keeps every change of many at one moment', async () => {
    const { patients } = register;
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => patients.register([id('P1'), id(`N${index}`, 'OTHER')], {}, 'his')),
    );
    expect((await patients.find(id('P1')))?.identifiers).toHaveLength(13);
  });
});

describe('images under the register', () => {
  it('are found under the name and the number that hold now, and under the old ones again after an unmerge', async () => {
    const { patients, index } = register;
    await register.store('1.1', 'P1');
    await register.store('1.2', 'P2');
    await patients.register([id('P1')], { name: 'ZHANG^SAN=张^三', sex: 'M', birthDate: '19560914' }, 'his');
    await register.follower.settled();
    expect((await index.study('1.1', scope))?.study).toMatchObject({ PatientName: 'ZHANG^SAN', PatientSex: 'M' });
    await patients.merge(id('P2'), id('P1'), 'his');
    expect(await register.studiesOf('P1')).toEqual(['1.1', '1.2']);
    expect(await register.studiesOf('P2')).toEqual([]);
    expect((await index.study('1.2', scope))?.study).toMatchObject({ PatientName: 'ZHANG^SAN', PatientID: 'P1' });
    // The bytes and the record stay as they came.
    expect((await register.catalogue.get('1.2.1'))?.dataset['00100020']?.Value).toEqual(['P2']);
    await register.store('1.3', 'P2');
    expect(await register.studiesOf('P1')).toEqual(['1.1', '1.2', '1.3']);
    await patients.unmerge(id('P2'), 'his');
    expect(await register.studiesOf('P1')).toEqual(['1.1']);
    expect(await register.studiesOf('P2')).toEqual(['1.2', '1.3']);
  });

  it('keep the writings of their name that the HIS does not know', async () => {
    const { patients, index } = register;
    await register.store('1.1', 'P1', 'ZHANG^SAN');
    await register.store('1.2', 'P2', 'LI^SI');
    for (const one of ['P1', 'P2']) await patients.register([id(one)], { name: '=张^三' }, 'his');
    await register.follower.settled();
    const chinese = { PatientNameIdeographic: '张^三' };
    expect((await index.study('1.1', scope))?.study).toMatchObject({ PatientName: 'ZHANG^SAN', ...chinese });
    // Another's name is not his.
    expect((await index.study('1.2', scope))?.study).toMatchObject({ PatientName: '', ...chinese });
    await patients.register([id('P1')], { name: '张^三' }, 'registrar');
    await register.follower.settled();
    expect((await index.study('1.1', scope))?.study).toMatchObject({ PatientName: 'ZHANG^SAN', ...chinese });
  });

  it('can be given to another person by hand, and back', async () => {
    const { patients } = register;
    await register.store('1.1', 'UNKNOWN');
    await patients.register([id('P7')], { name: 'LI^SI=李^四' }, 'his');
    await patients.assignStudy('1.1', id('P7'), 'registrar');
    expect(await register.studiesOf('P7')).toEqual(['1.1']);
    await patients.assignStudy('1.1', undefined, 'registrar');
    expect(await register.studiesOf('UNKNOWN')).toEqual(['1.1']);
    await expect(patients.assignStudy('1.1', id('P9'), 'registrar')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('follow a change that the node did not live to see through', async () => {
    await register.store('1.1', 'P1');
    await register.store('1.2', 'P2');
    expect(await register.studiesOf('P1')).toEqual(['1.1']);
    await register.follower.stop();
    await register.patients.merge(id('P2'), id('P1'), 'his');
    await register.close();
    await register.open();
    expect(await register.studiesOf('P1')).toEqual(['1.1', '1.2']);
  });

  it('name the number they came with beside the one that holds', async () => {
    const { patients, overlays } = register;
    await register.store('1.2', 'P2');
    await patients.merge(id('P2'), id('P1', 'HIS'), 'his');
    const record = await register.catalogue.get('1.2.1');
    const overlay = record && (await overlays.of(record));
    expect(overlay?.elements).toMatchObject({
      '00100020': { vr: 'LO', Value: ['P1'] },
      '00100021': { vr: 'LO', Value: ['HIS'] },
      '00101002': { vr: 'SQ', Value: [{ '00100020': { vr: 'LO', Value: ['P2'] } }] },
    });
  });
});

describe('orders', () => {
  const order = { system: 'HIS', placerNumber: 'O1', patient: id('P1'), accessionNumber: 'A1', modality: 'CT' };

  it('are placed once, changed, found, and keep their history', async () => {
    const { orders } = register;
    const placed = await orders.place(order, 'his');
    expect(await orders.place(order, 'his')).toEqual(placed);
    await orders.place({ ...order, scheduledAt: '20261124093000' }, 'his');
    await orders.setStatus('HIS', 'O1', 'completed', 'ris');
    expect(await orders.byAccession('A1')).toMatchObject({ status: 'completed', scheduledAt: '20261124093000' });
    expect((await orders.ofPatient(id('P1'))).map(({ history }) => history.map(({ status }) => status))).toEqual([
      ['ordered', 'ordered', 'completed'],
    ]);
    expect((await orders.search({ status: ['completed'], text: 'a1', limit: 10, offset: 0 })).total).toBe(1);
  });

  it('never move to another patient, nor share his accession number', async () => {
    const { orders } = register;
    await orders.place(order, 'his');
    await expect(orders.place({ ...order, patient: id('P2') }, 'his')).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    await expect(orders.place({ ...order, placerNumber: 'O2', patient: id('P2') }, 'his')).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    await orders.place({ ...order, placerNumber: 'O3' }, 'his');
    expect((await orders.byAccession('A1'))?.placerNumber).toBe('O1');
    await expect(orders.setStatus('HIS', 'O9', 'completed', 'ris')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
