import { expect } from 'chai';
import { render, svg } from 'lit';
import { describeFrame } from '../../dicom/frame.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import type { ViewState } from '../../engine/contract.ts';
import { createAnnotation } from '../../measure/model.ts';
import { ctInstance, SERIES } from '../../testing/datasets.ts';
import { describe, it } from '../../testing/globals.ts';
import { StubView } from '../../testing/stub-engine.ts';
import { applyArea, applyLook, orientationOf, screenBox } from './apply.ts';
import { drawState, smoothPath } from './draw.ts';
import { firstImage, isFor, readPresentationState } from './read.ts';

const element = (value: unknown) => ({ vr: 'UN', Value: Array.isArray(value) ? value : [value] });
const dataset = (values: Record<string, unknown>): JsonDataset =>
  Object.fromEntries(Object.entries(values).map(([tag, value]) => [tag, element(value)]));
const images = (...uids: string[]) => uids.map((uid) => dataset({ '00081155': uid }));
const frame = describeFrame(ctInstance(0), 1)!;
const view = {
  frame,
  index: 0,
  window: { center: 40, width: 400 },
  tone: { shape: 'LINEAR' },
  voiTables: [],
  inverted: false,
  scale: 2,
  screen: { right: [1, 0], down: [0, 1] },
  toScreen: { a: 2, b: 0, c: 0, d: 2, e: 10, f: 20 },
  range: { minimum: 0, maximum: 1 },
} as Partial<ViewState> as ViewState;
const state = (values: Record<string, unknown>) =>
  readPresentationState(
    dataset({
      '0020000D': '1.2.3.1',
      '00081115': [dataset({ '0020000E': SERIES, '00081140': images(`${SERIES}.1`, `${SERIES}.2`) })],
      ...values,
    }),
  );

