import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type PluginTestNode, startPluginTestNode } from '../../testing/dimse-peer/plugin-node.ts';
import {
  type Attributes,
  encapsulatedPdf,
  PHANTOM_PATIENTS,
  type PhantomInstance,
  phantomStudy,
  structuredReport,
} from '../../testing/phantoms/index.ts';
import { codeItem, writeObject } from '../../testing/phantoms/object-writer.ts';
import type { PluginContext } from '../plugins/contract.ts';
import { takeReport } from './from-dicom.ts';

const study = phantomStudy({ seed: 'from-dicom', AccessionNumber: 'SR0001' });
const patientId = study.patient.PatientID;
const source = { via: 'dimse', name: 'SR_SENDER' } as const;
const BASIC_TEXT = '1.2.840.10008.5.1.4.1.1.88.11';
const COMPREHENSIVE = '1.2.840.10008.5.1.4.1.1.88.33';

const item = (
  ValueType: string,
  code: readonly [string, string, string],
  more: Attributes,
  children: Attributes[] = [],
) => ({
  RelationshipType: 'CONTAINS',
  ValueType,
  ConceptNameCodeSequence: [codeItem(...code)],
  ...more,
  ...(children.length > 0 ? { ContentSequence: children } : {}),
});
const section = (code: readonly [string, string, string], children: Attributes[]) =>
  item('CONTAINER', code, { ContinuityOfContent: 'SEPARATE' }, children);
const CONTENT: Attributes[] = [
  {
    ...item('PNAME', ['121008', 'DCM', 'Person Observer Name'], {
      PersonName: { Alphabetic: 'Sun^Wei', Ideographic: '孙^伟' },
    }),
    RelationshipType: 'HAS OBS CONTEXT',
  },
  section(
    ['121070', 'DCM', 'Findings'],
    [item('TEXT', ['121071', 'DCM', 'Finding'], { TextValue: '<b>右肺上叶结节</b>' })],
  ),
  section(
    ['121076', 'DCM', 'Conclusions'],
    [item('TEXT', ['121077', 'DCM', 'Conclusion'], { TextValue: '建议三个月后复查' })],
  ),
];
const NUMBER = item('NUM', ['103339001', 'SCT', 'Long Axis'], {
  MeasuredValueSequence: [{ NumericValue: '15.2', MeasurementUnitsCodeSequence: [codeItem('mm', 'UCUM', 'mm')] }],
});

function report(seed: string, more: Attributes = {}, SOPClassUID = BASIC_TEXT, of = study): PhantomInstance {
  return writeObject(of, {
    seed,
    SOPClassUID,
    Modality: 'SR',
    SeriesNumber: 900,
    SeriesDescription: 'SR',
    attributes: {
      CompletionFlag: 'COMPLETE',
      VerificationFlag: 'VERIFIED',
      VerifyingObserverSequence: [{ VerifyingObserverName: { Alphabetic: 'Wang^Min', Ideographic: '王^敏' } }],
      ContentDate: '20240315',
      ContentTime: '101500',
      ValueType: 'CONTAINER',
      ContinuityOfContent: 'SEPARATE',
      ConceptNameCodeSequence: [codeItem('18748-4', 'LN', 'Diagnostic Imaging Report')],
      ContentSequence: CONTENT,
      ...more,
    },
  });
}

