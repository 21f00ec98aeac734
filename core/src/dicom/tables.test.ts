import { describe, expect, it } from 'vitest';
import {
  DIMSE_STATUS,
  findTag,
  firstNumber,
  firstString,
  formatPersonName,
  isAcceptableUid,
  isValidUid,
  items,
  keywordOf,
  newUid,
  parsePersonName,
  personName,
  SOP_CLASS,
  STORAGE_SOP_CLASSES,
  statusCategory,
  statusName,
  storageSopClass,
  strings,
  TRANSFER_SYNTAXES,
  tagOf,
  transferSyntax,
  vrOf,
} from './index.ts';

describe('dictionary', () => {
  it('knows keywords, tags and VRs both ways', () => {
    expect(tagOf('PatientName')).toBe('00100010');
    expect(keywordOf('0020000D')).toBe('StudyInstanceUID');
    expect(vrOf('00080060')).toBe('CS');
    expect(vrOf('7FE00010')).toBe('OW');
    expect(vrOf('00280106')).toBe('US');
    expect(tagOf('00091001')).toBe('00091001');
  });

  it('knows repeating groups, private creators and what nobody knows', () => {
    expect(keywordOf('60020010')).toBe('OverlayRows');
    expect(vrOf('00090010')).toBe('LO');
    expect(vrOf('00091001')).toBe('UN');
    expect(keywordOf('00091001')).toBeUndefined();
  });

  it('gives retired keywords too, and refuses what is none', () => {
    expect(tagOf('OtherPatientIDs')).toBe('00101000');
    expect(() => tagOf('PatientsName')).toThrow(TypeError);
    expect(findTag('PatientsName')).toBeUndefined();
    expect(findTag('0020000d')).toBe('0020000D');
  });
});

describe('values of a data set', () => {
  const dataset = {
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Li^Na', Ideographic: '李^娜' }] },
    '00080061': { vr: 'CS', Value: ['CT', null, 'MR'] },
    '00200013': { vr: 'IS', Value: [7] },
    '00180050': { vr: 'DS', Value: ['thin'] },
    '00081110': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: ['1.2'] } }] },
    '00080050': { vr: 'SH' },
  };

  it('are given by keyword', () => {
    expect(firstString(dataset, 'PatientName')).toBe('Li^Na=李^娜');
    expect(personName(dataset, 'PatientName')).toEqual({ Alphabetic: 'Li^Na', Ideographic: '李^娜' });
    expect(strings(dataset, 'ModalitiesInStudy')).toEqual(['CT', '', 'MR']);
    expect(firstNumber(dataset, 'InstanceNumber')).toBe(7);
    expect(firstString(dataset, 'InstanceNumber')).toBe('7');
    expect(items(dataset, 'ReferencedStudySequence')).toHaveLength(1);
  });

  it('are undefined when absent, empty or of another kind', () => {
    expect(firstString(dataset, 'AccessionNumber')).toBeUndefined();
    expect(firstString(dataset, 'PatientID')).toBeUndefined();
    expect(firstNumber(dataset, 'SliceThickness')).toBeUndefined();
    expect(personName(dataset, 'ReferencedStudySequence')).toBeUndefined();
    expect(items(dataset, 'PatientName')).toEqual([]);
  });

  it.each(['Li^Na=李^娜', '=李^娜', 'Li^Na==リ^ナ', 'Li^Na'])('name %s is taken apart and put together', (text) => {
    expect(formatPersonName(parsePersonName(text))).toBe(text);
  });
});

describe('unique identifiers', () => {
  it('are new each time and valid', () => {
    const uids = Array.from({ length: 100 }, newUid);
    expect(new Set(uids).size).toBe(100);
    expect(uids.every(isValidUid)).toBe(true);
  });

  it('are judged by PS3.5 9.1, and more kindly when received', () => {
    for (const uid of ['1', '1.02', '1..2', '1.2.', 'a.b', '', `1.${'2'.repeat(63)}`])
      expect(isValidUid(uid)).toBe(false);
    for (const uid of ['1.02', 'dccc9599', `1.${'2'.repeat(80)}`]) expect(isAcceptableUid(uid)).toBe(true);
    for (const uid of ['', '.1', '1/2', '../1', '1 2', '1'.repeat(129), '_design'])
      expect(isAcceptableUid(uid)).toBe(false);
  });
});

describe('tables', () => {
  it('have valid and distinct UIDs', () => {
    for (const table of [TRANSFER_SYNTAXES, STORAGE_SOP_CLASSES]) {
      expect(table.every(({ uid }) => isValidUid(uid))).toBe(true);
      expect(new Set(table.map(({ uid }) => uid)).size).toBe(table.length);
    }
    expect(Object.values(SOP_CLASS).every(isValidUid)).toBe(true);
    expect(Object.values(SOP_CLASS).some((uid) => storageSopClass(uid) !== undefined)).toBe(false);
  });

  it('say what matters of a transfer syntax', () => {
    expect(transferSyntax('1.2.840.10008.1.2.4.50')).toMatchObject({ kind: 'encapsulated', lossless: false });
    expect(transferSyntax('1.2.840.10008.1.2.2')).toMatchObject({ bigEndian: true, retired: true });
    expect(transferSyntax('1.2.3')).toBeUndefined();
  });

  it('name and sort status codes', () => {
    expect(statusName(0xa700)).toBe('OutOfResources');
    expect(statusName(0xc123)).toBe('CannotUnderstand');
    expect(statusName(0x0122)).toBe('SOPClassNotSupported');
    expect(statusName(0xa799)).toBe('OutOfResources');
    expect(statusCategory(DIMSE_STATUS.Pending)).toBe('pending');
    expect(statusCategory(DIMSE_STATUS.Cancel)).toBe('cancel');
    expect(statusCategory(0xb000)).toBe('warning');
    expect(statusCategory(0xa900)).toBe('failure');
    expect(statusCategory(0)).toBe('success');
  });
});
