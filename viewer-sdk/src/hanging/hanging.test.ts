import { expect } from 'chai';
import type { Keyword } from '../dicom/json.ts';
import { dataset } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { BUILT_IN_PROTOCOLS } from './built-in.ts';
import { type Candidate, describeCandidate } from './candidate.ts';
import { checkSchema, isSafePattern } from './check-schema.ts';
import { chooseHanging, type Hanging, hang, kindOf } from './choose.ts';
import { COLLECTION_SCHEMA, type HangingProtocol } from './protocol.ts';

type Values = Partial<Record<Keyword, unknown>>;
let serial = 0;
const candidate = (
  values: Values,
  place: Partial<{ prior: number; slices: number; single: boolean }> = {},
): Candidate => {
  serial += 1;
  return describeCandidate(
    dataset({
      StudyInstanceUID: '1.2',
      SeriesInstanceUID: `1.2.${serial}`,
      SOPInstanceUID: `1.2.${serial}.1`,
      SeriesNumber: serial,
      ...values,
    }),
    { prior: 0, slices: 1, single: false, ...place },
  );
};
const mg = (ImageLaterality: string, ViewPosition: string, values: Values = {}, prior = 0): Candidate =>
  candidate({ Modality: 'MG', ImageLaterality, ViewPosition, ...values }, { prior, single: true });
const axial = [1, 0, 0, 0, 1, 0];
const sagittal = [0, 1, 0, 0, 0, -1];
const stack = (SeriesDescription: string, values: Values = {}): Candidate =>
  candidate({ Modality: 'CT', SeriesDescription, ImageOrientationPatient: axial, ...values }, { slices: 100 });
const choose = (candidates: readonly Candidate[], description = '', priors = 0): Hanging | undefined =>
  chooseHanging(BUILT_IN_PROTOCOLS, kindOf(candidates, description, priors), candidates);
const shown = (hanging: Hanging | undefined): (string | undefined)[] | undefined =>
  hanging?.cells.map(({ candidate: one }) => one && (`${one.laterality ?? ''}${one.view ?? ''}` || one.description));

