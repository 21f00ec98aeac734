import { expect } from 'chai';
import 'axe-core/axe.min.js';
import { afterEach, describe, it } from '../../testing/globals.ts';
import {
  code,
  contentItem,
  emptyHost,
  fakeViewer,
  inSurface,
  instanceOf,
  objectDataset,
  surfaceText,
} from '../testing/fakes.ts';
import { mountStructuredReport } from './renderer.ts';
import { conceptName, unitName } from './terms.ts';
import { itemAt, readTree } from './tree.ts';
import { formatDateTime, tidyNumber } from './values.ts';

const { axe } = globalThis as unknown as {
  axe: {
    run(context: Element): Promise<{ violations: readonly { id: string; nodes: readonly { html: string }[] }[] }>;
  };
};

const sop = (instance: string, frames: number[] = []) => [
  objectDataset({
    ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    ReferencedSOPInstanceUID: instance,
    ...(frames.length > 0 ? { ReferencedFrameNumber: frames } : {}),
  }),
];
const measured = (value: string, unit: string) => ({
  MeasuredValueSequence: [
    objectDataset({ NumericValue: value, MeasurementUnitsCodeSequence: code(unit, 'UCUM', unit) }),
  ],
});
const event = (dlp: string, region: string) =>
  contentItem('CONTAINER', 'CONTAINS', ['113819', 'DCM', 'CT Acquisition'], {}, [
    contentItem('CODE', 'CONTAINS', ['123014', 'DCM', 'Target Region'], {
      ConceptCodeSequence: code('x', 'T', region),
    }),
    contentItem('UIDREF', 'CONTAINS', ['113769', 'DCM', 'Irradiation Event UID'], { UID: '1.2.9' }),
    contentItem('CONTAINER', 'CONTAINS', ['113829', 'DCM', 'CT Dose'], {}, [
      contentItem('NUM', 'CONTAINS', ['113838', 'DCM', 'DLP'], measured(dlp, 'mGy.cm')),
    ]),
  ]);

const report = contentItem(
  'CONTAINER',
  '',
  ['126000', 'DCM', 'Imaging Measurement Report'],
  {
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.33',
    CompletionFlag: 'PARTIAL',
    VerificationFlag: 'UNVERIFIED',
    CurrentRequestedProcedureEvidenceSequence: [
      objectDataset({
        StudyInstanceUID: '1.5',
        ReferencedSeriesSequence: [
          objectDataset({ SeriesInstanceUID: '1.5.1', ReferencedSOPSequence: sop('1.5.1.1') }),
        ],
      }),
    ],
  },
  [
    contentItem('PNAME', 'HAS OBS CONTEXT', ['121008', 'DCM', 'Person Observer Name'], {
      PersonName: { Alphabetic: 'Sun^Wei', Ideographic: '孙^伟' },
    }),
    contentItem('CONTAINER', 'CONTAINS', ['121070', 'DCM', 'Findings'], {}, [
      contentItem('TEXT', 'CONTAINS', ['121071', 'DCM', 'Finding'], {
        TextValue: '右肺上叶结节\r\n<img src=x onerror="alert(1)">',
      }),
      contentItem('NUM', 'CONTAINS', ['103339001', 'SCT', 'Long Axis'], measured('12.5', 'mm'), [
        contentItem('IMAGE', 'INFERRED FROM', undefined, { ReferencedSOPSequence: sop('1.5.1.1', [3]) }),
      ]),
      contentItem('NUM', 'CONTAINS', ['42798000', 'SCT', 'Area'], {
        NumericValueQualifierCodeSequence: code('114006', 'DCM', 'Measurement failure'),
      }),
      objectDataset({ RelationshipType: 'INFERRED FROM', ReferencedContentItemIdentifier: [1, 2, 2] }),
      contentItem('IMAGE', 'CONTAINS', undefined, { ReferencedSOPSequence: sop('9.9') }),
    ]),
    event('512.25', 'Chest'),
    event('80', 'Abdomen'),
  ],
);

