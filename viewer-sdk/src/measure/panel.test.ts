import { expect } from 'chai';
import { render } from 'lit';
import { FakeViewer } from '../testing/fake-viewer.ts';
import { afterEach, beforeEach, describe, it } from '../testing/globals.ts';
import { createAnnotation } from './annotation.ts';
import { measurementsCsv } from './export.ts';
import { measurePanel } from './panel.ts';
import type { FilmlessMeasurements } from './panel-element.ts';
import { MeasureSession } from './session.ts';
import 'axe-core/axe.min.js';

const { axe } = globalThis as unknown as {
  axe: { run(context: Element): Promise<{ violations: readonly { id: string }[] }> };
};

let viewer: FakeViewer;
let session: MeasureSession;
const host = document.createElement('div');

async function shown(): Promise<FilmlessMeasurements> {
  render(measurePanel(session).render(), host);
  const element = host.querySelector('filmless-viewer-measurements');
  if (!element) throw new Error('no panel');
  await element.updateComplete;
  return element;
}
const textOf = async (): Promise<string> =>
  ((await shown()).renderRoot.textContent ?? '').replaceAll(/\s+/g, ' ').trim();

beforeEach(() => {
  document.body.append(host);
  viewer = new FakeViewer();
  session = new MeasureSession(viewer.context);
});
afterEach(() => {
  session.dispose();
  viewer.remove();
  render(undefined, host);
});

describe('the list of measurements', () => {
  it('says how to make the first one, in both languages', async () => {
    expect(await textOf()).to.contain('Press D');
    viewer.locale = 'zh-CN';
    expect(await textOf()).to.contain('按 D 键');
  });

  it('lists what was measured with its image, shows it on a click, and deletes it', async () => {
    const frame = viewer.show({ InstanceNumber: 17 });
    const line = createAnnotation('length', frame, [
      [10, 10],
      [40, 50],
    ]);
    session.store.add(line);
    for (const part of ['Distance', 'Image 17', '50.0 mm']) expect(await textOf()).to.contain(part);
    const panel = await shown();
    panel.renderRoot.querySelector<HTMLElement>('.open')?.click();
    await Promise.resolve();
    expect(session.selection?.id).to.equal(line.id);
    panel.renderRoot.querySelector<HTMLElement>('li .actions button:last-child')?.click();
    expect(session.store.all()).to.eql([]);
  });

  it('keeps values of images that are not on the screen any more', async () => {
    const frame = viewer.show();
    session.store.add(
      createAnnotation('rectangle', frame, [
        [10, 10],
        [20, 20],
      ]),
    );
    viewer.show({}, 1);
    expect(await textOf()).to.contain('Mean 14.5 HU');
  });

  it('says that values of a restored one come with its image', async () => {
    const frame = viewer.show();
    const probe = createAnnotation('probe', frame, [[10.5, 10.5]]);
    viewer.show({}, 1);
    session.store.restore([probe]);
    expect(await textOf()).to.contain('Values appear when');
    viewer.show({}, 0);
    expect(await textOf()).to.contain('CT value 10 HU');
  });

  it('renames by typing; Escape keeps the name', async () => {
    const frame = viewer.show();
    session.store.add(createAnnotation('probe', frame, [[10.5, 10.5]]));
    const type = async (text: string, key: string): Promise<void> => {
      const panel = await shown();
      panel.renderRoot.querySelector<HTMLElement>('li .actions button')?.click();
      await panel.updateComplete;
      const input = panel.renderRoot.querySelector('input');
      if (!input) throw new Error('no field');
      input.value = text;
      input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }));
      await panel.updateComplete;
    };
    await type('liver', 'Enter');
    expect(await textOf()).to.contain('Point liver');
    await type('spleen', 'Escape');
    expect(session.store.all()[0]?.text).to.equal('liver');
  });

  it('shows manual calibrations, spreads them over the series, and takes them away', async () => {
    const frame = viewer.show();
    const { StudyInstanceUID: study, SeriesInstanceUID: series, SOPInstanceUID: instance } = frame;
    const size = { rows: 256, columns: 256, rowMm: 0.25, columnMm: 0.25 };
    session.store.calibrate({ study, series, instance, ...size, createdAt: '2026-01-02T10:11:12Z' });
    expect(await textOf()).to.contain('0.25 mm per pixel');
    const press = async (selector: string): Promise<void> =>
      (await shown()).renderRoot.querySelector<HTMLElement>(selector)?.click();
    await press('.calibration button');
    expect(session.store.calibrations()[0]?.instance).to.equal(undefined);
    await press('.calibration button');
    expect(session.store.calibrations()).to.eql([]);
  });

  it('has no violation of accessibility, with entries and while one is named', async () => {
    const frame = viewer.show();
    session.store.add(createAnnotation('probe', frame, [[10.5, 10.5]], { text: 'liver' }));
    const panel = await shown();
    const found = async (): Promise<string[]> => (await axe.run(panel)).violations.map(({ id }) => id);
    expect(await found()).to.eql([]);
    panel.renderRoot.querySelector<HTMLElement>('li .actions button')?.click();
    await panel.updateComplete;
    expect(await found()).to.eql([]);
  });

  it('writes CSV that a spreadsheet reads and does not run', async () => {
    const frame = viewer.show({ InstanceNumber: 3 });
    const points = [
      [10, 10],
      [40, 50],
    ] as const;
    session.store.add(createAnnotation('length', frame, points, { text: '=1+1, "x"' }));
    const lines = measurementsCsv(session).split('\r\n');
    expect(lines[0]).to.contain('Unit (UCUM)');
    expect(lines[1]).to.equal(
      `${frame.StudyInstanceUID},${frame.SeriesInstanceUID},3,1,Distance,"'=1+1, ""x""",length,50,mm,`,
    );
  });
});
