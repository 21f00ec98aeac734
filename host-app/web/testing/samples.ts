import type { StudyRow } from '../api/studies.ts';

/** A study of an invented patient. */
export function sampleStudy(index: number, changes: Partial<StudyRow> = {}): StudyRow {
  return {
    StudyInstanceUID: `1.2.3.${index}`,
    PatientName: `ZHANG^WEI${index}`,
    PatientNameIdeographic: `张^伟${index}`,
    PatientID: `P${String(index).padStart(6, '0')}`,
    PatientSex: index % 2 === 0 ? 'M' : 'F',
    PatientBirthDate: '19800615',
    PatientAge: '',
    StudyDate: '20260102',
    StudyTime: '101112',
    AccessionNumber: `CT${index}`,
    StudyID: String(index),
    StudyDescription: '胸部CT平扫',
    ReferringPhysicianName: '陈^建国',
    modalities: ['CT'],
    bodyParts: ['CHEST'],
    department: '放射科',
    seriesCount: 2,
    instanceCount: 120 + index,
    sizeBytes: 60_000_000,
    receivedAt: '2026-01-02T02:20:00Z',
    ...changes,
  };
}

export const sampleUser = {
  name: 'admin',
  displayName: '管理员',
  roles: ['admin'],
  permissions: [
    'study.search',
    'study.read',
    'study.import',
    'study.decide',
    'device.read',
    'device.manage',
    'system.read',
    'plugin.manage',
    'user.manage',
    'job.read',
    'job.manage',
    'access.manage',
    'audit.read',
  ],
};

export const sampleNode = {
  name: 'centre',
  version: '0.1.0',
  aeTitle: 'FILMLESS',
  dicomPort: 11112,
  httpPort: 8080,
  startedAt: '2026-01-01T00:00:00Z',
  uptimeSeconds: 90_000,
};