describe('presentation states', () => {
  it('says which images it is for, and which parts of it for which', () => {
    const read = state({
      '00283110': [dataset({ '00081140': images(`${SERIES}.2`), '00281050': 35, '00281051': 80 })],
    });
    expect(firstImage(read)).to.deep.equal({ study: '1.2.3.1', series: SERIES, instance: `${SERIES}.1` });
    expect([isFor(read, `${SERIES}.1`, 1), isFor(read, `${SERIES}.3`, 1)]).to.deep.equal([true, false]);
    expect(read.vois.map((voi) => [isFor(voi, `${SERIES}.1`, 1), isFor(voi, `${SERIES}.2`, 1)])).to.deep.equal([
      [false, true],
    ]);
  });

  it('turns before it mirrors', () => {
    expect(orientationOf({ turns: 0, mirrored: false })).to.deep.equal({ right: [1, 0], down: [0, 1] });
    // Turned to the right, the image's top is at the right of the screen.
    expect(orientationOf({ turns: 1, mirrored: false }).right.map((value) => value + 0)).to.deep.equal([0, -1]);
    expect(orientationOf({ turns: 1, mirrored: false }).down).to.deep.equal([1, 0]);
    expect(orientationOf({ turns: 1, mirrored: true }).right.map((value) => value + 0)).to.deep.equal([0, 1]);
    expect(orientationOf({ turns: 2, mirrored: false }).right.map((value) => value + 0)).to.deep.equal([-1, 0]);
  });

  it('sets window, polarity and orientation on the stack', async () => {
    const stack = new StubView();
    const read = state({
      '00283110': [dataset({ '00281050': 35, '00281051': 80 })],
      '20500020': 'INVERSE',
      '00700041': 'Y',
      '00700042': 90,
    });
    const seen: unknown[] = [];
    stack.setWindow = (window) => seen.push(window);
    stack.setInverted = (inverted) => seen.push(inverted);
    await applyLook(read, frame, stack, undefined);
    expect(seen).to.deep.equal([{ center: 35, width: 80 }, true]);
    expect(stack.calls).to.deep.equal(['reset', 'rotate', 'flip horizontal']);
    // White is low in this image already: the state's inverse is what the file has.
    seen.length = 0;
    const inverse = describeFrame(ctInstance(0, { PhotometricInterpretation: 'MONOCHROME1' }), 1)!;
    await applyLook(read, inverse, stack, undefined);
    expect(seen).to.deep.equal([{ center: 35, width: 80 }, false]);
  });

  it('brings the displayed area to the middle of the cell', () => {
    const [area] = state({
      '0070005A': [dataset({ '00700052': [101, 201], '00700053': [200, 300], '00700100': 'SCALE TO FIT' })],
    }).areas;
    expect(area?.rectangle).to.deep.equal([100, 200, 200, 300]);
    expect(screenBox(area!.rectangle, view)).to.deep.equal([210, 420, 410, 620]);
    const calls: unknown[] = [];
    const stack = new StubView();
    stack.zoomBy = (factor, at?: unknown) => calls.push([factor, at]);
    stack.panBy = (x, y) => calls.push([x, y]);
    applyArea(area!, view, stack, { width: 800, height: 400 });
    expect(calls).to.deep.equal([
      [2, { x: 310, y: 520 }],
      [90, -320],
    ]);
  });

  it('draws marks in pixels and in fractions of the displayed area, on their images alone', () => {
    const read = state({
      '0070005A': [dataset({ '00700052': [1, 1], '00700053': [100, 100] })],
      '00700060': [dataset({ '00700002': 'L', '00700062': 1, '00700401': [41661, 41167, 40792] })],
      '00700001': [
        dataset({
          '00081140': images(`${SERIES}.1`),
          '00700002': 'L',
          '00700009': [
            dataset({ '00700005': 'PIXEL', '00700023': 'CIRCLE', '00700022': [10, 10, 13, 14] }),
            dataset({ '00700005': 'DISPLAY', '00700023': 'POLYLINE', '00700022': [0, 0, 1, 0.5] }),
            dataset({ '00700005': 'PIXEL', '00700023': 'SPIRAL', '00700022': [0, 0] }),
          ],
          '00700008': [
            dataset({
              '00700006': '<b>病灶</b>\r\n3 cm',
              '00700003': 'PIXEL',
              '00700010': [5, 5],
              '00700011': [50, 20],
              '00700004': 'PIXEL',
              '00700014': [30, 40],
              '00700015': 'Y',
            }),
          ],
        }),
      ],
    });
    const host = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    render(svg`${drawState(read, view)}`, host);
    const circle = host.querySelector('circle');
    expect([circle?.getAttribute('cx'), circle?.getAttribute('cy'), circle?.getAttribute('r')]).to.deep.equal([
      '30',
      '40',
      '10',
    ]);
    expect([...host.querySelectorAll('path')].map((path) => path.getAttribute('d'))).to.include('M10 20L210 120');
    expect([...host.querySelectorAll('tspan')].map((line) => line.textContent)).to.deep.equal(['<b>病灶</b>', '3 cm']);
    expect(host.querySelector('b')).to.equal(null);
    const elsewhere = describeFrame(ctInstance(4), 1)!;
    expect(drawState(read, { ...view, frame: elsewhere })).to.equal(undefined);
  });

  it('counts the marks that it does not draw: kinds unknown, and compound ones whose parts are not there', () => {
    const [annotation] = state({
      '00700001': [
        dataset({
          '00700009': [
            dataset({ '00700005': 'PIXEL', '00700023': 'POLYLINE', '00700022': [0, 0, 9, 9], '00700226': 1 }),
            dataset({ '00700005': 'PIXEL', '00700023': 'SPIRAL', '00700022': [0, 0] }),
          ],
          '00700209': [
            dataset({ '00700226': 1, '00700294': 'RULER' }),
            dataset({ '00700226': 2, '00700294': 'ARROW' }),
          ],
        }),
      ],
    }).annotations;
    expect(annotation?.graphics.length).to.equal(1);
    expect(annotation?.undrawn).to.equal(2);
  });

  it('draws no mark twice that stands on the image as a measurement', () => {
    const line = (end: number) =>
      dataset({ '00700005': 'PIXEL', '00700023': 'POLYLINE', '00700022': [10, 10, end, 20.0001] });
    const words = (value: string, end: number) =>
      dataset({ '00700006': value, '00700004': 'PIXEL', '00700014': [end, 20], '00700015': 'N' });
    const read = state({
      '00700001': [
        dataset({
          '00081140': images(`${SERIES}.1`),
          '00700002': 'L',
          '00700009': [line(20), line(30)],
          '00700008': [words('here', 20), words('moved', 30)],
        }),
      ],
    });
    const points = [
      [10, 10],
      [20, 20],
    ] as const;
    const live = createAnnotation('length', frame, points, { author: 'Li' });
    const host = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    render(svg`${drawState(read, view, [live])}`, host);
    expect(host.querySelectorAll('path').length).to.equal(1);
    expect([...host.querySelectorAll('tspan')].map((word) => word.textContent)).to.deep.equal(['moved']);
    render(svg`${drawState(read, view)}`, host);
    expect(host.querySelectorAll('path').length).to.equal(2);
  });

  it('draws curves through their points', () => {
    expect(
      smoothPath([
        [0, 0],
        [6, 0],
      ]),
    ).to.equal('M0 0C1 0 5 0 6 0');
  });
});
