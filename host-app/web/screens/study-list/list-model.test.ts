import { expect } from 'chai';
import type { StudyRow } from '../../api/studies.ts';
import { sampleStudy } from '../../testing/samples.ts';
import { afterEach, beforeEach, describe, it, until } from '../../testing/setup.ts';
import { StubNode, StubProblem } from '../../testing/stub-node.ts';
import { StudyListModel } from './list-model.ts';

interface Page {
  items: StudyRow[];
  size: number | undefined;
}

describe('study list model', () => {
  let node: StubNode;
  let model: StudyListModel;
  /** What the node has, newest first. */
  let archive: StudyRow[];

  const load = (page: number, provider = model.dataProvider) =>
    new Promise<Page>((resolve) => {
      provider({ page, pageSize: 10, filters: [], sortOrders: [] }, (items, size) =>
        resolve({ items: items as StudyRow[], size }),
      );
    });

  beforeEach(() => {
    archive = Array.from({ length: 25 }, (_, index) => sampleStudy(index));
    node = new StubNode()
      .on('GET /api/studies', ({ url }: { url: URL }) => {
        const offset = Number(url.searchParams.get('offset'));
        return { total: archive.length, items: archive.slice(offset, offset + Number(url.searchParams.get('limit'))) };
      })
      .on('GET /api/studies/*', ({ url }: { url: URL }) => ({
        study: { ...archive.find((row) => url.pathname.endsWith(`/${row.StudyInstanceUID}`)), instanceCount: 999 },
        series: [],
        earlier: [],
      }));
    model = new StudyListModel();
    model.start();
    model.setQuery({ orderBy: '-StudyDate' });
  });
  afterEach(() => {
    model.stop();
    node.restore();
  });

  it('loads pages with the total of the node', async () => {
    const page = await load(2);
    expect(page.size).to.equal(25);
    expect(page.items.map((row) => row.StudyInstanceUID)).to.deep.equal([
      '1.2.3.20',
      '1.2.3.21',
      '1.2.3.22',
      '1.2.3.23',
      '1.2.3.24',
    ]);
  });

  it('counts new studies and moves no row until it is refreshed', async () => {
    await load(0);
    archive = [sampleStudy(100), sampleStudy(101), ...archive];
    node.tell('study', { StudyInstanceUID: '1.2.3.100', at: '' });
    node.tell('study', { StudyInstanceUID: '1.2.3.101', at: '' });
    await until('two new studies counted', () => model.newCount === 2);
    const next = await load(1);
    expect(next.size, 'the length of the list stays').to.equal(25);
    expect(next.items[0]?.StudyInstanceUID, 'pages stay where they were').to.equal('1.2.3.10');
    expect(model.isNew('1.2.3.100')).to.equal(true);
    model.refresh();
    expect(model.newCount).to.equal(0);
    expect((await load(0)).items[0]?.StudyInstanceUID).to.equal('1.2.3.100');
  });

  it('changes a shown study in its place', async () => {
    const { items } = await load(0);
    let told = 0;
    model.addEventListener('rows', () => {
      told += 1;
    });
    node.tell('study', { StudyInstanceUID: '1.2.3.3', at: '' });
    await until('the row changed', () => told === 1);
    expect(items[3]?.instanceCount).to.equal(999);
    expect(items[2]?.instanceCount).to.equal(122);
    expect(model.newCount).to.equal(0);
  });

  it('fills an empty list by itself', async () => {
    archive = [];
    await load(0);
    let resets = 0;
    model.addEventListener('reset', () => {
      resets += 1;
    });
    archive = [sampleStudy(1)];
    node.tell('study', { StudyInstanceUID: '1.2.3.1', at: '' });
    await until('the list starts again', () => resets === 1);
    expect((await load(0)).size).to.equal(1);
  });

  it('says what failed and loads the missing page when asked again', async () => {
    await load(0);
    node.on('GET /api/studies', () => {
      throw new StubProblem(503, 'UNAVAILABLE');
    });
    const page = load(1);
    await until('the error is there', () => model.error !== undefined);
    node.on('GET /api/studies', { total: 25, items: archive.slice(10, 20) });
    model.retry();
    expect((await page).items).to.have.length(10);
    expect(model.error).to.equal(undefined);
  });

  it('drops answers to a query that is no longer asked', async () => {
    let release: (() => void) | undefined;
    node.on('GET /api/studies', async ({ url }: { url: URL }) => {
      if (url.searchParams.get('text') === 'slow') await new Promise<void>((resolve) => (release = resolve));
      return { total: url.searchParams.get('text') === 'slow' ? 1 : 2, items: [] };
    });
    model.setQuery({ text: 'slow' });
    let delivered = false;
    void load(0).then(() => {
      delivered = true;
    });
    await until('the slow request is out', () => release);
    model.setQuery({ text: 'quick' });
    await load(0);
    release?.();
    await load(0);
    expect(model.total).to.equal(2);
    expect(delivered).to.equal(false);
  });
});