let host: HTMLElement;
describe('structured reports', () => {
  afterEach(() => host?.remove());

  it('reads a tree with values, references and pointers', () => {
    const tree = readTree(report);
    expect(itemAt(tree, '1.2.2')?.value).to.deep.equal({
      type: 'NUM',
      values: [{ number: '12.5', unit: { value: 'mm', scheme: 'UCUM', meaning: 'mm' } }],
      qualifier: undefined,
    });
    expect(itemAt(tree, '1.2.4')?.target).to.equal('1.2.2');
    expect(itemAt(tree, '1.2.2.1')?.value).to.include({ instance: '1.5.1.1' });
    expect(itemAt(tree, '1.9')).to.equal(undefined);
    expect(itemAt(tree, '2.1')).to.equal(undefined);
  });

  it('ends a tree that has no end', () => {
    let endless = contentItem('TEXT', 'CONTAINS', undefined, { TextValue: 'x' });
    for (let level = 0; level < 500; level += 1)
      endless = contentItem('CONTAINER', 'CONTAINS', undefined, {}, [endless]);
    let depth = 0;
    for (let item = readTree(endless); item.children[0]; item = item.children[0]) depth += 1;
    expect(depth).to.equal(64);
  });

  it('writes names in the language, values with units, and never markup', () => {
    host = emptyHost();
    mountStructuredReport(host, instanceOf(report), fakeViewer().context);
    const text = surfaceText(host);
    for (const part of [
      '影像测量报告',
      '未完成',
      '未审核',
      '观察者 孙伟',
      '检查所见',
      '长径 12.5 mm',
      'Measurement failure',
      '<img src=x onerror="alert(1)">',
    ])
      expect(text).to.contain(part);
    expect(inSurface(host, 'img')).to.have.length(0);
  });

  it('makes one table of the irradiation events, without their UIDs', () => {
    host = emptyHost();
    mountStructuredReport(host, instanceOf(report), fakeViewer().context);
    const rows = inSurface<HTMLTableRowElement>(host, 'tr').map((row) =>
      [...row.cells].map((cell) => cell.textContent?.replaceAll(/\s+/g, ' ').trim()),
    );
    expect(rows).to.deep.equal([
      ['序号', '靶区域', 'DLP'],
      ['1', 'Chest', '512.25 mGy·cm'],
      ['2', 'Abdomen', '80 mGy·cm'],
    ]);
  });

  it('jumps to an image of the evidence and to an item of the document; others are words alone', async () => {
    host = emptyHost();
    const viewer = fakeViewer();
    mountStructuredReport(host, instanceOf(report), viewer.context);
    inSurface(host, 'button[data-instance]')[0]?.click();
    expect(viewer.went).to.deep.equal([{ study: '1.5', series: '1.5.1', instance: '1.5.1.1', frame: 3 }]);
    expect(inSurface(host, 'button[data-instance]')).to.have.length(1);
    inSurface(host, 'button.link')
      .find(({ textContent }) => textContent === '见 长径')
      ?.click();
    expect(inSurface(host, '.found').map((item) => item.dataset['path'])).to.deep.equal(['1.2.2']);
  });

  it('tells when an image is not to be had', async () => {
    host = emptyHost();
    const viewer = fakeViewer({ goTo: async () => undefined });
    mountStructuredReport(host, instanceOf(report), viewer.context);
    inSurface(host, 'button[data-instance]')[0]?.click();
    await Promise.resolve();
    await Promise.resolve();
    expect(viewer.told[0]).to.contain('无法显示该图像');
  });

  it('is accessible', async () => {
    host = emptyHost();
    mountStructuredReport(host, instanceOf(report), fakeViewer().context);
    const { violations } = await axe.run(host);
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).to.deep.equal([]);
  });

  it('frees its place', () => {
    host = emptyHost();
    mountStructuredReport(host, instanceOf(report), fakeViewer().context).dispose();
    expect(host.childElementCount).to.equal(0);
  });

  it('writes units, numbers and dates as people do', () => {
    const unit = (value: string, scheme = 'UCUM') => unitName({ value, scheme, meaning: value });
    expect([unit('cm2'), unit('mGy.cm'), unit("[hnsf'U]"), unit('{ratio}'), unit('1'), unit('um')]).to.deep.equal([
      'cm²',
      'mGy·cm',
      'HU',
      '',
      '',
      'µm',
    ]);
    expect(['1.70', '0.33333333333333', '1e-7', 'x'].map(tidyNumber)).to.deep.equal(['1.70', '0.333333', '1e-7', 'x']);
    expect(formatDateTime('20260102101112.5+0800')).to.equal('2026-01-02 10:11:12');
    expect(conceptName({ value: '1', scheme: '99X', meaning: 'Own' }, 'zh-CN')).to.equal('Own');
  });
});
