import { expect } from 'chai';
import { ctInstance, dataset } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { describeFrame, numberOfFrames } from './frame.ts';

describe('describeFrame', () => {
  it('reads a slice', () => {
    const frame = describeFrame(ctInstance(0), 1);
    expect(frame).to.deep.include({
      SOPInstanceUID: '1.2.3.1.1.1',
      frameNumber: 1,
      numberOfFrames: 1,
      modality: 'CT',
      pixelAspect: 1,
    });
    expect(frame?.windows).to.deep.equal([{ center: 40, width: 400 }]);
    expect(frame?.rescale).to.deep.equal({ slope: 1, intercept: -1024, type: 'HU' });
    expect(frame?.plane?.position).to.deep.equal([-100, -100, 50]);
    expect(frame?.spacing).to.deep.equal({ rowMm: 0.5, columnMm: 0.5, inPatient: true });
  });

  it('takes documents, segmentations and whole slides for no pictures', () => {
    expect(describeFrame(dataset({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.11' }), 1)).to.equal(undefined);
    expect(describeFrame(ctInstance(0, { SOPClassUID: '1.2.840.10008.5.1.4.1.1.66.4' }), 1)).to.equal(undefined);
    expect(describeFrame(ctInstance(0, { SOPClassUID: '1.2.840.10008.5.1.4.1.1.77.1.6' }), 1)).to.equal(undefined);
  });

  it('lets per-frame groups win over shared ones, and these over the data set', () => {
    const enhanced = ctInstance(0, {
      NumberOfFrames: 2,
      SharedFunctionalGroupsSequence: dataset({
        PixelMeasuresSequence: dataset({ PixelSpacing: [0.7, 0.7], SliceThickness: 2 }),
        PlaneOrientationSequence: dataset({ ImageOrientationPatient: [0, 1, 0, 0, 0, -1] }),
      }),
      PerFrameFunctionalGroupsSequence: [1, 2].map((place) =>
        dataset({
          PlanePositionSequence: dataset({ ImagePositionPatient: [place, 0, 0] }),
          FrameVOILUTSequence: dataset({ WindowCenter: place * 10, WindowWidth: 100 }),
          PixelValueTransformationSequence: dataset({ RescaleSlope: place, RescaleIntercept: 0 }),
        }),
      ),
    });
    expect(numberOfFrames(enhanced)).to.equal(2);
    const second = describeFrame(enhanced, 2);
    expect(second?.plane?.position).to.deep.equal([2, 0, 0]);
    expect(second?.plane?.row).to.deep.equal([0, 1, 0]);
    expect(second?.windows).to.deep.equal([{ center: 20, width: 100 }]);
    expect(second?.rescale?.slope).to.equal(2);
    expect(second?.sliceThicknessMm).to.equal(2);
    expect(second?.spacing?.rowMm).to.equal(0.7);
  });

  it('shows no patient millimetres for an uncalibrated projection', () => {
    const projection = (change: object) => describeFrame(ctInstance(0, { Modality: 'DX', ...change }), 1)?.spacing;
    expect(projection({ PixelSpacing: [], ImagerPixelSpacing: [0.2, 0.2] })).to.deep.equal({
      rowMm: 0.2,
      columnMm: 0.2,
      inPatient: false,
    });
    expect(projection({ PixelSpacing: [0.2, 0.2], ImagerPixelSpacing: [0.2, 0.2] })?.inPatient).to.equal(false);
    expect(projection({ PixelSpacing: [0.15, 0.15], ImagerPixelSpacing: [0.2, 0.2] })?.inPatient).to.equal(true);
    expect(projection({ PixelSpacing: [0.15, 0.15], PixelSpacingCalibrationType: 'FIDUCIAL' })?.inPatient).to.equal(
      true,
    );
  });

  it('reads the pixel aspect ratio where there is no spacing', () => {
    // Vertical over horizontal: pixels twice as high as wide.
    expect(describeFrame(ctInstance(0, { PixelSpacing: [], PixelAspectRatio: ['2', '1'] }), 1)?.pixelAspect).to.equal(
      0.5,
    );
  });

  it('takes a palette for palette colour alone', () => {
    const tables = Object.fromEntries(
      ['Red', 'Green', 'Blue'].flatMap((color) => [
        [`${color}PaletteColorLookupTableDescriptor`, [2, 0, 16]],
        [`${color}PaletteColorLookupTableData`, [0, 1]],
      ]),
    );
    expect(describeFrame(ctInstance(0, tables), 1)?.palette).to.equal(undefined);
    const colour = describeFrame(ctInstance(0, { ...tables, PhotometricInterpretation: 'PALETTE COLOR' }), 1);
    expect(colour?.palette?.blue.descriptor).to.deep.equal([2, 0, 16]);
  });

  it('keeps windows with a width, once each, with their names', () => {
    const frame = describeFrame(
      ctInstance(0, {
        WindowCenter: [40, -600, 40, 1],
        WindowWidth: [400, 1500, 400, 0],
        WindowCenterWidthExplanation: ['SOFT', 'LUNG'],
      }),
      1,
    );
    expect(frame?.windows).to.deep.equal([
      { center: 40, width: 400, explanation: 'SOFT' },
      { center: -600, width: 1500, explanation: 'LUNG' },
    ]);
  });
});
