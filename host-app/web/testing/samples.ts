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
    'share.create',
    'patient.read',
    'patient.manage',
    'order.read',
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

export function samplePerson(key: string, name: string) {
  return {
    key,
    identifiers: [{ id: `P000${key}`, issuer: '' }],
    demographics: { name, sex: 'M', birthDate: '19560914' },
    location: { ward: '内科五病区', room: '502', bed: '01' },
    status: 'active',
    changedAt: '2026-01-02T02:20:00Z',
  };
}

export const sampleOrder = {
  system: 'HIS',
  placerNumber: 'REQ1',
  accessionNumber: 'CT20260001',
  patient: { id: 'P0001', issuer: '' },
  person: { key: '1', demographics: { name: '张^建国' } },
  status: 'in-progress',
  procedure: { code: 'CT0101', scheme: 'LOCAL', text: '胸部CT平扫' },
  modality: 'CT',
  priority: 'stat',
  requestedBy: '孙伟',
  requestingDepartment: '内科',
  orderedAt: '2026-01-02T02:20:00Z',
  studyInstanceUids: ['1.2.3.1'],
};

export const sampleToReconcile = {
  study: sampleStudy(4),
  received: {
    PatientID: 'X77',
    IssuerOfPatientID: '',
    PatientName: 'LI^XIUYING=李^秀英',
    PatientSex: 'F',
    PatientBirthDate: '19620308',
  },
  discrepancies: ['patient-unknown', 'accession-of-another-patient'],
};