describe('hanging protocols', () => {
  it('puts the four views of a mammography into their places, whatever order they come in', () => {
    const views = [mg('L', 'MLO'), mg('R', 'MLO'), mg('L', 'CC'), mg('R', 'CC')];
    const hanging = choose(views);
    expect(hanging?.protocol.id).to.equal('mg-four-view');
    expect(shown(hanging)).to.deep.equal(['RCC', 'LCC', 'RMLO', 'LMLO']);
    expect([hanging?.rows, hanging?.columns]).to.deep.equal([2, 2]);
  });

  it('keeps the place of a missing view empty', () => {
    expect(shown(choose([mg('L', 'MLO'), mg('R', 'CC'), mg('L', 'CC')]))).to.deep.equal([
      'RCC',
      'LCC',
      undefined,
      'LMLO',
    ]);
  });

  it('reads side and view from codes and functional groups, too', () => {
    const code = (CodeValue: string) => ({ ViewCodeSequence: [dataset({ CodeValue })] });
    const tomosynthesis = candidate({
      Modality: 'MG',
      SharedFunctionalGroupsSequence: [dataset({ FrameAnatomySequence: [dataset({ FrameLaterality: 'R' })] })],
      ...code('399368009'),
    });
    expect(tomosynthesis).to.include({ laterality: 'R', view: 'MLO' });
    expect(candidate({ Modality: 'MG', Laterality: 'L', ...code('R-10242') })).to.include({
      laterality: 'L',
      view: 'CC',
    });
    expect(candidate({ Modality: 'DX', ...code('272479007') })).to.include({ view: 'PA' });
    expect(candidate({ Modality: 'DX', ViewPosition: 'LL' })).to.include({ view: 'LAT' });
  });

  it('never guesses a side, and hangs nothing whose header contradicts itself', () => {
    const unsided = candidate({ Modality: 'MG', ViewPosition: 'CC', SeriesDescription: 'R CC' });
    expect(unsided.laterality).to.equal(undefined);
    for (const description of ['LCC', 'L-CC', '左乳 CC', 'Left CC'])
      expect(mg('R', 'CC', { SeriesDescription: description }), description).to.include({
        contradictory: true,
        laterality: undefined,
      });
    for (const description of ['RCC', '右乳 CC', '双乳四视图', '左右乳', 'SCREENING CC'])
      expect(mg('R', 'CC', { SeriesDescription: description }), description).to.include({
        contradictory: false,
        laterality: 'R',
      });
    expect(mg('B', 'CC').laterality).to.equal(undefined);
    const two = mg('R', 'CC', { ViewCodeSequence: [dataset({ CodeValue: '399368009' })] });
    expect(two.contradictory).to.equal(true);
    expect(shown(choose([mg('L', 'CC', { SeriesDescription: 'RCC' }), mg('R', 'CC'), mg('R', 'MLO')]))).to.deep.equal([
      'RCC',
      undefined,
      'RMLO',
      undefined,
    ]);
  });

  it('takes the plain view where there is a magnification, and the one for presentation', () => {
    const spot = mg('R', 'CC', {
      ViewCodeSequence: [
        dataset({ CodeValue: '399162004', ViewModifierCodeSequence: [dataset({ CodeValue: '399163009' })] }),
      ],
    });
    const raw = mg('L', 'CC', { PresentationIntentType: 'FOR PROCESSING' });
    const plain = [mg('R', 'CC'), mg('L', 'CC')];
    const hanging = choose([spot, raw, ...plain]);
    expect(hanging?.cells.slice(0, 2).map((cell) => cell.candidate)).to.deep.equal(plain);
  });

  it('hangs the earlier mammography beside', () => {
    const now = ['R', 'L'].flatMap((side) => [mg(side, 'CC'), mg(side, 'MLO')]);
    const before = ['R', 'L'].flatMap((side) => [mg(side, 'CC', {}, 1), mg(side, 'MLO', {}, 1)]);
    const hanging = choose([...before, ...now], '', 1);
    expect(hanging?.protocol.id).to.equal('mg-four-view-prior');
    expect(hanging?.cells.map((cell) => `${cell.candidate?.prior}${cell.candidate?.laterality}`).join(' ')).to.equal(
      '0R 0L 1R 1L 0R 0L 1R 1L',
    );
  });

  it('shows a chest CT in lung and mediastinum, or one series twice', () => {
    const scout = candidate({ Modality: 'CT', SeriesDescription: '定位像', BodyPartExamined: 'CHEST' }, { slices: 1 });
    const soft = stack('胸部 5mm 纵隔');
    const lung = stack('胸部 1mm 肺窗');
    expect(choose([scout, soft, lung], '胸部CT平扫')?.cells.map((cell) => cell.candidate)).to.deep.equal([lung, soft]);
    const one = choose([scout, soft], '胸部CT平扫');
    expect(one?.cells.map((cell) => cell.candidate)).to.deep.equal([soft, soft]);
    expect(one?.cells.map((cell) => cell.cell.window?.center)).to.deep.equal([-600, 40]);
  });

  it('leaves out phases that were not taken', () => {
    const hanging = choose([stack('Abd 平扫'), stack('Abd 门脉期')], '上腹部增强');
    expect(hanging?.protocol.id).to.equal('ct-abdomen');
    expect([hanging?.rows, hanging?.columns, hanging?.cells.length]).to.deep.equal([1, 2, 2]);
  });

  it('tells the series of a brain MR apart', () => {
    const series = [
      ['T1WI 矢状位', sagittal],
      ['ax T2 FLAIR', axial],
      ['ax T2 TSE', axial],
      ['ax T1', axial],
      ['ep2d_diff b1000', axial],
      ['ADC', axial],
    ] as const;
    const made = series.map(([SeriesDescription, ImageOrientationPatient]) =>
      candidate(
        { Modality: 'MR', SeriesDescription, ImageOrientationPatient, BodyPartExamined: 'HEAD' },
        { slices: 20 },
      ),
    );
    expect(shown(choose(made))).to.deep.equal([
      'ax T1',
      'ax T2 TSE',
      'ax T2 FLAIR',
      'ep2d_diff b1000',
      'T1WI 矢状位',
      'ADC',
    ]);
  });

  it('shows chest radiographs PA first', () => {
    const view = (ViewPosition: string) =>
      candidate({ Modality: 'DX', ViewPosition, BodyPartExamined: 'CHEST' }, { single: true });
    expect(shown(choose([view('LL'), view('PA')]))).to.deep.equal(['PA', 'LAT']);
    expect(choose([view('PA')])).to.include({ rows: 1, columns: 1 });
  });

  it('falls back to one image', () => {
    expect(choose([candidate({ Modality: 'OT' })])?.protocol.id).to.equal('default');
    expect(choose([])).to.equal(undefined);
  });

  it('takes Latin keywords for words', () => {
    const protocol = (keywords: string[]): HangingProtocol => ({
      ...BUILT_IN_PROTOCOLS.at(-1)!,
      cells: [{ series: [{ keywords }] }],
    });
    expect(hang(protocol(['art']), [stack('Artery')])).to.equal(undefined);
    expect(hang(protocol(['art']), [stack('abd_ART_1mm')])).not.to.equal(undefined);
    expect(hang(protocol(['动脉']), [stack('腹部动脉期')])).not.to.equal(undefined);
  });
});

