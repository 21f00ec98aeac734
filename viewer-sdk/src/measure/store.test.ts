import { expect } from 'chai';
import { describeFrame, type Frame } from '../dicom/frame.ts';
import { ctInstance, STUDY } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { type Annotation, createAnnotation, type ManualCalibration, newUid } from './annotation.ts';
import { type AnnotationChange, AnnotationStore, annotationsOf } from './store.ts';

function frameOf(index = 0): Frame {
  const frame = describeFrame(ctInstance(index), 1);
  if (!frame) throw new Error('not an image');
  return frame;
}

const line = (index = 0): Annotation =>
  createAnnotation('length', frameOf(index), [
    [1, 2],
    [3, 4],
  ]);

const manual = (change: Partial<ManualCalibration> = {}): ManualCalibration => ({
  study: STUDY,
  series: frameOf().SeriesInstanceUID,
  instance: frameOf().SOPInstanceUID,
  rows: 512,
  columns: 512,
  rowMm: 1,
  columnMm: 1,
  createdAt: '2026-01-02T10:11:12.000Z',
  ...change,
});

describe('annotation store', () => {
  it('keeps annotations by frame and tells of every change', () => {
    const store = new AnnotationStore();
    const seen: AnnotationChange[] = [];
    const end = store.on('change', (change) => seen.push(change));
    const one = line();
    store.add(one, line(1));
    expect(store.ofFrame(frameOf())).to.eql([one]);
    const moved = { ...one, text: 'target' };
    store.replace(moved);
    store.remove(one.id);
    store.remove(one.id);
    expect(seen.map(({ added, changed, removed }) => [added.length, changed.length, removed.length])).to.eql([
      [2, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(seen[1]?.changed).to.eql([{ before: one, after: moved }]);
    end();
    store.undo();
    expect(seen.length).to.equal(3);
    expect(() => store.add(moved)).to.throw(one.id);
  });

  it('undoes and redoes, and forgets the undone with the next edit', () => {
    const store = new AnnotationStore();
    const one = line();
    store.add(one);
    store.replace({ ...one, text: 'a' });
    expect([store.undo(), store.get(one.id)?.text]).to.eql([true, undefined]);
    expect([store.redo(), store.get(one.id)?.text]).to.eql([true, 'a']);
    store.undo();
    store.undo();
    expect(store.all()).to.eql([]);
    expect(store.canUndo).to.equal(false);
    expect(store.undo()).to.equal(false);
    store.add(line());
    expect(store.canRedo).to.equal(false);
  });

  it('takes the steps of a key that is held down for one', () => {
    const store = new AnnotationStore();
    const one = line();
    store.add(one);
    store.replace({ ...one, text: 'a' }, 'nudge');
    store.replace({ ...one, text: 'b' }, 'nudge');
    store.undo();
    expect(store.get(one.id)?.text).to.equal(undefined);
  });

  it('restores what a file holds outside of the history, and never over what is there', () => {
    const store = new AnnotationStore();
    const own = line();
    const saved = line(1);
    store.add(own);
    expect(store.restore([{ ...own, text: 'older' }, saved])).to.equal(1);
    expect(store.get(own.id)?.text).to.equal(undefined);
    store.undo();
    expect(store.all()).to.eql([saved]);
    store.redo();
    expect(store.all().length).to.equal(2);
    // Undoing the removal of a restored one works as ever.
    store.remove(saved.id);
    store.undo();
    expect(store.get(saved.id)).to.equal(saved);
  });

  it("drops another patient's annotations, history included", () => {
    const store = new AnnotationStore();
    const foreign = { ...line(), study: '9.9' };
    const own = line(1);
    store.add(foreign);
    store.add(own);
    store.calibrate(manual({ study: '9.9' }));
    store.keepStudies([STUDY]);
    expect(store.all()).to.eql([own]);
    expect(store.calibrations()).to.eql([]);
    expect(store.canUndo).to.equal(false);
  });

  it('replaces what a calibration covers, and undoes it', () => {
    const store = new AnnotationStore();
    store.calibrate(manual());
    store.calibrate(manual({ instance: undefined, rowMm: 2 }));
    expect(store.calibrationOf(frameOf(0))?.rowMm).to.equal(2);
    store.calibrate(manual({ instance: frameOf(1).SOPInstanceUID, rowMm: 3 }));
    expect([0, 1].map((index) => store.calibrationOf(frameOf(index))?.rowMm)).to.eql([2, 3]);
    store.undo();
    expect(store.calibrationOf(frameOf(1))?.rowMm).to.equal(2);
    store.undo();
    expect(store.calibrationOf(frameOf(1))).to.equal(undefined);
    const other = describeFrame(ctInstance(1, { Rows: 256 }), 1);
    store.calibrate(manual({ instance: undefined }));
    expect(other && store.calibrationOf(other)).to.equal(undefined);
    const [only] = store.calibrations();
    if (only) store.removeCalibration(only);
    expect(store.calibrationOf(frameOf(0))).to.equal(undefined);
  });

  it('is one for each viewer', () => {
    const [viewer, other] = [{}, {}];
    expect(annotationsOf(viewer)).to.equal(annotationsOf(viewer));
    expect(annotationsOf(viewer)).not.to.equal(annotationsOf(other));
  });

  it('makes UIDs of UUIDs', () => {
    const uids = new Set(Array.from({ length: 50 }, newUid));
    expect(uids.size).to.equal(50);
    for (const uid of uids) expect(uid).to.match(/^2\.25\.[1-9]\d{0,38}$/);
  });
});
