import { expect } from 'chai';
import type { JsonDataset } from '../dicom/json.ts';
import { ctInstance, OTHER_STUDY, SERIES, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { type MountedExtension, mountExtension } from '../testing/mount.ts';
import { problem, StubServer, serveStudy } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';
import 'axe-core/axe.min.js';

const { axe } = globalThis as unknown as {
  axe: { run(context: Element): Promise<{ violations: readonly { id: string; nodes: { html: string }[] }[] }> };
};

const MG_SERIES = `${SERIES}.9`;
/** The four views of a mammography, in one series and in a bad order. */
const views: readonly JsonDataset[] = [
  ['L', 'MLO'],
  ['R', 'MLO'],
  ['L', 'CC'],
  ['R', 'CC'],
].map(([ImageLaterality, ViewPosition], index) =>
  ctInstance(index, {
    Modality: 'MG',
    SeriesInstanceUID: MG_SERIES,
    SOPInstanceUID: `${MG_SERIES}.${ImageLaterality}${ViewPosition}`,
    SeriesDescription: '四视图',
    ImageLaterality,
    ViewPosition,
    PatientOrientation: [],
    ImagePositionPatient: [],
    ImageOrientationPatient: [],
  }),
);

let server: StubServer;
let view: MountedExtension;
const mount = async (instances: readonly JsonDataset[], properties: Parameters<typeof mountExtension>[1] = {}) => {
  server = new StubServer(
    (path) => (path.includes('/api/') ? problem(404, 'ROUTE_UNKNOWN') : undefined),
    serveStudy(instances),
  );
  view = await mountExtension({ id: 'probe', load: () => ({}) }, { study: STUDY, ...properties });
};
const cells = () => [...view.viewer.renderRoot.querySelectorAll('filmless-viewer-cell')];
const shown = () => cells().map(({ cell }) => cell?.view?.frame.SOPInstanceUID.slice(MG_SERIES.length + 1) ?? '');
const list = () => view.find('filmless-hanging-list')?.shadowRoot;
const editor = () => list()?.querySelector('filmless-protocol-editor')?.shadowRoot;
const button = (name: string) =>
  [
    ...(editor()?.querySelectorAll('button') ?? []),
    ...(list()?.querySelectorAll<HTMLButtonElement>('button') ?? []),
  ].find((each) => each.textContent?.trim() === name || each.getAttribute('aria-label') === name);
const openPanel = async () => {
  view.context.openPanel('hanging');
  await until('the protocols', () => (list()?.querySelectorAll('.apply').length ?? 0) > 3);
};

describe('hanging in the viewer', () => {
  afterEach(() => {
    view.remove();
    server.restore();
    localStorage.removeItem('filmless.viewer.hanging-protocols');
  });

  it('hangs a mammography by itself where the page names no layout', async () => {
    await mount(views);
    await until('the four views', () => shown().join(' ') === 'RCC LCC RMLO LMLO');
    expect(view.viewer.layout).to.equal('2x2');
  });

  it('goes back to one image for a study that no protocol is meant for', async () => {
    await mount(views);
    await until('the four views', () => shown().join(' ') === 'RCC LCC RMLO LMLO');
    const other = [ctInstance(0, { StudyInstanceUID: OTHER_STUDY, SeriesInstanceUID: `${OTHER_STUDY}.1` })];
    server.first(serveStudy(other));
    view.viewer.study = OTHER_STUDY;
    await until(
      'one image',
      () => cells().length === 1 && cells()[0]?.cell?.view?.frame.StudyInstanceUID === OTHER_STUDY,
    );
  });

  it('hangs a mammography that is opened again after another study', async () => {
    await mount(views);
    await until('the four views', () => shown().join(' ') === 'RCC LCC RMLO LMLO');
    const other = [ctInstance(0, { StudyInstanceUID: OTHER_STUDY, SeriesInstanceUID: `${OTHER_STUDY}.1` })];
    server.first(serveStudy(other));
    view.viewer.study = OTHER_STUDY;
    await until('one image', () => cells().length === 1 && cells()[0]?.cell?.view !== undefined);
    server.first(serveStudy(views));
    view.viewer.study = STUDY;
    await until('the four views again', () => shown().join(' ') === 'RCC LCC RMLO LMLO');
  });

  it('leaves the layout to a page that names one', async () => {
    await mount(views, { layout: '1x1' });
    await openPanel();
    expect(cells().length).to.equal(1);
    list()?.querySelector<HTMLElement>('[data-id="mg-four-view"]')?.click();
    await until('the four views', () => shown().join(' ') === 'RCC LCC RMLO LMLO');
  });

  it('empties the place of a view that is not there', async () => {
    await mount(views.filter((instance) => !JSON.stringify(instance).includes('LCC')));
    await until('three views', () => shown().join(' ') === 'RCC  RMLO LMLO');
    expect(view.inCell(1, '.empty')?.textContent).to.equal('This exam has no L CC');
  });

  it('shows in a place its own view alone, however it is scrolled', async () => {
    await mount(views);
    await until('the four views', () => shown().join(' ') === 'RCC LCC RMLO LMLO');
    for (const { cell } of cells()) {
      expect(cell?.open?.frames.length).to.equal(1);
      await cell?.show(3);
    }
    expect(shown().join(' ')).to.equal('RCC LCC RMLO LMLO');
    // Who asks for the series gets all of it.
    view.inside('filmless-viewer-thumbnails', 'button.series')?.click();
    await until(
      'the series',
      () => cells()[0]?.cell?.open?.frames.length === 4 && cells()[0]?.cell?.view !== undefined,
    );
    expect(shown().slice(1).join(' ')).to.equal('LCC RMLO LMLO');
  });

  it('leaves no other view’s picture in the place of one that cannot be shown', async () => {
    await mount(views, { layout: '1x1' });
    await openPanel();
    const [first] = view.engine.views;
    first?.broken.add(`${MG_SERIES}.RCC`);
    list()?.querySelector<HTMLElement>('[data-id="mg-four-view"]')?.click();
    await until('three views', () => shown().join(' ') === ' LCC RMLO LMLO');
    expect(view.inCell(0, '.preview')).to.equal(null);
    expect(view.inCell(0, '.stage + .message, .message')?.textContent).to.include('VIEWER_IMAGE_UNREADABLE');
  });

  it('hangs a CT by itself only where the page asks for it', async () => {
    const slices = Array.from({ length: 3 }, (_, index) =>
      ctInstance(index, { BodyPartExamined: 'CHEST', NumberOfSeriesRelatedInstances: 3 }),
    );
    await mount(slices);
    await openPanel();
    expect(cells().length).to.equal(1);
    view.remove();
    server.restore();
    await mount(slices, { layout: 'auto' });
    await until(
      'two windows',
      () =>
        cells()
          .map(({ cell }) => cell?.view?.window.center)
          .join() === '-600,40',
    );
  });

  it('copies a protocol, refuses mistakes, shows what it would do, keeps it in the browser', async () => {
    await mount(views, { layout: '1x1' });
    await openPanel();
    button('Copy to mine Mammography, four views')?.click();
    const preview = () =>
      [...(editor()?.querySelectorAll('.preview span') ?? [])].map(({ textContent }) => textContent);
    await until('the preview', () => preview().join(' ') === 'RCC LCC RMLO LMLO');
    const area = editor()?.querySelector('textarea');
    const type = (text: string) => {
      if (area) area.value = text;
      area?.dispatchEvent(new InputEvent('input'));
    };
    const json = area?.value ?? '';
    type(json.replace('"rows": 2', '"rows": 9'));
    await until('the mistake', () => editor()?.querySelector('[role="alert"]')?.textContent?.includes('layout.rows'));
    expect(button('Save')?.disabled).to.equal(true);
    type('{');
    await until('no JSON', () => editor()?.querySelector('[role="alert"]')?.textContent?.includes('Not JSON'));
    type(json.replace('"Mammography, four views"', '"Ours"'));
    await until('no mistake', () => button('Save')?.disabled === false);
    const { violations } = await axe.run(view.find('filmless-hanging-list')!);
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).to.deep.equal([]);
    button('Save')?.click();
    await until('the list', () => list()?.querySelector('[data-id="mg-four-view"]')?.textContent?.includes('Ours'));
    expect(list()?.querySelector('[data-id="mg-four-view"]')?.textContent).to.include('Mine');
    expect(localStorage.getItem('filmless.viewer.hanging-protocols')).to.include('Ours');
  });
});