describe('hanging protocols as data', () => {
  it('fit the schema, ours first of all', () => {
    expect(checkSchema({ version: 1, protocols: BUILT_IN_PROTOCOLS }, COLLECTION_SCHEMA)).to.deep.equal([]);
    expect(
      checkSchema(JSON.parse(JSON.stringify({ version: 1, protocols: BUILT_IN_PROTOCOLS })), COLLECTION_SCHEMA),
    ).to.deep.equal([]);
    expect(new Set(BUILT_IN_PROTOCOLS.map(({ id }) => id)).size).to.equal(BUILT_IN_PROTOCOLS.length);
  });

  it('say where they do not', () => {
    const wrong = {
      ...BUILT_IN_PROTOCOLS[0],
      id: 'Not Allowed',
      layout: { rows: 9, columns: 1.5 },
      cells: [{ series: [{ desc: '' }] }, {}],
      emptyCells: 'hide',
    };
    expect(
      checkSchema({ version: 1, protocols: [wrong] }, COLLECTION_SCHEMA).map(({ path, rule }) => `${path} ${rule}`),
    ).to.deep.equal([
      'protocols[0].id pattern',
      'protocols[0].layout.rows range',
      'protocols[0].layout.columns type',
      'protocols[0].cells[0].series[0].desc unknown',
      'protocols[0].cells[1].series required',
      'protocols[0].emptyCells enum',
    ]);
    for (const value of [
      null,
      1,
      [],
      'x',
      { version: 2, protocols: [] },
      JSON.parse('{"version":1,"protocols":[],"__proto__":{}}'),
    ])
      expect(checkSchema(value, COLLECTION_SCHEMA), JSON.stringify(value)).not.to.deep.equal([]);
  });

  it('hold no expression that could hang the browser', () => {
    for (const pattern of ['肺|lung', '^T2.*tse', 'b ?(800|1000)', '(ax|tra)\\b', 'T1\\s*\\+\\s*C'])
      expect(isSafePattern(pattern), pattern).to.equal(true);
    for (const pattern of ['(a+)+$', '(a|a)*b', '(', '(?:x*)*', '(a)\\1', '([a-z]+)*!'])
      expect(isSafePattern(pattern), pattern).to.equal(false);
  });
});
