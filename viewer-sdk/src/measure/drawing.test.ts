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

describe('on a subtracted image', () => {
  const subtract = (on: boolean): void => {
    const { view } = viewer.cell;
    if (!view) throw new Error('nothing shown');
    const subtraction = on ? ({ masksOf: () => [0], shift: [0, 0], logarithmic: true } as const) : undefined;
    viewer.cell.view = { ...view, subtraction };
    viewer.tell('rendered', { cell: viewer.cell as never });
    viewer.draw();
  };

  it('takes the values of the plain image off the screen, and gives them back with it', () => {
    viewer.tool = 'rectangle';
    viewer.drag([40, 40], [60, 50]);
    const plain = viewer.drawnText;
    expect(plain).to.contain('Mean');
    subtract(true);
    expect(viewer.drawnText).to.equal('Area 200.0 mm²|Subtracted image: no pixel values');
    subtract(false);
    expect(viewer.drawnText).to.equal(plain);
  });

  it('reads no value under the pointer, and measures lengths', () => {
    subtract(true);
    viewer.tool = 'probe';
    viewer.hover([100.5, 50.5]);
    expect(viewer.drawnText).to.equal('Subtracted image: no pixel values');
    viewer.tool = 'length';
    viewer.drag([50, 50], [80, 90]);
    expect(viewer.drawnText).to.contain('50.0 mm');
  });
});
