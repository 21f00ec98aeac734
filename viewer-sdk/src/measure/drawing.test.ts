import { expect } from 'chai';
import type { MeasurementDetail } from '../events/measurement.ts';
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

describe('drawing', () => {
  it('draws a length by dragging, and by two clicks', () => {
    viewer.tool = 'length';
    viewer.drag([50, 50], [60, 55], [80, 90]);
    expect(only().points).to.eql([
      [50, 50],
      [80, 90],
    ]);
    expect(viewer.drawnText).to.equal('50.0 mm');
    viewer.click([100, 100]);
    viewer.hover([110, 100]);
    expect(viewer.drawnText).to.equal('50.0 mm|10.0 mm');
    expect(all().length).to.equal(1);
    viewer.click([100, 103]);
    expect(all()[1]?.points).to.eql([
      [100, 100],
      [100, 103],
    ]);
  });

  it('takes the second click of a double click for no line', () => {
    viewer.tool = 'length';
    viewer.click([100, 100]);
    viewer.click([100, 100]);
    expect(all()).to.eql([]);
    viewer.click([100, 120]);
    expect(only().points[1]).to.eql([100, 120]);
  });

  it('draws an angle by a drag and a click, and a Cobb angle by two drags', () => {
    viewer.tool = 'angle';
    viewer.drag([120, 50], [50, 50]);
    viewer.hover([50, 100]);
    expect(viewer.drawnText).to.equal('90.0°');
    viewer.click([100, 100]);
    expect(only().points.length).to.equal(3);
    expect(viewer.drawnText).to.equal('45.0°');
    viewer.tool = 'cobb';
    viewer.drag([150, 100], [200, 100]);
    viewer.hover([100, 200]);
    viewer.drag([150, 200], [200, 150]);
    expect(all()[1]?.points.length).to.equal(4);
    expect(viewer.drawnText).to.contain('45.0°');
  });

  it('draws areas with the values inside', () => {
    viewer.tool = 'rectangle';
    viewer.drag([40, 40], [60, 50]);
    expect(viewer.drawnText).to.equal('Area 200.0 mm²|Mean 49.5 HU  SD 5.8|Min 40  Max 59');
    viewer.tool = 'ellipse';
    viewer.drag([140, 40], [180, 60]);
    expect(all()[1]?.points).to.eql([
      [140, 50],
      [180, 50],
      [160, 40],
      [160, 60],
    ]);
    viewer.drag([200, 40], [200, 60]);
    expect(all().length).to.equal(2);
  });

  it('draws a closed line by dragging around, and by clicking from corner to corner', () => {
    viewer.tool = 'freehand';
    const around = Array.from({ length: 121 }, (_, step): [number, number] => {
      const angle = (step / 120) * 2 * Math.PI;
      return [100 + 30 * Math.cos(angle), 100 + 30 * Math.sin(angle)];
    });
    viewer.drag([130, 100], ...around);
    expect(only().points.length).to.be.within(12, 80);
    expect(Number(/Area ([\d.]+)/.exec(viewer.drawnText)?.[1])).to.be.closeTo(Math.PI * 900, 30);
    viewer.click([20, 20]);
    viewer.click([40, 20]);
    viewer.click([40, 40]);
    viewer.click([20, 40]);
    viewer.doubleClick([20, 40]);
    expect(all()[1]?.points.length).to.equal(4);
    viewer.click([60, 220]);
    viewer.click([70, 220]);
    viewer.click([70, 230]);
    viewer.click([60.5, 220.5]);
    expect(all()[2]?.points.length).to.equal(3);
  });

  it('cuts off what was drawn beyond the place where a line met itself', () => {
    viewer.tool = 'freehand';
    const around = Array.from({ length: 131 }, (_, step): [number, number] => {
      const angle = (step / 120) * 2 * Math.PI;
      return [100 + (28 + step / 40) * Math.cos(angle), 100 + (28 + step / 40) * Math.sin(angle)];
    });
    viewer.drag([132, 96], ...around);
    viewer.context.setTool('window');
    expect(viewer.drawnText).to.contain('Area');
    expect(Number(/Area ([\d.]+)/.exec(viewer.drawnText)?.[1])).to.be.closeTo(Math.PI * 29.5 ** 2, 60);
    expect(Math.max(...only().points.map(([x]) => x))).to.be.below(131.5);
  });

  it('reads the value under the pointer, and leaves a probe where it is pressed', () => {
    viewer.tool = 'probe';
    viewer.hover([77.6, 20]);
    expect(viewer.drawnText).to.equal('CT value 77 HU');
    expect(all()).to.eql([]);
    viewer.drag([60, 20], [88.2, 20]);
    expect(only().points).to.eql([[88.2, 20]]);
    viewer.context.setTool('window');
    expect(viewer.drawnText).to.equal('CT value 88 HU');
  });

  it('asks for the words of texts and arrows; a text without is none', async () => {
    viewer.answers = ['  nodule ', undefined, '', ''];
    viewer.tool = 'text';
    viewer.click([100, 100]);
    await until('the text', () => all().length === 1);
    expect(only().text).to.equal('nodule');
    viewer.click([150, 100]);
    await until('no draft', () => viewer.find('[data-draft]') === null);
    viewer.click([150, 150]);
    await until('the question', () => viewer.asked.length === 3 && viewer.find('[data-draft]') === null);
    expect(all().length).to.equal(1);
    viewer.tool = 'arrow';
    viewer.drag([30, 30], [60, 60]);
    await until('the arrow', () => all().length === 2);
    expect(all()[1]?.points[0]).to.eql([30, 30]);
    expect(all()[1]?.text).to.equal(undefined);
  });

  it('leaves presses beside the image to windowing, and keeps every point on the image', () => {
    viewer.tool = 'length';
    expect(viewer.drag([-5, 50], [20, 50])).to.equal(false);
    viewer.drag([250, 250], [300, 250]);
    expect(only().points[1]).to.eql([256, 250]);
  });

  it('never carries a line that was begun to another image', () => {
    viewer.tool = 'length';
    viewer.click([50, 50]);
    viewer.show({}, 1);
    viewer.hover([80, 80]);
    expect(viewer.find('[data-draft]')).to.equal(null);
    viewer.click([80, 80]);
    viewer.click([90, 80]);
    expect(only().points).to.eql([
      [80, 80],
      [90, 80],
    ]);
  });

  it('gives up by Escape', () => {
    viewer.tool = 'angle';
    viewer.drag([50, 50], [80, 80]);
    expect(viewer.escape()).to.equal(true);
    expect(viewer.escape()).to.equal(false);
    expect(viewer.find('[data-draft]')).to.equal(null);
  });

  it('shows annotations on their own frame alone', () => {
    viewer.tool = 'length';
    viewer.drag([50, 50], [80, 90]);
    viewer.show({}, 1);
    expect(viewer.find('.measure')).to.equal(null);
    viewer.show({}, 0);
    expect(viewer.find('.measure')).not.to.equal(null);
  });

  it('tells the page of what was drawn, changed and removed, with units and calibration', () => {
    const told: MeasurementDetail[] = [];
    viewer.element.addEventListener('filmless-measurement', (event) =>
      told.push((event as CustomEvent<MeasurementDetail>).detail),
    );
    viewer.tool = 'length';
    viewer.drag([50, 50], [80, 90]);
    expect(told[0]?.action).to.equal('added');
    expect(told[0]?.results?.values).to.eql([{ name: 'length', value: 50, unit: 'mm' }]);
    expect(told[0]?.results?.calibration?.kind).to.equal('patient');
    viewer.drag([80, 90], [110, 130]);
    viewer.key('z', { ctrlKey: true });
    viewer.key('Delete');
    expect(told.map(({ action, results }) => [action, results?.values[0]?.value])).to.eql([
      ['added', 50],
      ['changed', 100],
      ['changed', 50],
      ['removed', 50],
    ]);
  });
});

