import { expect } from 'chai';
import { describeFrame, type Frame } from '../dicom/frame.ts';
import { ctInstance } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import {
  areParallel,
  distanceMm,
  isOnImage,
  liesInSlice,
  localiserLine,
  middleOf,
  nearestSlice,
  type PlacedFrame,
  placeFrame,
  sameFrameOfReference,
  sliceDistanceMm,
  toImagePoint,
  toPatient,
} from './geometry.ts';

const frame = (change: Parameters<typeof ctInstance>[1] = {}): Frame => describeFrame(ctInstance(0, change), 1)!;
const placed = (change: Parameters<typeof ctInstance>[1] = {}): PlacedFrame => placeFrame(frame(change))!;

const axial = (z: number) =>
  placed({
    ImagePositionPatient: [-119.5, -119.5, z],
    PixelSpacing: [1, 1],
    Rows: 240,
    Columns: 240,
  });
const sagittal = (x: number, change: Parameters<typeof ctInstance>[1] = {}) =>
  placed({
    ImagePositionPatient: [x, -59.5, 99.5],
    ImageOrientationPatient: [0, 1, 0, 0, 0, -1],
    PixelSpacing: [0.5, 0.5],
    Rows: 400,
    Columns: 240,
    ...change,
  });

const close = (actual: readonly number[] | undefined, expected: readonly number[]) => {
  expect(actual).to.have.length(expected.length);
  expected.forEach((value, index) => {
    expect(actual?.[index]).to.be.closeTo(value, 1e-6);
  });
};

describe('geometry of frames', () => {
  it('takes Image Position (Patient) for the middle of the first pixel', () => {
    const slice = placed({ ImagePositionPatient: [10, 20, 30], PixelSpacing: [2, 0.5] });
    close(toPatient(slice, [0.5, 0.5]), [10, 20, 30]);
    // Pixel Spacing names the distance of rows first.
    close(toPatient(slice, [1.5, 0.5]), [10.5, 20, 30]);
    close(toPatient(slice, [0.5, 1.5]), [10, 22, 30]);
    close(toImagePoint(slice, [10.5, 22, 99]), [1.5, 1.5]);
    expect(distanceMm(slice, [0, 0, 33])).to.be.closeTo(3, 1e-9);
    close(middleOf(slice), [10 + 255.5 * 0.5, 20 + 255.5 * 2, 30]);
  });

  it('goes to the patient and back on an oblique image', () => {
    const s = Math.SQRT1_2;
    const slice = placed({ ImageOrientationPatient: [s, s, 0, 0, 0, -1], PixelSpacing: [0.7, 0.9] });
    close(toImagePoint(slice, toPatient(slice, [123.25, 45.75])), [123.25, 45.75]);
  });

  it('places no frame whose millimetres are the detector’s', () => {
    expect(placeFrame(frame({ Modality: 'XA', ImagerPixelSpacing: [0.5, 0.5] }))).to.equal(undefined);
    expect(placeFrame(undefined)).to.equal(undefined);
  });

  it('knows one frame of reference from two', () => {
    expect(sameFrameOfReference(frame(), frame())).to.equal(true);
    expect(sameFrameOfReference(frame(), frame({ FrameOfReferenceUID: '1.2.3.8' }))).to.equal(false);
    const none = frame({ FrameOfReferenceUID: [] });
    expect(sameFrameOfReference(none, none)).to.equal(false);
  });

  it('draws an axial slice across a sagittal one, as far as it reaches', () => {
    // y from -120 to 120 of the axial one, of which the sagittal one shows -59.75 to 60.25.
    const line = localiserLine(sagittal(0), axial(50))!;
    const ys = line.map(([, y]) => y);
    close(ys, [(99.5 - 50) / 0.5 + 0.5, (99.5 - 50) / 0.5 + 0.5]);
    close(
      line.map(([x]) => x).sort((a, b) => a - b),
      [0, 240],
    );
  });

  it('clips the line to the area of the slice it stands for', () => {
    const small = placed({ ImagePositionPatient: [-9.5, -9.5, 50], PixelSpacing: [1, 1], Rows: 20, Columns: 20 });
    const line = localiserLine(sagittal(0), small)!;
    close(
      line.map(([x]) => x).sort((a, b) => a - b),
      [(-10 + 59.5) / 0.5 + 0.5, (10 + 59.5) / 0.5 + 0.5],
    );
  });

  it('draws none between parallel slices, nor where they do not meet', () => {
    expect(localiserLine(axial(0), axial(10))).to.equal(undefined);
    expect(localiserLine(sagittal(0), axial(500))).to.equal(undefined);
    expect(localiserLine(sagittal(500), axial(0))).to.equal(undefined);
  });

  it('every point of an oblique line lies in both planes', () => {
    const tilted = placed({
      ImagePositionPatient: [-100, -100, 0],
      ImageOrientationPatient: [1, 0, 0, 0, Math.cos(0.4), Math.sin(0.4)],
    });
    const target = sagittal(3);
    const line = localiserLine(target, tilted)!;
    for (const point of line) {
      const place = toPatient(target, point);
      expect(distanceMm(tilted, place)).to.be.closeTo(0, 1e-6);
      expect(place[0]).to.be.closeTo(3, 1e-6);
      expect(isOnImage(target, [Math.round(point[0]), Math.round(point[1])])).to.equal(true);
    }
  });

  it('calls slices parallel whichever side they are looked at from', () => {
    const fromAbove = placed({ ImageOrientationPatient: [1, 0, 0, 0, -1, 0] });
    expect(areParallel(axial(0), fromAbove)).to.equal(true);
    expect(areParallel(axial(0), sagittal(0))).to.equal(false);
  });

  it('finds the nearest slice, and stays in a phase', () => {
    const stack = [50, 45, 40, 35].map((z) => frame({ ImagePositionPatient: [0, 0, z] }));
    expect(nearestSlice(stack, [1000, -1000, 42.6])).to.deep.include({ index: 1 });
    expect(nearestSlice(stack, [0, 0, 42.4])?.index).to.equal(2);
    expect(nearestSlice(stack, [0, 0, -900])?.index).to.equal(3);
    expect(nearestSlice([], [0, 0, 0])).to.equal(undefined);
    const phases = [...stack, ...stack];
    expect(nearestSlice(phases, [0, 0, 45], 1)?.index).to.equal(1);
    expect(nearestSlice(phases, [0, 0, 45], 7)?.index).to.equal(5);
  });

  it('says whether a place is in a slice', () => {
    const stack = [50, 45, 40].map((z) => frame({ ImagePositionPatient: [0, 0, z], SliceThickness: 1 }));
    expect(sliceDistanceMm(stack, 0)).to.be.closeTo(5, 1e-9);
    expect(liesInSlice(stack, 1, [0, 0, 47.4])).to.equal(true);
    expect(liesInSlice(stack, 1, [0, 0, 47.6])).to.equal(false);
    expect(liesInSlice(stack.slice(0, 1), 0, [0, 0, 50.4])).to.equal(true);
    expect(liesInSlice(stack.slice(0, 1), 0, [0, 0, 51])).to.equal(false);
  });
});
