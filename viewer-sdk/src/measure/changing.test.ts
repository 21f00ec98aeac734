import { expect } from 'chai';
import { FakeViewer } from '../testing/fake-viewer.ts';
import { afterEach, beforeEach, describe, it } from '../testing/globals.ts';
import { until } from '../testing/until.ts';
import type { Annotation } from './annotation.ts';
import { openMeasure } from './index.ts';
import { annotationsOf } from './store.ts';

let viewer: FakeViewer;
const all = (): readonly Annotation[] => annotationsOf(viewer.element).all();
const only = (): Annotation => {
  const [annotation, ...rest] = all();
  if (!annotation || rest.length > 0) throw new Error(`${all().length} annotations`);
  return annotation;
};

beforeEach(() => {
  viewer = new FakeViewer();
  viewer.load(openMeasure);
  viewer.show();
});
afterEach(() => viewer.remove());

describe('changing', () => {
  beforeEach(() => {
    viewer.tool = 'length';
    viewer.drag([50, 50], [80, 90]);
    viewer.tool = 'window';
  });

  it('moves an end, all of it, and its text, whatever tool is active', () => {
    viewer.drag([80.5, 90.5], [90.5, 90.5]);
    expect(only().points).to.eql([
      [50, 50],
      [90, 90],
    ]);
    viewer.drag([70, 70], [80, 71]);
    expect(only().points).to.eql([
      [60, 51],
      [100, 91],
    ]);
    const box = viewer.find('.box');
    const at = viewer.cell.toImage([Number(box?.getAttribute('x')) + 5, Number(box?.getAttribute('y')) + 5]);
    if (!at) throw new Error('no text');
    viewer.drag(at, [at[0] + 60, at[1]]);
    expect(only().points[0]).to.eql([60, 51]);
    expect(only().textAt).not.to.equal(undefined);
    expect(viewer.find('.leader')).not.to.equal(null);
    viewer.drag([80, 71], [90, 71]);
    viewer.key('z', { ctrlKey: true });
    viewer.key('z', { ctrlKey: true });
    expect(only().textAt).to.equal(undefined);
  });

  it('selects by a press that does not move, and deselects beside it', () => {
    expect(viewer.drag([65, 70], [65.5, 70])).to.equal(true);
    expect(only().points[0]).to.eql([50, 50]);
    expect(viewer.find('.measure.selected')).not.to.equal(null);
    expect(viewer.click([200, 200])).to.equal(false);
    expect(viewer.find('.measure.selected')).to.equal(null);
  });

  it('begins a second diameter on the first one while a tool draws', () => {
    viewer.tool = 'length';
    viewer.drag([65, 70], [100, 70]);
    expect(all().length).to.equal(2);
  });

  it('has hit areas of at least 12 pixels, and 24 for fingers', () => {
    const reach = (offsetPx: number, pointerType: string): boolean =>
      viewer.press([50 - offsetPx / viewer.cell.scale, 50], { pointerType }) !== undefined;
    expect([6, 9].map((offset) => reach(offset, 'mouse'))).to.eql([true, false]);
    expect([12, 15].map((offset) => reach(offset, 'touch'))).to.eql([true, false]);
  });

  it('moves by keys only what was chosen for it, and in the direction that is seen', () => {
    viewer.click([65, 70]);
    expect(viewer.key('ArrowDown').defaultPrevented).to.equal(false);
    viewer.click([80, 90]);
    viewer.key('ArrowRight');
    viewer.key('ArrowRight');
    viewer.key('ArrowDown', { shiftKey: true });
    expect(only().points[1]).to.eql([82, 100]);
    viewer.key('z', { ctrlKey: true });
    expect(only().points[1]).to.eql([80, 90]);
    // A quarter turn clockwise: the image's upward direction points right.
    viewer.turn();
    viewer.key('ArrowRight');
    expect(only().points[1]).to.eql([80, 89]);
  });

  it('goes through annotations and handles by Tab, and on to the page after the last', () => {
    viewer.click([200, 200]);
    expect(viewer.key('Tab').defaultPrevented).to.equal(true);
    viewer.key('ArrowLeft');
    expect(only().points[0]).to.eql([49, 50]);
    viewer.key('Tab');
    viewer.key('Tab');
    viewer.key('ArrowUp');
    expect(only().points).to.eql([
      [49, 50],
      [79, 89],
    ]);
    expect(viewer.key('Tab').defaultPrevented).to.equal(false);
    expect(viewer.key('ArrowUp').defaultPrevented).to.equal(false);
  });

  it('deletes, undoes and redoes by keys, and leaves keys of fields alone', () => {
    viewer.click([65, 70]);
    expect(viewer.key('Delete').defaultPrevented).to.equal(true);
    expect(all()).to.eql([]);
    viewer.key('z', { ctrlKey: true });
    expect(all().length).to.equal(1);
    viewer.key('y', { ctrlKey: true });
    expect(all()).to.eql([]);
    viewer.key('Z', { ctrlKey: true });
    expect(viewer.key('Delete').defaultPrevented).to.equal(false);
    const field = document.createElement('input');
    viewer.element.shadowRoot?.append(field);
    const event = new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, bubbles: true, composed: true });
    field.dispatchEvent(event);
    expect(all().length).to.equal(1);
  });

  it('deletes all after a question, and hides', async () => {
    viewer.tool = 'length';
    viewer.drag([100, 50], [120, 90]);
    viewer.answers = [undefined, 'yes'];
    viewer.command('annotationDeleteAll');
    await until('the question', () => viewer.asked.length === 1);
    expect(all().length).to.equal(2);
    viewer.command('annotationDeleteAll');
    await until('nothing', () => all().length === 0);
    viewer.command('undo');
    expect(all().length).to.equal(2);
    viewer.command('annotationsHide');
    expect(viewer.find('.measure')).to.equal(null);
    viewer.tool = 'window';
    expect(viewer.click([50, 50])).to.equal(false);
    viewer.command('annotationsHide');
    expect(viewer.find('.measure')).not.to.equal(null);
  });

  it('asks for words by a double press', async () => {
    viewer.answers = ['lesion'];
    viewer.click([65, 70]);
    viewer.click([65, 70]);
    await until('the label', () => only().text === 'lesion');
    expect(viewer.drawnText).to.equal('lesion|50.0 mm');
  });

  it("takes everything off when the study closes, and another patient's measurements for good", () => {
    viewer.tell('closed', {});
    viewer.tell('study', { study: { StudyInstanceUID: '9.9' } as never, series: [] });
    // The viewer's list of this patient's studies still has it.
    expect(all().length).to.equal(1);
    viewer.studies = [];
    viewer.tell('study', { study: { StudyInstanceUID: '9.9' } as never, series: [] });
    expect(all()).to.eql([]);
  });
});

