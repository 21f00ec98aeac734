import type { PersonNameValue } from '../../src/dicom/index.ts';

/** A patient of the demonstration hospital; none of them exists. */
export interface PhantomPatient {
  PatientID: string;
  PatientName: PersonNameValue;
  PatientSex: 'M' | 'F';
  /** DA */
  PatientBirthDate: string;
}

/** What the headers of one study say. Dates are DA, times TM. */
export interface PhantomStudy {
  /** All UIDs of the study follow from it. */
  seed: string;
  patient: PhantomPatient;
  StudyDate: string;
  StudyTime: string;
  AccessionNumber: string;
  StudyID: string;
  StudyDescription: string;
  ReferringPhysicianName: PersonNameValue;
  InstitutionName: string;
  InstitutionalDepartmentName: string;
  /** Specific Character Set that the device writes, as {@link encodeDataset} takes it. */
  characterSet: string;
  transferSyntaxUID: string;
}

export const INSTITUTION_NAME = '云岭县人民医院';

const patient = (
  PatientID: string,
  Alphabetic: string,
  Ideographic: string,
  PatientSex: 'M' | 'F',
  PatientBirthDate: string,
): PhantomPatient => ({ PatientID, PatientName: { Alphabetic, Ideographic }, PatientSex, PatientBirthDate });

/** Patients of the demonstration hospital. */
export const PHANTOM_PATIENTS = {
  zhangJianguo: patient('0002148367', 'Zhang^Jianguo', '张^建国', 'M', '19560914'),
  liXiuying: patient('0002150042', 'Li^Xiuying', '李^秀英', 'F', '19620308'),
  wangXiaoming: patient('0002151175', 'Wang^Xiaoming', '王^小明', 'M', '19880521'),
  chenGuihua: patient('0002149930', 'Chen^Guihua', '陈^桂花', 'F', '19490117'),
  liuYang: patient('0002152608', 'Liu^Yang', '刘^洋', 'M', '19931130'),
  zhaoMin: patient('0002152713', 'Zhao^Min', '赵^敏', 'F', '19790625'),
  ouyangZhiyuan: patient('0002153001', 'Ouyang^Zhiyuan', '欧阳^志远', 'M', '19701203'),
} as const;

/** A study with plausible values for whatever is not given. */
export function phantomStudy(values: Partial<PhantomStudy> & Pick<PhantomStudy, 'seed'>): PhantomStudy {
  return {
    patient: PHANTOM_PATIENTS.zhangJianguo,
    StudyDate: '20240315',
    StudyTime: '093012',
    AccessionNumber: '',
    StudyID: '1',
    StudyDescription: '',
    ReferringPhysicianName: { Alphabetic: 'Sun^Wei', Ideographic: '孙^伟' },
    InstitutionName: INSTITUTION_NAME,
    InstitutionalDepartmentName: '放射科',
    characterSet: 'ISO_IR 192',
    transferSyntaxUID: '1.2.840.10008.1.2.1',
    ...values,
  };
}

/** AS at the day of the study. */
export function ageAt(birthDate: string, studyDate: string): string {
  const years = Number(studyDate.slice(0, 4)) - Number(birthDate.slice(0, 4));
  const hadBirthday = studyDate.slice(4) >= birthDate.slice(4);
  return `${String(Math.max(0, hadBirthday ? years : years - 1)).padStart(3, '0')}Y`;
}

/** DA of the day `days` before the given one. */
export function daysBefore(day: string, days: number): string {
  const date = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)) - days));
  return date.toISOString().slice(0, 10).replaceAll('-', '');
}
