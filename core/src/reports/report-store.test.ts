import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordingLog } from '../../testing/recording-log.ts';
import { PouchCatalogue } from '../catalogue/pouch-catalogue.ts';
import { changedOrders } from '../clinical/order-feed.ts';
import { systemClock } from '../clock.ts';
import { AfterSubscriptions } from '../events/after-subscriptions.ts';
import { CheckpointStore } from '../events/checkpoint-store.ts';
import { changedConflicts, reportVersions, storedInstances } from '../events/event-feeds.ts';
import type { ReportDelivery, ReportVersion } from './contract.ts';
import { ReportStore } from './report-store.ts';

let directory: string;
let catalogue: PouchCatalogue;
let reports: ReportStore;

const open = async () => {
  catalogue = await PouchCatalogue.open({ location: join(directory, 'catalogue') });
  reports = new ReportStore(catalogue.documents('reports'), systemClock);
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'filmless-reports-'));
  await open();
});

afterEach(async () => {
  await catalogue.close();
  rmSync(directory, { recursive: true });
});

const delivery = (more: Partial<ReportDelivery> = {}): ReportDelivery => ({
  patient: { id: 'P1' },
  accessionNumber: 'RAD1',
  status: 'reported',
  text: '两肺纹理清晰',
  source: { via: 'hl7', system: 'RIS', externalId: 'R1' },
  ...more,
});

describe('reports', () => {
  it('keeps every version, and finds it by study, accession number and patient', async () => {
    await reports.deliver(delivery());
    await reports.deliver(delivery({ status: 'reviewed', reviewer: '李主任', StudyInstanceUID: '1.2.3' }));
    const study = { StudyInstanceUID: '1.2.3', PatientID: 'P1', AccessionNumber: 'RAD1' };
    for (const found of [
      await reports.ofStudy(study),
      await reports.ofAccession('RAD1'),
      await reports.ofPatient('P1'),
    ]) {
      expect(found).toHaveLength(1);
      expect(found[0]?.status).toBe('reviewed');
      expect(found[0]?.versions.map(({ version, event }) => [version, event])).toEqual([
        [1, 'issued'],
        [2, 'amended'],
      ]);
    }
  });

  it('never brings a report under another patient', async () => {
    await reports.deliver(delivery({ StudyInstanceUID: '1.2.3' }));
    expect(await reports.ofStudy({ StudyInstanceUID: '1.2.3', PatientID: 'P2', AccessionNumber: 'RAD1' })).toEqual([]);
    expect(await reports.ofStudy({ StudyInstanceUID: '1.2.4', PatientID: 'P1', AccessionNumber: 'RAD1' })).toEqual([]);
    await expect(reports.deliver(delivery({ patient: { id: 'P2' } }))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });

  it('takes the same message, and the same content, once', async () => {
    const message = delivery({ source: { via: 'hl7', system: 'RIS', externalId: 'R1', messageId: 'M1' } });
    expect((await reports.deliver(message)).outcome).toBe('created');
    expect((await reports.deliver(message)).outcome).toBe('unchanged');
    expect((await reports.deliver(delivery())).outcome).toBe('unchanged');
    expect((await reports.deliver(delivery({ text: '两肺纹理增多' }))).version.version).toBe(2);
    // Late again: the message was taken long ago.
    expect((await reports.deliver(message)).outcome).toBe('unchanged');
  });

  it('gives versions delivered at one moment their own numbers', async () => {
    const texts = Array.from({ length: 8 }, (_, index) => `第 ${index} 版`);
    await Promise.all(texts.map((text) => reports.deliver(delivery({ text }))));
    const [report] = await reports.ofPatient('P1');
    expect(report?.versions.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(report?.versions.map(({ text }) => text).sort()).toEqual(texts);
    expect(report?.versions.filter(({ event }) => event === 'issued')).toHaveLength(1);
  });

  it('finds what came since a moment, each report once', async () => {
    const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);
    let now = at(0);
    const timed = new ReportStore(catalogue.documents('timed'), { ...systemClock, now: () => now.getTime() });
    const bring = async (externalId: string, text: string, when: Date) => {
      now = when;
      const source = { via: 'rest', system: 'RIS', externalId } as const;
      return (await timed.deliver(delivery({ text, source }))).version.reportId;
    };
    const [first, second] = [await bring('A', '1', at(0)), await bring('B', '1', at(1000))];
    const since = async (when: Date, limit = 10) => (await timed.receivedSince(when, limit)).map(({ id }) => id);
    expect(await since(at(0))).toEqual([first, second]);
    expect(await since(at(0), 1)).toEqual([first]);
    expect(await since(at(1000))).toEqual([second]);
    expect(await since(at(1001))).toEqual([]);
    await bring('A', '2', at(2000));
    expect(await since(at(1001))).toEqual([first]);
    expect(await since(at(0))).toEqual([first, second]);
  });

  it('finds reports by time that were kept before there was a way to it', async () => {
    const { version } = await reports.deliver(delivery());
    const documents = catalogue.documents('reports');
    for (const { id, rev } of await documents.list('received:')) await documents.remove(id, rev);
    const since = async () => (await reports.receivedSince(new Date(0), 10)).map(({ id }) => id);
    expect(await since()).toEqual([]);
    await reports.linkEarlier();
    expect(await since()).toEqual([version.reportId]);
  });

  it('refuses a report of nothing or nobody', async () => {
    await expect(reports.deliver(delivery({ accessionNumber: ' ' }))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    await expect(reports.deliver(delivery({ patient: { id: '' } }))).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('tells of issued and amended versions, again from where it was after a restart', async () => {
    const told: string[] = [];
    const subscribe = () => {
      const checkpoints = new CheckpointStore(join(directory, 'checkpoints.sqlite'));
      const documents = catalogue.documents('reports');
      const subscriptions = new AfterSubscriptions({
        feeds: {
          'instance.stored': storedInstances(catalogue),
          'conflict.changed': changedConflicts(catalogue, catalogue),
          'report.issued': reportVersions(documents, ({ event }) => event === 'issued'),
          'report.amended': reportVersions(documents, ({ event }) => event === 'amended'),
          'order.changed': changedOrders(catalogue.documents('orders')),
        },
        checkpoints,
        log: new RecordingLog(),
        gatherMs: 1,
      });
      const note = (what: string) => async (events: readonly ReportVersion[]) => {
        for (const { version } of events) told.push(`${what} ${version}`);
      };
      subscriptions.subscribe('report.issued', 'test:issued', note('issued'));
      subscriptions.subscribe('report.amended', 'test:amended', note('amended'));
      return async () => {
        await subscriptions.stop();
        checkpoints.close();
      };
    };
    let stop = subscribe();
    await reports.deliver(delivery({ status: 'draft' }));
    await reports.deliver(delivery());
    await vi.waitFor(() => expect(told).toEqual(['issued 2']));
    await stop();
    await reports.deliver(delivery({ status: 'amended', text: '补充' }));
    await catalogue.close();
    await open();
    stop = subscribe();
    await vi.waitFor(() => expect(told).toEqual(['issued 2', 'amended 3']));
    await stop();
  });

  it('keeps a file with its version', async () => {
    const bytes = Buffer.from('%PDF-1.7 report');
    const document = await reports.putDocument(bytes);
    await reports.putDocument(bytes);
    await reports.deliver(delivery({ document }));
    const [report] = await reports.ofAccession('RAD1');
    expect(report?.versions[0]?.document).toEqual(document);
    expect(await reports.getDocument(document.sha256)).toEqual(bytes);
  });
});
