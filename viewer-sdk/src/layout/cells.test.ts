import { expect } from 'chai';
import { ctInstance, OTHER_STUDY, SERIES, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { drag, type Mounted, mountViewer } from '../testing/mount.ts';
import { json, StubServer, serveStudy } from '../testing/stub-server.ts';
import { deferred, until } from '../testing/until.ts';
import { readLayout } from './layout.ts';

const SECOND = `${STUDY}.2`;
const series = (uid: string, number: number, change: Parameters<typeof ctInstance>[1] = {}) =>
  Array.from({ length: 3 }, (_, index) =>
    ctInstance(index, {
      SeriesInstanceUID: uid,
      SOPInstanceUID: `${uid}.${index + 1}`,
      SeriesNumber: number,
      ...change,
    }),
  );
const first = series(SERIES, 2);
const second = series(SECOND, 3, { SeriesDescription: 'Bone' });

let server: StubServer;
let mounted: Mounted | undefined;
const open = async (properties: Parameters<typeof mountViewer>[0] = {}, instances = [...first, ...second]) => {
  server = new StubServer(serveStudy(instances));
  const view = mountViewer({ study: STUDY, series: SERIES, ...properties });
  mounted = view;
  await until('the image', () => view.changes.length > 0);
  await until('the tools', () => view.find('filmless-viewer-toolbar') !== null);
  return view;
};
const cellText = (view: Mounted, cell: number): string =>
  view.inCell(cell, 'filmless-viewer-overlay')?.shadowRoot?.textContent ?? '';
const shownIn = (view: Mounted) => view.engine.views.map(({ shown }) => shown?.SeriesInstanceUID);
const drop = (view: Mounted, cell: number, study: string, uid: string): void => {
  const dataTransfer = new DataTransfer();
  dataTransfer.setData('application/x-filmless-series', `${study} ${uid}`);
  for (const type of ['dragenter', 'dragover', 'drop'])
    view.inCell(cell, '.area')?.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
};

describe('cells', () => {
  afterEach(() => {
    mounted?.viewer.remove();
    server.restore();
  });

  it('stand as the layout says', async () => {
    expect(readLayout('3x2')).to.deep.equal({ rows: 3, columns: 2 });
    for (const wrong of ['', '0x1', '5x1', '2', '2x2x2', 'x']) expect(readLayout(wrong).rows, wrong).to.equal(1);
    const view = await open({ layout: '2x2' });
    expect(view.viewer.renderRoot.querySelectorAll('filmless-viewer-cell').length).to.equal(4);
    expect(view.engine.views.length, 'an empty cell costs nothing').to.equal(1);
    await until('what to do with it', () => view.inCell(3, '.empty') !== null);
  });

  it('take the next series when the user asks for more of them', async () => {
    const view = await open();
    view.inside<HTMLButtonElement>('filmless-viewer-toolbar', '.tool.layout')?.click();
    await until('the chooser', () => view.inside('filmless-viewer-toolbar', '.menu.grid') !== null);
    view.inside<HTMLButtonElement>('filmless-viewer-toolbar', '[aria-label="1 × 2"]')?.click();
    await until('both series', () => shownIn(view).join() === [SERIES, SECOND].join());
    expect(view.viewer.getAttribute('layout')).to.equal('1x2');
    await until('each its own text', () => cellText(view, 1).includes('Bone'));
    expect(cellText(view, 0)).not.to.include('Bone');
  });

  it('take a series that is dropped, and none that is not the patient’s', async () => {
    const view = await open({ layout: '1x2' });
    drop(view, 1, STUDY, SECOND);
    await until('the series', () => shownIn(view)[1] === SECOND);
    const asked = server.seen.length;
    drop(view, 0, OTHER_STUDY, `${OTHER_STUDY}.1`);
    await view.viewer.updateComplete;
    expect(server.seen.length).to.equal(asked);
    expect(shownIn(view)[0]).to.equal(SERIES);
  });

  it('take a series by its menu', async () => {
    const view = await open({ layout: '1x2' });
    await until('the menu button', () => view.inside('filmless-viewer-thumbnails', '.open-menu') !== null);
    view.inside<HTMLButtonElement>('filmless-viewer-thumbnails', 'li:nth-child(2) .open-menu')?.click();
    await until('the menu', () => view.inside('filmless-viewer-thumbnails', '[role="menu"]') !== null);
    view.inside<HTMLButtonElement>('filmless-viewer-thumbnails', '[role="menu"] button:nth-child(2)')?.click();
    await until('the series', () => shownIn(view)[1] === SECOND);
  });

  it('are worked on one at a time, or all together with Shift', async () => {
    const view = await open({ layout: '1x2' });
    drop(view, 1, STUDY, SECOND);
    await until('the series', () => view.engine.views.length === 2 && cellText(view, 1).includes('W 400 L 40'));
    view.button('fit')?.click();
    expect(view.engine.views.map(({ calls }) => calls.includes('fit'))).to.deep.equal([false, true]);
    drag(view, [
      [100, 100],
      [140, 100],
    ]);
    await until('the first alone', () => cellText(view, 0).includes('W 507'));
    expect(cellText(view, 1)).to.include('W 400');
    drag(
      view,
      [
        [100, 100],
        [140, 100],
      ],
      { shiftKey: true },
    );
    await until('both', () => !cellText(view, 0).includes('W 507') && !cellText(view, 1).includes('W 400'));
  });

  it('are one alone by a double click, and back', async () => {
    const view = await open({ layout: '1x2' });
    const visible = () =>
      [...view.viewer.renderRoot.querySelectorAll('filmless-viewer-cell')].map(
        (cell) => getComputedStyle(cell).visibility === 'visible',
      );
    const twice = () => view.inCell(0, '.area')?.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    twice();
    await until('one', () => visible().join() === 'true,false');
    twice();
    await until('both', () => visible().join() === 'true,true');
  });

  it('free what they held when the layout takes them away', async () => {
    const view = await open({ layout: '1x2' });
    drop(view, 1, STUDY, SECOND);
    await until('the series', () => shownIn(view)[1] === SECOND);
    view.viewer.layout = '1x1';
    await view.viewer.updateComplete;
    expect(
      view.engine.views.map(({ disposed }) => disposed),
      'the one worked on last stays',
    ).to.deep.equal([true, false]);
  });

  it('get the first series even when the layout shrinks before it is known', async () => {
    server = new StubServer(serveStudy([...first, ...second]));
    const list = deferred<Response>();
    server.first((path) => (path.includes('/series?') ? list.promise : undefined));
    const view = mountViewer({ study: STUDY, series: SERIES, layout: '1x2' });
    mounted = view;
    await until('the cells', () => view.inCell(1, '.area') !== null);
    view.inCell(1, '.area')?.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, composed: true }));
    view.viewer.layout = '1x1';
    await view.viewer.updateComplete;
    list.resolve(json([first[0], second[0]]));
    await until('the image', () => view.changes.length > 0);
    expect(view.engine.views.map(({ disposed }) => disposed)).to.deep.equal([false]);
  });

  it('are all blanked when one of them turns out to be another patient’s', async () => {
    const strange = series(SECOND, 3, { PatientID: 'P2' });
    const view = await open({ layout: '1x2', patient: 'P1' }, [...first, ...strange]);
    drop(view, 1, STUDY, SECOND);
    await until('the failure', () => view.errors.length > 0);
    expect(view.errors[0]?.code).to.equal('VIEWER_PATIENT_MISMATCH');
    await view.viewer.updateComplete;
    expect(view.engine.views.every(({ blanked, frames }) => blanked && frames.length === 0)).to.equal(true);
    expect(cellText(view, 0).trim() + cellText(view, 1).trim()).to.equal('');
    expect(view.text('.banner')).to.equal('');
  });

  it('show nothing of the study before when the study changes while they load', async () => {
    const view = await open({ layout: '1x2' });
    const late = deferred<Response>();
    server.first((path) => (path.endsWith(`/series/${SECOND}/metadata`) ? late.promise : undefined));
    drop(view, 1, STUDY, SECOND);
    const others = series(`${OTHER_STUDY}.1`, 1, {
      StudyInstanceUID: OTHER_STUDY,
      PatientID: 'P2',
      AccessionNumber: 'RAD2',
    });
    server.first((path, request) => serveStudy(others)(path, request));
    Object.assign(view.viewer, { study: OTHER_STUDY, series: '' });
    await view.viewer.updateComplete;
    expect(shownIn(view).filter((uid) => uid !== undefined)).to.deep.equal([]);
    late.resolve(json(second));
    await until('the other study', () => view.changes.at(-1)?.StudyInstanceUID === OTHER_STUDY);
    expect(new Set(shownIn(view).filter((uid) => uid !== undefined))).to.deep.equal(new Set([`${OTHER_STUDY}.1`]));
  });
});
