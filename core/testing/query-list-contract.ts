import { describe, expect, it } from 'vitest';
import type { AccessScope } from '../src/security/contract.ts';
import { IndexUnderTest, type MakeQueryIndex } from './index-under-test.ts';
import { queryKeys } from './query-records.ts';

/** Part of {@link queryIndexContract}: the staff's study list, and scopes. */
export function queryListContract(name: string, make: MakeQueryIndex): void {
  const open = () => IndexUnderTest.open(make);

  describe(`query index contract, study list and scopes: ${name}`, () => {
    it('finds in one field names, pinyin, initials and the beginnings of numbers; several words all have to be there', async () => {
      const under = await open();
      under.put(
        { study: '1.1', instance: '1.1.1.1' },
        {
          PatientName: 'Zhang^Xiaoming=张^小明',
          PatientID: 'P-100',
          AccessionNumber: 'CT2026',
          StudyID: '55',
          StudyDate: '20260101',
        },
      );
      under.put(
        { study: '1.2', instance: '1.2.1.1' },
        { PatientName: '仇^英', PatientID: 'P-200', AccessionNumber: 'MR2026', StudyDate: '20260102' },
      );
      const find = async (text: string) => (await under.list({ text })).uids;
      for (const text of [
        '小明',
        '张小明',
        '张',
        'zhang',
        'xiaom',
        'iaomi',
        'zxm',
        'xm',
        'P-1',
        'p100',
        'CT20',
        '55',
        '张 CT',
        'zxm p-100',
        'zhang^xiao',
        '张小明 zhang',
      ]) {
        expect(await find(text), text).toEqual(['1.1']);
      }
      for (const text of ['qiu', 'qy', 'qiuying', '英', 'mr2026', 'chou'])
        expect(await find(text), text).toEqual(['1.2']);
      for (const text of ['P-', '2026'] as const)
        expect(await find(text), text).toEqual(text === 'P-' ? ['1.2', '1.1'] : []);
      for (const text of ['张 MR', '明小', 'ming zhao', '"', '-', '* OR *', '100'])
        expect(await find(text), text).toEqual([]);
      expect(await find('  ')).toEqual(['1.2', '1.1']);
      expect((await under.list({ patientName: 'CT2026' })).uids).toEqual([]);
      expect((await under.list({ patientName: 'zhang' })).uids).toEqual(['1.1']);
    });

    it('filters and orders the study list', async () => {
      const under = await open();
      const put = (number: number, name: string, date: string, receivedAt: string) =>
        under.put(
          { study: `1.${number}`, instance: `1.${number}.1.1`, receivedAt },
          {
            PatientName: name,
            PatientID: `P${number}`,
            AccessionNumber: `A${number}`,
            StudyDate: date,
            Modality: number === 2 ? 'MR' : 'CT',
          },
        );
      put(1, '王^伟', '20260103', '2026-02-01T00:00:00.000Z');
      put(2, 'Chen^Li', '20260101', '2026-02-03T00:00:00.000Z');
      put(3, '李^娜', '20260102', '2026-02-02T00:00:00.000Z');
      put(12, 'Adams', '', '2026-02-04T00:00:00.000Z');
      const order = async (orderBy: NonNullable<Parameters<typeof under.list>[0]['orderBy']>) =>
        (await under.list({ orderBy })).uids;
      expect(await order('-StudyDate')).toEqual(['1.1', '1.3', '1.2', '1.12']);
      expect(await order('StudyDate')).toEqual(['1.12', '1.2', '1.3', '1.1']);
      expect(await order('PatientName')).toEqual(['1.12', '1.2', '1.3', '1.1']);
      expect(await order('-PatientName')).toEqual(['1.1', '1.3', '1.2', '1.12']);
      expect(await order('receivedAt')).toEqual(['1.1', '1.3', '1.2', '1.12']);
      expect(await order('-receivedAt')).toEqual(['1.12', '1.2', '1.3', '1.1']);
      expect(await under.list({ patientId: 'P1' })).toEqual({ total: 1, uids: ['1.1'] });
      expect(await under.list({ patientId: 'P1*', orderBy: 'StudyDate' })).toEqual({ total: 2, uids: ['1.12', '1.1'] });
      expect(await under.list({ accessionNumber: 'A3', text: 'li' })).toEqual({ total: 1, uids: ['1.3'] });
      expect(await under.list({ accessionNumber: 'A3', text: 'wang' })).toEqual({ total: 0, uids: [] });
      expect(await under.list({ studyDate: '20260102-20260103', modalities: ['CT'] })).toEqual({
        total: 2,
        uids: ['1.1', '1.3'],
      });
      expect(await under.list({ modalities: ['CT', 'MR'], limit: 1, offset: 2 })).toEqual({ total: 4, uids: ['1.2'] });
      expect(await under.list({ text: 'li', orderBy: 'PatientName' })).toEqual({ total: 2, uids: ['1.2', '1.3'] });
      await expect(under.list({ studyDate: 'January' })).rejects.toMatchObject({ code: 'QUERY_INVALID_KEY' });
    });

    it('keeps every read within its scope, counts too', async () => {
      const under = await open();
      for (const study of [1, 2, 3]) {
        under.put(
          { study: `1.${study}`, instance: `1.${study}.1.1` },
          {
            PatientID: study < 3 ? 'A' : '',
            PatientName: 'Li^Na',
            Modality: 'CT',
            StudyDate: `2026010${study}`,
            AccessionNumber: study < 3 ? `ACC${study}` : '',
            InstitutionalDepartmentName: study < 3 ? '放射科' : '',
          },
        );
      }
      const scopes: [AccessScope, string[]][] = [
        [{ kind: 'none' }, []],
        [{ kind: 'studies', studyInstanceUids: ['1.2', '1.9'] }, ['1.2']],
        [{ kind: 'studies', studyInstanceUids: [] }, []],
        [{ kind: 'patient', patientId: 'A' }, ['1.1', '1.2']],
        [{ kind: 'patient', patientId: '' }, []],
        [{ kind: 'patient', patientId: 'A', issuerOfPatientId: 'elsewhere' }, []],
        [{ kind: 'patients', patientIds: ['A', 'B', ''] }, ['1.1', '1.2']],
        [{ kind: 'accession', accessionNumber: 'ACC2' }, ['1.2']],
        [{ kind: 'accession', accessionNumber: '' }, []],
        [{ kind: 'departments', departments: ['放射科'] }, ['1.1', '1.2']],
        [{ kind: 'departments', departments: [''] }, []],
        [{ kind: 'any-of', scopes: [] }, []],
        [
          {
            kind: 'any-of',
            scopes: [
              { kind: 'accession', accessionNumber: 'ACC1' },
              { kind: 'studies', studyInstanceUids: ['1.2'] },
            ],
          },
          ['1.1', '1.2'],
        ],
        [
          {
            kind: 'all-of',
            scopes: [
              { kind: 'patient', patientId: 'A' },
              { kind: 'any-of', scopes: [{ kind: 'accession', accessionNumber: 'ACC2' }] },
              { kind: 'except-patients', patientIds: ['B'] },
            ],
          },
          ['1.2'],
        ],
      ];
      for (const [scope, visible] of scopes) {
        const about = JSON.stringify(scope);
        expect(await under.studies({}, { scope }), about).toEqual(visible);
        expect(await under.studies({ PatientName: 'li*' }, { scope }), about).toEqual(visible);
        expect(await under.studies({ PatientID: 'A', StudyDate: '2026010' + '1-20260103' }, { scope }), about).toEqual(
          visible,
        );
        expect(
          await under.index.count({
            level: 'IMAGE',
            keys: queryKeys({ Modality: 'CT' }),
            include: [],
            limit: 1,
            offset: 0,
            scope,
          }),
          about,
        ).toBe(visible.length);
        for (const filter of [
          {},
          { text: 'lina' },
          { modalities: ['CT'] },
          { patientId: 'A' },
          { studyDate: '20260101-' },
        ]) {
          const { total, items } = await under.index.studies({
            ...filter,
            limit: 10,
            offset: 0,
            orderBy: 'StudyDate',
            scope,
          });
          expect([total, items.map((row) => row.StudyInstanceUID)], `${about} ${JSON.stringify(filter)}`).toEqual([
            visible.length,
            visible,
          ]);
        }
        for (const study of ['1.1', '1.2', '1.3']) {
          expect((await under.index.study(study, scope))?.study.StudyInstanceUID, about).toBe(
            visible.includes(study) ? study : undefined,
          );
          expect(await under.index.instances({ StudyInstanceUID: study, scope }), about).toHaveLength(
            visible.includes(study) ? 1 : 0,
          );
          expect(await under.index.instances({ SOPInstanceUID: `${study}.1.1`, scope }), about).toHaveLength(
            visible.includes(study) ? 1 : 0,
          );
        }
        expect((await under.index.facets(scope)).modalities['CT'] ?? 0, about).toBe(visible.length);
        const related = await under.values(
          'PATIENT',
          'NumberOfPatientRelatedStudies',
          { NumberOfPatientRelatedStudies: '' },
          { scope },
        );
        expect(related, about).toEqual(visible.length > 0 ? [visible.length] : []);
        const counted = await under.search('PATIENT', { NumberOfPatientRelatedStudies: 2 }, { scope });
        expect(counted, about).toHaveLength(visible.length === 2 ? 1 : 0);
      }
      expect((await under.index.study('1.2', { kind: 'studies', studyInstanceUids: ['1.2'] }))?.earlier).toEqual([]);
    });

    it('leaves out patients without miscounting the rest', async () => {
      const under = await open();
      for (const [study, PatientID] of [
        ['1.1', 'A'],
        ['1.2', 'B'],
        ['1.3', ''],
        ['1.4', 'C'],
      ] as const)
        under.put({ study, instance: `${study}.1.1` }, { PatientID, Modality: 'CT', StudyDate: '20260101' });
      const scope: AccessScope = { kind: 'except-patients', patientIds: ['A', 'C', ''] };
      for (const filter of [{}, { modalities: ['CT'] }, { studyDate: '20260101' }]) {
        const { total, items } = await under.index.studies({ ...filter, limit: 1, offset: 0, scope });
        expect([total, items.length], JSON.stringify(filter)).toEqual([2, 1]);
      }
      expect((await under.index.studies({ patientId: 'A', limit: 9, offset: 0, scope })).total).toBe(0);
      expect((await under.studies({}, { scope })).sort()).toEqual(['1.2', '1.3']);
      expect((await under.index.facets(scope)).modalities).toEqual({ CT: 2 });
    });
  });
}
