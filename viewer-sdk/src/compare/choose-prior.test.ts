import { expect } from 'chai';
import { readSeries, readStudy } from '../session/summaries.ts';
import { dataset } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { earlierStudies, matchingSeries, regionsOf, sameRegion } from './choose-prior.ts';

const study = (uid: string, StudyDate: string, ModalitiesInStudy: string[]) =>
  readStudy(dataset({ StudyInstanceUID: uid, StudyDate, StudyTime: '101112', ModalitiesInStudy }))!;
const series = (SeriesDescription: string, count: number, Modality = 'CT') =>
  readSeries(
    dataset({
      SeriesInstanceUID: SeriesDescription,
      Modality,
      SeriesDescription,
      NumberOfSeriesRelatedInstances: count,
    }),
  )!;

describe('the choice of a prior', () => {
  it('takes earlier studies of the same modality, newest first', () => {
    const current = study('now', '20260102', ['CT']);
    const others = [
      study('a', '20240101', ['CT']),
      study('b', '20250101', ['CT', 'SR']),
      study('c', '20250601', ['MR']),
      study('later', '20260201', ['CT']),
      study('undated', '', ['CT']),
      current,
    ];
    expect(earlierStudies(current, ['CT'], others).map(({ StudyInstanceUID }) => StudyInstanceUID)).to.deep.equal([
      'b',
      'a',
    ]);
  });

  it('compares body parts as devices and people write them', () => {
    const of = (description: string, BodyPartExamined = '') => ({
      description,
      regions: regionsOf(description, [dataset({ BodyPartExamined })]),
    });
    expect(sameRegion(of('胸部CT平扫'), of('', 'CHEST'))).to.equal(true);
    expect(sameRegion(of('胸部CT平扫'), of('头颅CT', 'HEAD'))).to.equal(false);
    expect(sameRegion(of('胸部CT平扫'), of(''))).to.equal(false);
    expect(sameRegion(of('X1'), of('X1'))).to.equal(true);
    expect(sameRegion(of(''), of(''))).to.equal(false);
  });

  it('puts like beside like', () => {
    const list = [
      series('定位像', 2),
      series('胸部 5mm 纵隔', 60),
      series('胸部 1mm 肺窗', 300),
      series('SR', 1, 'SR'),
    ];
    expect(matchingSeries(series('Thorax Lung 1.0', 320), list)?.description).to.equal('胸部 1mm 肺窗');
    expect(matchingSeries(series('Mediastinum', 50), list)?.description).to.equal('胸部 5mm 纵隔');
    expect(matchingSeries(series('x', 1, 'MR'), [series('SR', 1, 'SR')])).to.equal(undefined);
  });
});