describe('reports that come as DICOM objects', () => {
  let node: PluginTestNode;
  let context: PluginContext;

  beforeEach(async () => {
    node = await startPluginTestNode(
      {
        id: 'take',
        api: 1,
        title: { 'zh-CN': 't', en: 't' },
        config: z.strictObject({}),
        activate(given) {
          context = given;
        },
      },
      {},
    );
  });
  afterEach(() => node.stop());

  const take = async (instance: PhantomInstance) => {
    const { record } = await node.ingest.receiveStream(Readable.from([instance.bytes]), source);
    await takeReport(context, record);
    return record;
  };
  const reports = () => context.reports.ofPatient(patientId);

  it('become reports once, with text, conclusion, author and reviewer', async () => {
    const record = await take(report('one'));
    await takeReport(context, record);
    const found = await reports();
    expect(found).toHaveLength(1);
    expect(found[0]?.versions).toHaveLength(1);
    expect(found[0]?.versions[0]).toMatchObject({
      status: 'reviewed',
      title: 'Diagnostic Imaging Report',
      text: 'Findings\nFinding: <b>右肺上叶结节</b>',
      conclusion: '建议三个月后复查',
      author: '孙伟',
      reviewer: '王敏',
      accessionNumber: 'SR0001',
      issuedAt: new Date(2024, 2, 15, 10, 15).toISOString(),
      patient: { id: patientId },
      source: { via: 'dicom', system: 'SR_SENDER', externalId: record.SOPInstanceUID },
    });
  });

  it('are changed by a document that takes their place', async () => {
    const first = report('first');
    await take(first);
    const reference = { ReferencedSOPClassUID: BASIC_TEXT, ReferencedSOPInstanceUID: first.SOPInstanceUID };
    const series = { SeriesInstanceUID: first.SeriesInstanceUID, ReferencedSOPSequence: [reference] };
    const PredecessorDocumentsSequence = [
      { StudyInstanceUID: first.StudyInstanceUID, ReferencedSeriesSequence: [series] },
    ];
    await take(report('second', { PredecessorDocumentsSequence, ContentSequence: CONTENT.slice(0, 2) }));
    const found = await reports();
    expect(found.map(({ status, versions }) => [status, versions.map(({ event }) => event)])).toEqual([
      ['amended', ['issued', 'amended']],
    ]);
  });

  it('keep their file byte for byte when they are a PDF', async () => {
    await take(encapsulatedPdf(study));
    const version = (await reports())[0]?.versions[0];
    expect(version).toMatchObject({ title: '胸部CT检查报告', status: 'reported', source: { via: 'dicom' } });
    const bytes = await context.reports.getDocument(version?.document?.sha256 ?? '');
    const file = Buffer.from(bytes ?? []);
    expect(file.subarray(0, 5).toString()).toBe('%PDF-');
    expect(file.subarray(-6).toString()).toBe('%%EOF\n');
  });

  it('are neither measurements, nor drafts, nor what the viewer wrote', async () => {
    const others = [
      structuredReport(study, []),
      report('partial', { CompletionFlag: 'PARTIAL' }),
      report('own', { Manufacturer: 'Filmless' }),
      report('dose', {}, '1.2.840.10008.5.1.4.1.1.88.67'),
      report(
        'dose-enhanced',
        {
          ConceptNameCodeSequence: [codeItem('113701', 'DCM', 'X-Ray Radiation Dose Report')],
          ContentSequence: [...CONTENT, NUMBER],
        },
        COMPREHENSIVE,
      ),
      report(
        'tid',
        { ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: '5200' }] },
        COMPREHENSIVE,
      ),
      report('empty', { ContentSequence: [] }),
    ];
    for (const instance of others) await take(instance);
    expect(await reports()).toEqual([]);
    const template = [{ MappingResource: 'DCMR', TemplateIdentifier: '2000' }];
    await take(
      report('tid2000', { ContentTemplateSequence: template, ContentSequence: [...CONTENT, NUMBER] }, COMPREHENSIVE),
    );
    expect((await reports())[0]?.versions[0]?.text).toContain('Long Axis: 15.2 mm');
  });

  it('are not delivered where study or order are of another patient, and nothing of him is logged', async () => {
    const other = { ...study, patient: PHANTOM_PATIENTS.liXiuying };
    await node.ingest.receiveStream(Readable.from([report('image', {}, BASIC_TEXT, other).bytes]), source);
    await take(report('conflict'));
    const ordered = { ...study, seed: 'ordered', AccessionNumber: 'SR0002' };
    await context.orders.place(
      { system: 'HIS', placerNumber: '1', patient: { id: 'SOMEBODY', issuer: '' }, accessionNumber: 'SR0002' },
      'test',
    );
    await take(report('accession', {}, BASIC_TEXT, ordered));
    expect(await reports()).toEqual([]);
    const logged = JSON.stringify(node.log.lines);
    expect(logged).toContain('the study has images of another patient');
    expect(logged).toContain('the accession number is of an order for another patient');
    expect(logged).not.toContain(patientId);
    expect(logged).not.toContain('Zhang');
  });
});