describe('calibrating by hand', () => {
  const uncalibrated = { PixelSpacing: [], Modality: 'OT' };
  const calibrate = async (answers: (string | undefined)[]): Promise<void> => {
    const before = viewer.asked.length;
    viewer.answers = [...answers];
    viewer.tool = 'calibrate';
    viewer.drag([20, 20], [20, 120]);
    await until('the end of it', () => viewer.asked.length > before && viewer.find('[data-draft]') === null);
  };

  it('makes millimetres of a line of known length, says so, and is undone', async () => {
    viewer.show(uncalibrated);
    viewer.tool = 'length';
    viewer.drag([50, 50], [80, 90]);
    expect(viewer.drawnText).to.equal('50.0 px|uncalibrated');
    await calibrate(['5 cm']);
    expect(viewer.drawnText).to.equal('25.0 mm|manual calibration');
    viewer.command('undo');
    expect(viewer.drawnText).to.equal('50.0 px|uncalibrated');
  });

  it('asks before it replaces another, a person’s or the file’s', async () => {
    viewer.show(uncalibrated);
    await calibrate(['50']);
    await calibrate(['100', undefined]);
    expect(annotationsOf(viewer.element).calibrations()[0]?.rowMm).to.equal(0.5);
    await calibrate(['100', 'yes']);
    expect(
      annotationsOf(viewer.element)
        .calibrations()
        .map(({ rowMm }) => rowMm),
    ).to.eql([1]);
    viewer.show({ PixelSpacing: [1, 1] }, 1);
    await calibrate(['300', undefined]);
    expect(annotationsOf(viewer.element).calibrations().length).to.equal(1);
    expect(viewer.asked.filter((title) => title.startsWith('Replace')).length).to.equal(3);
  });

  for (const typed of ['', 'abc', '-5', '0', '1e3', '5 m', '9999'])
    it(`does not take "${typed}" for a length`, async () => {
      viewer.show(uncalibrated);
      await calibrate([typed]);
      expect(annotationsOf(viewer.element).calibrations()).to.eql([]);
      expect(viewer.notices.length).to.equal(1);
    });

  it('takes no short line', async () => {
    viewer.show(uncalibrated);
    viewer.tool = 'calibrate';
    viewer.drag([20, 20], [20, 26]);
    await until('the notice', () => viewer.notices.length === 1);
    expect(viewer.asked).to.eql([]);
  });
});
