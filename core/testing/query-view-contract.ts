import { describe, expect, it } from 'vitest';
import { tagOf } from '../src/dicom/dictionary.ts';
import { IndexUnderTest, type MakeQueryIndex } from './index-under-test.ts';

const all = { kind: 'all' } as const;

/** Part of {@link queryIndexContract}: rows, totals and locators. */
export function queryViewContract(name: string, make: MakeQueryIndex): void {
  const open = () => IndexUnderTest.open(make);

  describe(`query index contract, rows: ${name}`, () => {
    it('keeps people without a Patient ID apart, and issuers too', async () => {
      const under = await open();
      under.put({ study: '1.1', instance: '1.1.1.1' }, { PatientName: 'Unknown' });
      under.put({ study: '1.2', instance: '1.2.1.1' }, { PatientName: 'Unknown', PatientID: '' });
      under.put(
        { study: '1.3', instance: '1.3.1.1' },
        { PatientID: '7', IssuerOfPatientID: 'East', StudyDate: '20260101' },
      );
      under.put(
        { study: '1.4', instance: '1.4.1.1' },
        { PatientID: '7', IssuerOfPatientID: 'West', StudyDate: '20260102' },
      );
      under.put(
        { study: '1.5', instance: '1.5.1.1' },
        { PatientID: '7', IssuerOfPatientID: 'West', StudyDate: '20260103' },
      );
      expect((await under.index.totals()).patients).toBe(4);
      expect(await under.search('PATIENT', {})).toHaveLength(4);
      expect((await under.index.study('1.2', all))?.earlier).toEqual([]);
      expect((await under.index.study('1.5', all))?.earlier.map((row) => row.StudyInstanceUID)).toEqual(['1.4']);
      expect(await under.index.instances({ PatientID: '', scope: all })).toEqual([]);
    });

    it('never puts two people under one study, even when a device gave their studies one UID', async () => {
      const under = await open();
      under.put({ study: '1.1', series: '1.1.1', instance: '1.1.1.1' }, { PatientID: 'A', PatientName: 'First' });
      under.put({ study: '1.1', series: '1.1.1', instance: '1.1.1.2' }, { PatientID: 'A', PatientName: 'First' });
      under.put({ study: '1.1', series: '1.1.2', instance: '1.1.2.1' }, { PatientID: 'B', PatientName: 'Second' });
      expect(await under.values('STUDY', 'PatientName', { PatientID: 'B' })).toEqual([{ Alphabetic: 'Second' }]);
      expect(await under.values('IMAGE', 'SOPInstanceUID', { PatientID: 'A', StudyInstanceUID: '1.1' })).toEqual([
        '1.1.1.1',
        '1.1.1.2',
      ]);
      const found = await under.index.study('1.1', all);
      expect(found?.study).toMatchObject({ PatientID: 'A', instanceCount: 2 });
      expect(found?.sameUid?.map((row) => row.PatientID)).toEqual(['B']);
      expect(
        await under.index.instances({ StudyInstanceUID: '1.1', scope: { kind: 'patient', patientId: 'B' } }),
      ).toHaveLength(1);
    });

    it('counts studies, series, instances and bytes through arrivals, repeats, replacements and deletions', async () => {
      const under = await open();
      under.put(
        { study: '1.1', series: '1.1.1', instance: '1.1.1.1', sizeBytes: 10, receivedAt: '2026-01-01T00:00:00.000Z' },
        { PatientID: 'A', Modality: 'CT', BodyPartExamined: 'HEAD' },
      );
      under.put(
        { study: '1.1', series: '1.1.1', instance: '1.1.1.2', sizeBytes: 20, receivedAt: '2026-01-03T00:00:00.000Z' },
        { PatientID: 'A', Modality: 'CT' },
      );
      under.put(
        { study: '1.1', series: '1.1.2', instance: '1.1.2.1', sizeBytes: 30, receivedAt: '2026-01-02T00:00:00.000Z' },
        { PatientID: 'A', Modality: 'SR' },
      );
      under.put(
        { study: '1.1', series: '1.1.2', instance: '1.1.2.1', sizeBytes: 30, receivedAt: '2026-01-02T00:00:00.000Z' },
        { PatientID: 'A', Modality: 'SR' },
      );
      expect(await under.index.totals()).toEqual({ patients: 1, studies: 1, series: 2, instances: 3, bytes: 60 });
      expect(under.index.projected()).toBe(3);
      expect((await under.index.study('1.1', all))?.study).toMatchObject({
        modalities: ['CT', 'SR'],
        bodyParts: ['HEAD'],
        seriesCount: 2,
        instanceCount: 3,
        sizeBytes: 60,
        receivedAt: '2026-01-03T00:00:00.000Z',
      });
      under.put(
        { study: '1.1', series: '1.1.2', instance: '1.1.2.1', sizeBytes: 5, salt: 'other' },
        { PatientID: 'A', Modality: 'PR' },
      );
      expect((await under.index.study('1.1', all))?.study).toMatchObject({
        modalities: ['CT', 'PR'],
        instanceCount: 3,
        sizeBytes: 35,
      });
      under.remove('1.1.1.1');
      under.remove('1.1.1.2');
      under.remove('1.1.1.2');
      expect((await under.index.study('1.1', all))?.study).toMatchObject({
        modalities: ['PR'],
        bodyParts: [],
        seriesCount: 1,
        instanceCount: 1,
        sizeBytes: 5,
      });
      expect((await under.index.study('1.1', all))?.series.map((row) => row.SeriesInstanceUID)).toEqual(['1.1.2']);
      expect(await under.index.facets(all)).toEqual({ modalities: { PR: 1 }, departments: {} });
      under.remove('1.1.2.1');
      expect(await under.index.totals()).toEqual({ patients: 0, studies: 0, series: 0, instances: 0, bytes: 0 });
      expect(await under.index.study('1.1', all)).toBeUndefined();
      expect(await under.list({})).toEqual({ total: 0, uids: [] });
      expect(await under.list({ text: 'A' })).toEqual({ total: 0, uids: [] });
    });

    it('moves a replaced instance to the study and the patient it belongs to now', async () => {
      const under = await open();
      under.put({ study: '1.1', instance: '9.1' }, { PatientID: 'A', PatientName: 'Wrong', StudyDate: '20260101' });
      under.put(
        { study: '1.2', instance: '9.1', salt: 'corrected' },
        { PatientID: 'B', PatientName: 'Right', StudyDate: '20260202' },
      );
      expect(await under.studies({})).toEqual(['1.2']);
      expect(await under.studies({ PatientName: 'wrong' })).toEqual([]);
      expect(await under.studies({ PatientName: 'right' })).toEqual(['1.2']);
      expect((await under.index.totals()).patients).toBe(1);
    });

    it('takes each attribute from the first instance received that has it, whatever came first to the index', async () => {
      const orders = [
        [0, 1, 2],
        [2, 1, 0],
        [1, 0, 2],
        [1, 2, 0],
      ];
      for (const order of orders) {
        const under = await open();
        const arrivals = [
          () =>
            under.put(
              { study: '1.1', instance: '1.1.1.1', receivedAt: '2026-01-01T00:00:00.000Z' },
              { PatientID: 'A', PatientName: 'Early', StudyDate: '20260101', StudyTime: '0800' },
            ),
          () =>
            under.put(
              { study: '1.1', instance: '1.1.1.2', receivedAt: '2026-01-02T00:00:00.000Z' },
              { PatientID: 'A', PatientName: 'Late', StudyDate: '20260505', StudyDescription: 'Chest' },
            ),
          () =>
            under.put(
              { study: '1.1', instance: '1.1.1.3', receivedAt: '2026-01-03T00:00:00.000Z' },
              { PatientID: 'A', StudyDescription: 'Other', AccessionNumber: 'X', IssuerOfPatientID: 'East' },
            ),
        ];
        for (const index of order) arrivals[index]?.();
        expect((await under.index.study('1.1', all))?.study, String(order)).toMatchObject({
          PatientName: 'Early',
          StudyDate: '20260101',
          StudyTime: '0800',
          StudyDescription: 'Chest',
          AccessionNumber: 'X',
          IssuerOfPatientID: 'East',
        });
        expect(await under.studies({ StudyDate: '20260101' })).toEqual(['1.1']);
        expect((await under.index.totals()).patients).toBe(1);
        under.remove('1.1.1.1');
        expect((await under.index.study('1.1', all))?.study).toMatchObject({
          PatientName: 'Late',
          StudyDate: '20260505',
          StudyTime: '',
        });
        expect(await under.list({ studyDate: '20260505' })).toEqual({ total: 1, uids: ['1.1'] });
        expect(await under.list({ studyDate: '20260101' })).toEqual({ total: 0, uids: [] });
      }
    });

    it('takes the department of the device, else what the image says', async () => {
      const under = await open();
      under.put(
        { study: '1.1', instance: '1.1.1.1', department: '放射科' },
        { InstitutionalDepartmentName: 'Other', Modality: 'CT' },
      );
      under.put({ study: '1.2', instance: '1.2.1.1' }, { InstitutionalDepartmentName: '超声科', Modality: 'US' });
      expect(await under.index.facets(all)).toEqual({
        modalities: { CT: 1, US: 1 },
        departments: { 放射科: 1, 超声科: 1 },
      });
      expect(await under.list({ departments: ['放射科'] })).toEqual({ total: 1, uids: ['1.1'] });
      expect(await under.list({ departments: ['放射科', '超声科'], modalities: ['US'] })).toEqual({
        total: 1,
        uids: ['1.2'],
      });
    });

    it('locates instances in the order they are read', async () => {
      const under = await open();
      const put = (series: string, number: number | '', instance: string, InstanceNumber: number | '') =>
        under.put(
          { study: '1.1', series, instance },
          {
            SeriesNumber: number,
            InstanceNumber,
            PatientID: 'A',
            ...(InstanceNumber === 2 ? { NumberOfFrames: 12 } : {}),
          },
        );
      put('1.1.9', 10, '5.1', 1);
      put('1.1.8', 9, '5.2', 10);
      put('1.1.8', 9, '5.3', 2);
      put('1.1.8', 9, '5.4', '');
      put('1.1.7', '', '5.5', 1);
      put('1.1.8', 9, '5.0', 10);
      const located = await under.index.instances({ StudyInstanceUID: '1.1', scope: all });
      expect(located.map((one) => one.SOPInstanceUID)).toEqual(['5.3', '5.0', '5.2', '5.4', '5.1', '5.5']);
      const uids = async (selector: object) =>
        (await under.index.instances({ scope: all, ...selector })).map((one) => one.SOPInstanceUID);
      expect(await uids({ SOPInstanceUID: ['5.1', '5.3', '5.99'] })).toEqual(['5.3', '5.1']);
      expect(await uids({ SeriesInstanceUID: '1.1.9' })).toEqual(['5.1']);
      expect(await uids({ SeriesInstanceUID: ['1.1.9', '1.1.7'], StudyInstanceUID: '1.1' })).toEqual(['5.1', '5.5']);
      expect(await uids({ StudyInstanceUID: '1.2', SOPInstanceUID: '5.1' })).toEqual([]);
      expect(await uids({ PatientID: 'A' })).toHaveLength(6);
      expect(await uids({ StudyInstanceUID: [] })).toEqual([]);
      await expect(uids({})).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
      expect(located[0]).toEqual({
        StudyInstanceUID: '1.1',
        SeriesInstanceUID: '1.1.8',
        SOPInstanceUID: '5.3',
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        transferSyntaxUID: '1.2.840.10008.1.2.1',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        sizeBytes: 1000,
        datasetOffsetBytes: 350,
        InstanceNumber: 2,
        NumberOfFrames: 12,
      });
      expect(located[3]).toMatchObject({ InstanceNumber: null, NumberOfFrames: 1 });
    });

    it('keeps its position with its rows, and starts anew when cleared', async () => {
      const under = await open();
      expect(under.index.position()).toBe('');
      under.put({ study: '1.1', instance: '1.1.1.1' }, { PatientName: 'A' });
      expect(under.index.position()).toBe('1');
      under.index.apply([], '17-x');
      expect(under.index.position()).toBe('17-x');
      await under.index.settled();
      under.index.clear();
      expect(under.index.position()).toBe('');
      expect(await under.list({})).toEqual({ total: 0, uids: [] });
      under.put({ study: '1.1', instance: '1.1.1.1' }, { PatientName: 'A' });
      expect(await under.studies({ PatientName: 'a' })).toEqual(['1.1']);
      expect(
        await under.values('STUDY', 'NumberOfStudyRelatedInstances', { [tagOf('StudyInstanceUID')]: '1.1' }),
      ).toEqual([1]);
    });

    it('lists an instance whose attributes make no sense', async () => {
      const under = await open();
      under.put(
        { study: '1.1', instance: '1.1.1.1' },
        {
          StudyDate: 'yesterday',
          StudyTime: '99',
          SeriesNumber: 'one',
          InstanceNumber: 'two',
          PatientName: '^^^=',
          NumberOfFrames: 'many',
        },
      );
      expect(await under.studies({})).toEqual(['1.1']);
      expect(await under.studies({ StudyDate: '19000101-' })).toEqual([]);
      expect(await under.index.instances({ StudyInstanceUID: '1.1', scope: all })).toMatchObject([
        { InstanceNumber: null, NumberOfFrames: 1 },
      ]);
    });

    it('answers UNAVAILABLE when closed', async () => {
      const under = await open();
      await under.index.close();
      await expect(under.studies({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
  });
}
