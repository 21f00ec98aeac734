import { expect } from 'chai';
import { ctInstance, dataset } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { describeFrame } from './frame.ts';
import { frameAt, frameTimes } from './frame-times.ts';
import { maskFramesOf, maskOperations } from './mask-subtraction.ts';
import { overlayPlanes, unpackPlane } from './overlay-planes.ts';
import { bitmapShutterGroup, shutterPath, shutters } from './shutter.ts';

describe('frameTimes', () => {
  it('takes the times of the vector frame by frame', () => {
    const times = frameTimes(dataset({ FrameTimeVector: [0, 50, 100, 50] }), 4);
    expect(times).to.deep.include({ durationsMs: [50, 100, 50, 50], source: 'vector', rate: 16 });
  });

  it('lets what is recommended for the display win', () => {
    const times = frameTimes(dataset({ FrameTime: 40, CineRate: 20, RecommendedDisplayFrameRate: 10 }), 2);
    expect(times).to.deep.include({ durationsMs: [100, 100], source: 'recommended' });
    expect(frameTimes(dataset({ FrameTime: 40 }), 2)).to.deep.include({ rate: 25, source: 'time' });
    expect(frameTimes(dataset({ FrameTimeVector: [0, 1] }), 3).source).to.equal('default');
  });

  it('finds the frame that is due, however late it is asked', () => {
    const durations = [50, 100, 50];
    const looped = [0, 49, 50, 149, 150, 199, 200, 449].map((at) => frameAt(durations, at, 'loop'));
    expect(looped).to.deep.equal([0, 0, 1, 1, 2, 2, 0, 0]);
    expect([0, 50, 150, 200, 299, 300].map((at) => frameAt(durations, at, 'sweep'))).to.deep.equal([0, 1, 2, 1, 1, 0]);
  });
});

describe('maskFramesOf', () => {
  const operations = (item: object) =>
    maskOperations({ '00286100': { vr: 'SQ', Value: [dataset(item as Parameters<typeof dataset>[0])] } });

  it('averages the named frames within the range', () => {
    const [mask] = operations({
      MaskOperation: 'AVG_SUB',
      ApplicableFrameRange: [3, 5, 8, 9],
      MaskFrameNumbers: [1, 2],
      MaskSubpixelShift: [1.5, -2],
    });
    expect(mask?.shift).to.deep.equal([-2, 1.5]);
    expect([2, 3, 5, 6, 8].map((frame) => maskFramesOf(mask!, frame, 9))).to.deep.equal([
      [],
      [1, 2],
      [1, 2],
      [],
      [1, 2],
    ]);
  });

  it('takes a frame a fixed time before', () => {
    const [mask] = operations({ MaskOperation: 'TID', TIDOffset: 2 });
    expect([1, 2, 3, 9].map((frame) => maskFramesOf(mask!, frame, 9))).to.deep.equal([[], [], [1], [7]]);
  });

  it('goes back from the first pair, by the formula of the standard', () => {
    const [mask] = operations({ MaskOperation: 'REV_TID', TIDOffset: 1, ApplicableFrameRange: [6, 10] });
    expect([6, 7, 8, 10].map((frame) => maskFramesOf(mask!, frame, 10))).to.deep.equal([[5], [4], [3], [1]]);
  });

  it('leaves out what names no mask', () => {
    expect(operations({ MaskOperation: 'AVG_SUB' })).to.deep.equal([]);
    expect(operations({ MaskOperation: 'NONE' })).to.deep.equal([]);
  });
});

describe('overlayPlanes', () => {
  const element = { vr: 'OW', InlineBinary: '' };
  const overlay = (more: object, frameNumber = 1) =>
    overlayPlanes(
      describeFrame(
        {
          ...ctInstance(0),
          '60020010': { vr: 'US', Value: [4] },
          '60020011': { vr: 'US', Value: [8] },
          '60020040': { vr: 'CS', Value: ['G'] },
          '60020050': { vr: 'SS', Value: [3, -1] },
          ...more,
        },
        frameNumber,
      )!,
    );

  it('reads place and size, rows first, from 1', () => {
    expect(overlay({ '60023000': element })).to.deep.equal([
      {
        group: '6002',
        rows: 4,
        columns: 8,
        x: -2,
        y: 2,
        type: 'graphics',
        description: undefined,
        bits: { element, firstBit: 0 },
      },
    ]);
  });

  it('lies over the frames it is for', () => {
    const several = {
      '60023000': element,
      '60020015': { vr: 'IS', Value: ['2'] },
      '60020051': { vr: 'US', Value: [1] },
    };
    const [plane] = overlay({ ...several, '00280008': { vr: 'IS', Value: ['3'] } }, 2);
    expect(plane?.bits).to.deep.equal({ element, firstBit: 32 });
    expect(overlay({ ...several, '00280008': { vr: 'IS', Value: ['3'] } }, 3)).to.deep.equal([]);
  });

  it('finds those in the bits of the pixels', () => {
    const [plane] = overlay({ '60020100': { vr: 'US', Value: [16] }, '60020102': { vr: 'US', Value: [12] } });
    expect(plane?.bits).to.deep.equal({ embeddedBit: 12 });
  });

  it('unpacks from any bit, lowest first', () => {
    expect([...unpackPlane(Uint8Array.of(0b1010_0001, 0b0000_0011), 5, 5)]).to.deep.equal([1, 0, 1, 1, 1]);
  });
});

describe('shutters', () => {
  const frame = (more: object) => describeFrame(ctInstance(0, more), 1)!;

  it('leaves the named rows and columns open', () => {
    const shape = {
      ShutterShape: ['RECTANGULAR', 'CIRCULAR'],
      ShutterLeftVerticalEdge: 11,
      ShutterRightVerticalEdge: 100,
      ShutterUpperHorizontalEdge: 21,
      ShutterLowerHorizontalEdge: 80,
      CenterOfCircularShutter: [50, 60],
      RadiusOfCircularShutter: 30,
    };
    expect(shutters(frame(shape))).to.deep.equal([
      { shape: 'rectangle', left: 10, top: 20, right: 100, bottom: 80 },
      { shape: 'circle', x: 59.5, y: 49.5, radius: 30 },
    ]);
    expect(shutterPath({ shape: 'rectangle', left: 10, top: 20, right: 100, bottom: 80 }, 128, 128)).to.equal(
      'M-1,-1H129V129H-1ZM10,20H100V80H10Z',
    );
  });

  it('closes nothing where a number is missing', () => {
    expect(shutters(frame({ ShutterShape: 'CIRCULAR', RadiusOfCircularShutter: 30 }))).to.deep.equal([]);
    expect(shutters(frame({ ShutterShape: 'POLYGONAL', VerticesOfThePolygonalShutter: [1, 1, 9, 9] }))).to.deep.equal(
      [],
    );
  });

  it('names the plane whose bits close the image', () => {
    const bits = { ShutterShape: ['CIRCULAR', 'BITMAP'], ShutterOverlayGroup: 0x601e };
    expect(bitmapShutterGroup(frame(bits))).to.equal('601E');
    expect(bitmapShutterGroup(frame({ ...bits, ShutterShape: 'CIRCULAR' }))).to.equal(undefined);
  });
});