describe('the look', () => {
  it('gives lines, rims and texts their colours by tokens, where the viewer’s tree is', async () => {
    viewer.element.style.setProperty('--filmless-annotation', 'rgb(255, 0, 255)');
    viewer.element.style.setProperty('--filmless-annotation-selected', 'rgb(0, 255, 0)');
    viewer.tool = 'length';
    viewer.drag([50, 50], [80, 90]);
    await Promise.resolve();
    const stroke = (): string | undefined => {
      const line = viewer.find('.line');
      return line ? getComputedStyle(line).stroke : undefined;
    };
    expect(stroke()).to.equal('rgb(0, 255, 0)');
    viewer.tool = 'window';
    viewer.click([200, 200]);
    expect(stroke()).to.equal('rgb(255, 0, 255)');
  });

  it('writes beside the corner texts and inside the image area', () => {
    viewer.tool = 'length';
    // On the screen from the upper left corner to the upper right one.
    viewer.drag([2, 30], [254, 30]);
    const box = viewer.find('.box');
    const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => Number(box?.getAttribute(name)));
    expect(x! >= 0 && y! >= 0 && x! + width! <= 800 && y! + height! <= 600).to.equal(true);
    expect(x! > 230 && x! + width! < 570).to.equal(true);
  });
});

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
