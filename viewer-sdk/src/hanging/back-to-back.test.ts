import { expect } from 'chai';
import { describeFrame } from '../dicom/frame.ts';
import type { ViewState } from '../engine/contract.ts';
import { ctInstance } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { turningFor } from './back-to-back.ts';
import { describeCandidate } from './candidate.ts';

/** A mammogram on the screen as it is stored. */
const turning = (side: string, view: string, PatientOrientation: string[]) => {
  const instance = ctInstance(0, {
    Modality: 'MG',
    ImageLaterality: side,
    ViewPosition: view,
    PatientOrientation,
    ImagePositionPatient: [],
    ImageOrientationPatient: [],
  });
  const shown = { frame: describeFrame(instance, 1), screen: { right: [1, 0], down: [0, 1] } } as unknown as ViewState;
  return turningFor(describeCandidate(instance, { prior: 0, slices: 1, single: true }), shown);
};
const AS_IT_IS = { mirror: false, quarterTurns: 0 };

describe('mammograms back to back', () => {
  it('leaves those as they are that lie as they are read', () => {
    expect(turning('R', 'CC', ['P', 'L'])).to.deep.equal(AS_IT_IS);
    expect(turning('L', 'CC', ['A', 'R'])).to.deep.equal(AS_IT_IS);
    expect(turning('R', 'MLO', ['P', 'FL'])).to.deep.equal(AS_IT_IS);
    expect(turning('L', 'MLO', ['A', 'FR'])).to.deep.equal(AS_IT_IS);
    expect(turning('L', 'ML', ['A', 'F'])).to.deep.equal(AS_IT_IS);
  });

  it('mirrors those that were stored mirrored', () => {
    expect(turning('R', 'CC', ['A', 'L'])).to.deep.equal({ mirror: true, quarterTurns: 0 });
    expect(turning('L', 'MLO', ['P', 'FR'])).to.deep.equal({ mirror: true, quarterTurns: 0 });
  });

  it('turns those that stand on their head or lie on their side', () => {
    expect(turning('R', 'CC', ['A', 'R'])).to.deep.equal({ mirror: false, quarterTurns: 2 });
    expect(turning('L', 'MLO', ['P', 'H'])).to.deep.equal({ mirror: false, quarterTurns: 2 });
    expect(turning('R', 'MLO', ['F', 'A'])).to.deep.equal({ mirror: false, quarterTurns: 1 });
    expect(turning('R', 'CC', ['P', 'R'])).to.deep.equal({ mirror: true, quarterTurns: 2 });
  });

  it('turns nothing by guess', () => {
    expect(turning('R', 'CC', [])).to.equal(undefined);
    expect(turning('', 'CC', ['P', 'L'])).to.equal(undefined);
    // A CC view cannot run from head to feet.
    expect(turning('R', 'CC', ['P', 'F'])).to.equal(undefined);
  });
});
