import { ctSlices, PHANTOM_PATIENTS, phantomStudy, usCine } from '@filmless/core/phantoms';
import type { FhirClient } from './fhir-client.ts';
import type { NodeProcess } from './node-process.ts';
import { storePhantoms } from './store-phantoms.ts';

export const ZHANG = {
  patient: PHANTOM_PATIENTS.zhangJianguo,
  AccessionNumber: 'FHIR0001',
  StudyDescription: '胸部CT平扫',
};
export const LI = { patient: PHANTOM_PATIENTS.liXiuying, AccessionNumber: 'FHIR0002', StudyDescription: '心脏彩超' };
export const zhangId = ZHANG.patient.PatientID;
export const liId = LI.patient.PatientID;
export const SCRIPT = '<script>alert("报告")</script> & \u0007 <img src=x onerror=alert(1)>';
export const PDF = Buffer.from('%PDF-1.4\n% a report\n%%EOF\n');

/** Four studies of Zhang and one of Li. */
export async function storeStudies(node: NodeProcess): Promise<{ zhang: string; li: string }> {
  const first = await storePhantoms(
    node,
    ctSlices({ count: 3, rows: 32, study: phantomStudy({ seed: 'fhir-zhang', ...ZHANG }) }),
  );

  for (const [n, day] of ['20250101', '20250301', '20250501'].entries()) {
    const study = phantomStudy({ seed: `fhir-zhang-${n}`, patient: ZHANG.patient, StudyDate: day });
    await storePhantoms(node, ctSlices({ count: 1, rows: 32, study }));
  }
  const other = await storePhantoms(
    node,
    usCine({ frames: 2, rows: 64, columns: 64, study: phantomStudy({ seed: 'fhir-li', ...LI }) }),
  );
  return { zhang: first[0]?.StudyInstanceUID ?? '', li: other[0]?.StudyInstanceUID ?? '' };
}

/** Zhang, and somebody without images, in the register; a report in two versions for Zhang, one for Li. */
export async function registerAndReport({ rest, deliver }: FhirClient, key: string): Promise<void> {
  await rest('POST', '/api/patients', {
    identifiers: [{ id: zhangId }, { id: '110101195609140011', issuer: 'ID-CARD' }],
    demographics: { name: 'Zhang^Jianguo=张^建国', sex: 'M', birthDate: '19560914' },
  });
  await rest('POST', '/api/patients', {
    identifiers: [{ id: 'NO-IMAGES' }],
    demographics: { name: 'Sun^Li=孙^丽', sex: 'F', birthDate: '20000229' },
  });
  const file = await rest('POST', '/api/reports/documents', PDF, key);
  const report = { patient: { id: zhangId }, accessionNumber: ZHANG.AccessionNumber, title: '胸部CT平扫' };
  await deliver({
    ...report,
    status: 'reported',
    text: '双肺纹理清晰。',
    conclusion: '未见异常',
    author: '李医生',
    externalId: 'R1',
  });
  await deliver({
    ...report,
    status: 'reviewed',
    text: SCRIPT,
    conclusion: SCRIPT,
    author: '李医生',
    reviewer: '王主任',
    externalId: 'R1',
    document: file,
  });
  await deliver({
    patient: { id: liId },
    accessionNumber: LI.AccessionNumber,
    status: 'reported',
    text: '左室收缩功能正常。',
    externalId: 'R2',
  });
}
