import { describe, expect, it } from 'vitest';
import { tagOf } from '../src/dicom/dictionary.ts';
import type { QueryLevel } from '../src/query/contract.ts';
import { IndexUnderTest, type MakeQueryIndex } from './index-under-test.ts';
import { queryListContract } from './query-list-contract.ts';
import { type QueryValues, queryKeys } from './query-records.ts';
import { queryViewContract } from './query-view-contract.ts';

const all = { kind: 'all' } as const;

/** What every query index keeps to. */
export function queryIndexContract(name: string, make: MakeQueryIndex): void {
  const open = () => IndexUnderTest.open(make);
  const withStudies = async (...studies: QueryValues[]) => {
    const under = await open();
    for (const [index, values] of studies.entries())
      under.put({ study: `1.${index + 1}`, instance: `1.${index + 1}.1.1` }, values);
    return under;
  };

  describe(`query index contract: ${name}`, () => {
    describe('matching', () => {
      it('matches single values, lists, wildcards and nothing at all', async () => {
        const under = await withStudies(
          { PatientID: 'A-1', AccessionNumber: 'CT1', StudyDescription: 'Head plain' },
          { PatientID: 'A-2', AccessionNumber: 'CT12', StudyDescription: 'Head contrast' },
          { PatientID: 'B1', AccessionNumber: 'MR1' },
        );
        expect(await under.studies({ PatientID: 'A-1' })).toEqual(['1.1']);
        expect(await under.studies({ PatientID: 'a-1' })).toEqual([]);
        expect(await under.studies({ PatientID: 'A-*' })).toEqual(['1.1', '1.2']);
        expect(await under.studies({ PatientID: 'A-?' })).toEqual(['1.1', '1.2']);
        expect(await under.studies({ PatientID: '*1' })).toEqual(['1.1', '1.3']);
        expect(await under.studies({ AccessionNumber: 'CT1' })).toEqual(['1.1']);
        expect(await under.studies({ AccessionNumber: 'CT1*' })).toEqual(['1.1', '1.2']);
        expect(await under.studies({ AccessionNumber: 'CT?*' })).toEqual(['1.1', '1.2']);
        expect(await under.studies({ StudyDescription: '*contrast' })).toEqual(['1.2']);
        expect(await under.studies({ StudyDescription: '*' })).toEqual(['1.1', '1.2', '1.3']);
        expect(await under.studies({ StudyDescription: '' })).toEqual(['1.1', '1.2', '1.3']);
        expect(await under.studies({ StudyInstanceUID: '1.1\\1.3\\1.9' })).toEqual(['1.1', '1.3']);
        expect(await under.studies({ PatientID: 'A-*', AccessionNumber: 'CT12' })).toEqual(['1.2']);
        expect(await under.studies({ PatientID: '100%' })).toEqual([]);
      });

      it('matches dates, times and ranges of them', async () => {
        const under = await withStudies(
          { StudyDate: '20260101', StudyTime: '080000' },
          { StudyDate: '20260102', StudyTime: '103059.5' },
          { StudyDate: '20260103', StudyTime: '2359' },
          {},
        );
        expect(await under.studies({ StudyDate: '20260102' })).toEqual(['1.2']);
        expect(await under.studies({ StudyDate: '20260102-20260103' })).toEqual(['1.2', '1.3']);
        expect(await under.studies({ StudyDate: '-20260102' })).toEqual(['1.1', '1.2']);
        expect(await under.studies({ StudyDate: '20260103-' })).toEqual(['1.3']);
        expect(await under.studies({ StudyTime: '1030' })).toEqual(['1.2']);
        expect(await under.studies({ StudyTime: '08-1030' })).toEqual(['1.1', '1.2']);
        expect(await under.studies({ StudyTime: '1031-' })).toEqual(['1.3']);
        const moments = { StudyDate: '20260101-20260103', StudyTime: '1030-0900' };
        expect(await under.studies(moments)).toEqual(['1.2']);
        const apart = { StudyDate: '20260101-20260103', StudyTime: '0900-2300' };
        expect(await under.studies(apart)).toEqual(['1.2']);
        expect(await under.studies({ StudyDate: '20260101-20260103', StudyTime: '0700-2300' })).toEqual(['1.1', '1.2']);
        expect(await under.studies({ StudyDate: '20260102-20260103', StudyTime: '1100-2359' })).toEqual(['1.3']);
        expect(
          await under.studies({ StudyDate: '20260102-20260103', StudyTime: '0700-1100' }, { combinedDateTime: false }),
        ).toEqual(['1.2']);
      });

      it('refuses keys that are no values of their kind, and says which', async () => {
        const under = await withStudies({});
        const wrong: QueryValues[] = [
          { StudyDate: '2026*' },
          { StudyDate: '2026-01-02' },
          { StudyTime: '25' },
          { NumberOfStudyRelatedSeries: 'x' },
        ];
        for (const keys of wrong) {
          await expect(under.studies(keys)).rejects.toMatchObject({
            code: 'QUERY_INVALID_KEY',
            detail: expect.stringContaining(Object.keys(keys)[0] ?? ''),
          });
        }
        await expect(under.studies({ StudyInstanceUID: '1.2*' })).rejects.toMatchObject({ code: 'QUERY_INVALID_KEY' });
        await expect(under.search('STUDY', {}, { include: ['PatientName'] })).rejects.toMatchObject({
          code: 'QUERY_INVALID_KEY',
        });
        await expect(under.search('STUDY', {}, { keys: { patientName: { vr: 'PN' } } })).rejects.toMatchObject({
          code: 'QUERY_INVALID_KEY',
        });
      });

      it('finds names in any component group, whatever the case', async () => {
        const under = await withStudies(
          { PatientName: 'Zhang^Xiaoming=张^小明' },
          { PatientName: '张^三' },
          { PatientName: 'MÜLLER^Jürgen' },
          { PatientName: 'Yamada^Tarou=山田^太郎=やまだ^たろう' },
          {},
        );
        expect(await under.studies({ PatientName: 'zhang^xiaoming' })).toEqual(['1.1']);
        expect(await under.studies({ PatientName: 'ZHANG*' })).toEqual(['1.1']);
        expect(await under.studies({ PatientName: 'Zhang' })).toEqual([]);
        expect(await under.studies({ PatientName: '张*' })).toEqual(['1.1', '1.2']);
        expect(await under.studies({ PatientName: '*小明*' })).toEqual(['1.1']);
        expect(await under.studies({ PatientName: '*明' })).toEqual(['1.1']);
        expect(await under.studies({ PatientName: '张小明' })).toEqual(['1.1']);
        expect(await under.studies({ PatientName: '张?明' })).toEqual(['1.1']);
        expect(await under.studies({ PatientName: 'muller*' })).toEqual(['1.3']);
        expect(await under.studies({ PatientName: '*rg*' })).toEqual(['1.3']);
        expect(await under.studies({ PatientName: 'やまだ*' })).toEqual(['1.4']);
        expect(await under.studies({ PatientName: 'Yamada*=山*' })).toEqual(['1.4']);
        expect(await under.studies({ PatientName: 'Yamada*=张*' })).toEqual([]);
        expect(await under.studies({ PatientName: '*' })).toHaveLength(5);
        expect(await under.studies({ PatientName: '?*' })).toHaveLength(4);
      });

      it('finds names fuzzily by pinyin, initials and words in any order', async () => {
        const under = await withStudies(
          { PatientName: '单^雄信' },
          { PatientName: '曾国藩' },
          { PatientName: 'Wang^Xiao Ming' },
          { PatientName: '吕^布' },
        );
        const fuzzy = (PatientName: string) => under.studies({ PatientName }, { fuzzyMatching: true });
        expect(await fuzzy('shan')).toEqual(['1.1']);
        expect(await fuzzy('danxiongxin')).toEqual(['1.1']);
        expect(await fuzzy('sxx')).toEqual(['1.1']);
        expect(await fuzzy('zengguofan')).toEqual(['1.2']);
        expect(await fuzzy('zgf')).toEqual(['1.2']);
        expect(await fuzzy('xiao wang')).toEqual(['1.3']);
        expect(await fuzzy('Wang Ming')).toEqual(['1.3']);
        expect(await fuzzy('lvbu')).toEqual(['1.4']);
        expect(await fuzzy('lubu')).toEqual(['1.4']);
        expect(await fuzzy('wang*')).toEqual(['1.3']);
        expect(await under.studies({ PatientName: 'shan' })).toEqual([]);
      });

      it('matches the attributes of a study that come from its series, and sequences', async () => {
        const under = await open();
        under.put({ study: '1.1', series: '1.1.1', instance: '1.1.1.1' }, { Modality: 'CT', BodyPartExamined: 'HEAD' });
        under.put(
          { study: '1.1', series: '1.1.2', instance: '1.1.2.1', SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.11' },
          {
            Modality: 'SR',
            RequestAttributesSequence: [{ [tagOf('RequestedProcedureID')]: { vr: 'SH', Value: ['RP1'] } }],
          },
        );
        under.put({ study: '1.2', instance: '1.2.1.1' }, { Modality: 'MR' });
        expect(await under.studies({ ModalitiesInStudy: 'CT' })).toEqual(['1.1']);
        expect(await under.studies({ ModalitiesInStudy: 'SR\\MR' })).toEqual(['1.1', '1.2']);
        expect(await under.studies({ Modality: 'MR' })).toEqual(['1.2']);
        expect(await under.studies({ SOPClassesInStudy: '1.2.840.10008.5.1.4.1.1.88.11' })).toEqual(['1.1']);
        expect(await under.studies({ NumberOfStudyRelatedSeries: 2 })).toEqual(['1.1']);
        const requested = (id: string) => ({
          RequestAttributesSequence: [{ [tagOf('RequestedProcedureID')]: { vr: 'SH', Value: [id] } }],
        });
        expect(await under.values('SERIES', 'SeriesInstanceUID', requested('RP1'))).toEqual(['1.1.2']);
        expect(await under.values('SERIES', 'SeriesInstanceUID', requested('RP*'))).toEqual(['1.1.2']);
        expect(await under.values('SERIES', 'SeriesInstanceUID', requested('RP2'))).toEqual([]);
      });

      it('answers keys it does not know with no value, and matches everything', async () => {
        const under = await withStudies({ PatientID: 'A' });
        const [found] = await under.search('STUDY', {
          PatientID: 'A',
          TimezoneOffsetFromUTC: '+0800',
          SpecificCharacterSet: 'ISO_IR 192',
          ContrastBolusAgent: 'Iodine',
          SeriesDescription: 'x',
        });
        expect(found?.[tagOf('ContrastBolusAgent')]).toEqual({ vr: 'LO' });
        expect(found?.[tagOf('SeriesDescription')]).toEqual({ vr: 'LO' });
      });
    });

    describe('levels', () => {
      const hospital = async () => {
        const under = await open();
        const patient = { PatientID: 'P1', PatientName: 'Li^Na=李^娜', PatientSex: 'F', PatientBirthDate: '19800101' };
        const study = { ...patient, StudyDate: '20260105', AccessionNumber: 'A1', ReferringPhysicianName: 'Dr^Who' };
        for (const [number, series] of [
          [2, '1.1.2'],
          [1, '1.1.1'],
        ] as const) {
          for (const instance of [3, 1, 2]) {
            under.put(
              { study: '1.1', series, instance: `${series}.${instance}` },
              { ...study, Modality: 'CT', SeriesNumber: number, InstanceNumber: instance, Rows: 512, WindowCenter: 40 },
            );
          }
        }
        under.put(
          { study: '1.2', instance: '1.2.1.1' },
          { ...patient, StudyDate: '20260106', Modality: 'MR', PatientName: 'Li^Nana' },
        );
        return under;
      };

      it('answers patients with what all their studies hold', async () => {
        const under = await hospital();
        const [found, ...others] = await under.search('PATIENT', {
          PatientID: 'P1',
          NumberOfPatientRelatedStudies: '',
          NumberOfPatientRelatedInstances: '',
        });
        expect(others).toEqual([]);
        expect(found).toMatchObject({
          [tagOf('PatientID')]: { vr: 'LO', Value: ['P1'] },
          [tagOf('PatientSex')]: { vr: 'CS', Value: ['F'] },
          [tagOf('PatientBirthDate')]: { vr: 'DA', Value: ['19800101'] },
          [tagOf('NumberOfPatientRelatedStudies')]: { vr: 'IS', Value: [2] },
          [tagOf('NumberOfPatientRelatedInstances')]: { vr: 'IS', Value: [7] },
        });
      });

      it('finds a patient by each of its names, and tells it by the one asked for', async () => {
        const under = await hospital();
        const name = (pattern: string) => under.values('PATIENT', 'PatientName', { PatientName: pattern });
        expect(await name('李*')).toEqual([{ Alphabetic: 'Li^Na', Ideographic: '李^娜' }]);
        expect(await name('*nana')).toEqual([{ Alphabetic: 'Li^Nana' }]);
        expect(await name('Li^N*')).toHaveLength(1);
        expect(await under.values('STUDY', 'PatientName', { StudyInstanceUID: '1.2' })).toEqual([
          { Alphabetic: 'Li^Nana' },
        ]);
      });

      it('answers the required attributes of every level, without value where there is none', async () => {
        const under = await hospital();
        const required: [QueryLevel, string[]][] = [
          ['PATIENT', ['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex']],
          [
            'STUDY',
            [
              'StudyDate',
              'StudyTime',
              'AccessionNumber',
              'ModalitiesInStudy',
              'ReferringPhysicianName',
              'PatientName',
              'PatientID',
              'PatientBirthDate',
              'PatientSex',
              'StudyInstanceUID',
              'StudyID',
              'NumberOfStudyRelatedSeries',
              'NumberOfStudyRelatedInstances',
            ],
          ],
          [
            'SERIES',
            [
              'Modality',
              'SeriesDescription',
              'SeriesInstanceUID',
              'SeriesNumber',
              'NumberOfSeriesRelatedInstances',
              'PerformedProcedureStepStartDate',
              'PerformedProcedureStepStartTime',
              'RequestAttributesSequence',
              'StudyInstanceUID',
            ],
          ],
          [
            'IMAGE',
            ['SOPClassUID', 'SOPInstanceUID', 'InstanceNumber', 'Rows', 'StudyInstanceUID', 'SeriesInstanceUID'],
          ],
        ];
        for (const [level, keywords] of required) {
          const [found] = await under.search(level, level === 'PATIENT' ? {} : { StudyInstanceUID: '1.1' });
          for (const keyword of keywords)
            expect(Object.keys(found ?? {}), `${level} ${keyword}`).toContain(tagOf(keyword));
        }
        const [study] = await under.search('STUDY', { StudyInstanceUID: '1.1' });
        expect(study?.[tagOf('StudyID')]).toEqual({ vr: 'SH' });
        expect(study?.[tagOf('NumberOfStudyRelatedInstances')]).toEqual({ vr: 'IS', Value: [6] });
        expect(study?.[tagOf('ReferringPhysicianName')]).toEqual({ vr: 'PN', Value: [{ Alphabetic: 'Dr^Who' }] });
        const [series] = await under.search('SERIES', {});
        expect(series?.[tagOf('PatientID')], 'without a study, its attributes come too').toEqual({
          vr: 'LO',
          Value: ['P1'],
        });
      });

      it('orders series and instances by their numbers', async () => {
        const under = await hospital();
        expect(await under.values('SERIES', 'SeriesInstanceUID', { StudyInstanceUID: '1.1' })).toEqual([
          '1.1.1',
          '1.1.2',
        ]);
        expect(
          await under.values('IMAGE', 'SOPInstanceUID', { StudyInstanceUID: '1.1', SeriesInstanceUID: '1.1.2' }),
        ).toEqual(['1.1.2.1', '1.1.2.2', '1.1.2.3']);
        expect(await under.values('IMAGE', 'SOPInstanceUID', { SOPInstanceUID: '1.1.2.3\\1.1.1.1' })).toEqual([
          '1.1.1.1',
          '1.1.2.3',
        ]);
        expect(await under.values('IMAGE', 'SOPInstanceUID', { PatientID: 'P1', InstanceNumber: 2 })).toEqual([
          '1.1.1.2',
          '1.1.2.2',
        ]);
        expect(await under.values('SERIES', 'SeriesInstanceUID', { Modality: 'MR', PatientName: 'Li*' })).toEqual([
          '1.2.1',
        ]);
      });

      it('answers any attribute of the header at IMAGE level', async () => {
        const under = await hospital();
        const one = { SOPInstanceUID: '1.1.1.1' };
        expect(await under.values('IMAGE', 'WindowCenter', one, { include: [tagOf('WindowCenter')] })).toEqual([40]);
        expect(await under.values('IMAGE', 'WindowCenter', { ...one, WindowCenter: '' })).toEqual([40]);
        const [everything] = await under.search('IMAGE', one, { include: 'all' });
        expect(everything?.[tagOf('WindowCenter')]?.Value).toEqual([40]);
        expect(everything?.[tagOf('PatientName')]?.Value).toEqual([{ Alphabetic: 'Li^Na', Ideographic: '李^娜' }]);
        const [plain] = await under.search('IMAGE', one);
        expect(plain).not.toHaveProperty(tagOf('WindowCenter'));
      });

      it('refuses levels and keys that make no sense', async () => {
        const under = await hospital();
        const nonsense: [QueryLevel, QueryValues][] = [
          ['STUDY', { SeriesInstanceUID: '1.1.1' }],
          ['SERIES', { SOPInstanceUID: '1.1.1.1' }],
          ['PATIENT', { StudyInstanceUID: '1.1' }],
          ['STUDY', { QueryRetrieveLevel: 'SERIES' }],
        ];
        for (const [level, keys] of nonsense)
          await expect(under.search(level, keys)).rejects.toMatchObject({ code: 'QUERY_LEVEL_INVALID' });
        const level = JSON.parse('"FRAME"') as QueryLevel;
        await expect(under.search(level, {})).rejects.toMatchObject({ code: 'QUERY_LEVEL_INVALID' });
        expect(await under.search('STUDY', { SeriesInstanceUID: '', QueryRetrieveLevel: 'STUDY' })).toHaveLength(2);
      });

      it('pages in a stable order, newest first, and counts', async () => {
        const under = await open();
        for (let day = 1; day <= 9; day++)
          under.put(
            { study: `1.${day}`, instance: `1.${day}.1.1` },
            { PatientID: `P${day % 2}`, StudyDate: `2026010${day}` },
          );
        const pages = [];
        for (let offset = 0; offset < 9; offset += 4)
          pages.push(...(await under.values('STUDY', 'StudyInstanceUID', {}, { limit: 4, offset })));
        expect(pages).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1].map((day) => `1.${day}`));
        expect(await under.values('PATIENT', 'PatientID', {}, { limit: 1, offset: 1 })).toEqual(['P0']);
        const count = (level: QueryLevel, keys: QueryValues) =>
          under.index.count({ level, keys: queryKeys(keys), include: [], limit: 1, offset: 3, scope: all });
        expect(await count('STUDY', {})).toBe(9);
        expect(await count('STUDY', { StudyDate: '20260102-20260104' })).toBe(3);
        expect(await count('PATIENT', {})).toBe(2);
        await expect(under.search('STUDY', {}, { limit: -1 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
        expect(await under.search('STUDY', {}, { limit: 0 })).toEqual([]);
        expect(await under.search('STUDY', {}, { limit: Number.POSITIVE_INFINITY })).toHaveLength(9);
      });
    });
  });
  queryViewContract(name, make);
  queryListContract(name, make);
}
