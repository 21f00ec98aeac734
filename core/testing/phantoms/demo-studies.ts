import { ctSlices } from './ct-chest.ts';
import { dxChest } from './dx-chest.ts';
import { endoscopyStills } from './endoscopy.ts';
import { daysBefore, PHANTOM_PATIENTS, type PhantomStudy, phantomStudy } from './hospital.ts';
import type { PhantomInstance } from './instance.ts';
import { mrBrain } from './mr-brain.ts';
import { usCine } from './us-heart.ts';
import { xaRun } from './xa-run.ts';

/** One study of the demonstration hospital; its instances are made when they are asked for. */
export interface DemoStudy {
  study: PhantomStudy;
  modality: string;
  numberOfInstances: number;
  instances(): AsyncIterable<PhantomInstance>;
}

const referring = {
  respiratory: { Alphabetic: 'Sun^Wei', Ideographic: '孙^伟' },
  neurology: { Alphabetic: 'Guo^Lihua', Ideographic: '郭^丽华' },
  cardiology: { Alphabetic: 'Ma^Qiang', Ideographic: '马^强' },
  digestive: { Alphabetic: 'Lin^Jing', Ideographic: '林^静' },
  emergency: { Alphabetic: 'He^Feng', Ideographic: '何^峰' },
} as const;

/**
 * The studies of the demonstration hospital, newest first: all modalities, a patient with earlier studies, departments with character sets of their own.
 *
 * `today` is DA; dates go back from it. `isSmall` makes every image tiny and every series short, for tests.
 */
export function demoStudies(options: { today: string; isSmall?: boolean }): DemoStudy[] {
  const { today, isSmall = false } = options;
  const people = PHANTOM_PATIENTS;
  const ctSize = isSmall ? { rows: 64 } : {};
  const studies: DemoStudy[] = [];
  let serial = 0;
  const make = (
    days: number,
    StudyTime: string,
    modality: string,
    values: Partial<PhantomStudy>,
    numberOfInstances: number,
    instances: (study: PhantomStudy) => AsyncIterable<PhantomInstance>,
  ) => {
    serial++;
    const StudyDate = daysBefore(today, days);
    const study = phantomStudy({
      seed: `demo-${serial}`,
      StudyDate,
      StudyTime,
      AccessionNumber: `${modality}${StudyDate.slice(2)}${String(serial).padStart(3, '0')}`,
      StudyID: String(1000 + serial),
      ...values,
    });
    studies.push({ study, modality, numberOfInstances, instances: () => instances(study) });
  };
  const ctCount = isSmall ? 3 : 128;
  const nodule = (radiusMm: number) => [{ x: -78, y: 30, z: 38, radiusMm, hu: 34 }];

  make(
    0,
    '101542',
    'CT',
    {
      patient: people.zhangJianguo,
      StudyDescription: '胸部CT增强扫描',
      ReferringPhysicianName: referring.respiratory,
    },
    ctCount * 2,
    async function* (study) {
      const chest = { nodules: nodule(7.5) };
      yield* ctSlices({ study, count: ctCount, ...ctSize, chest });
      yield* ctSlices({
        study,
        count: ctCount,
        ...ctSize,
        chest,
        SeriesNumber: 3,
        SeriesDescription: '胸部 2.5mm 肺窗',
        windowCenter: -600,
        windowWidth: 1500,
        noiseHu: 16,
      });
    },
  );
  make(
    0,
    '093105',
    'MR',
    {
      patient: people.liXiuying,
      StudyDescription: '头颅MR平扫',
      ReferringPhysicianName: referring.neurology,
    },
    isSmall ? 4 : 48,
    (study) => mrBrain({ study, withLesion: true, ...(isSmall ? { size: 64, count: 2 } : {}) }),
  );
  make(
    0,
    '111820',
    'DX',
    {
      patient: people.wangXiaoming,
      StudyDescription: '胸部正位DR',
      characterSet: 'GB18030',
      ReferringPhysicianName: referring.emergency,
    },
    1,
    (study) => dxChest({ study, ...(isSmall ? { rows: 125, columns: 100 } : {}) }),
  );
  make(
    0,
    '142236',
    'US',
    {
      patient: people.chenGuihua,
      StudyDescription: '心脏彩色多普勒超声',
      InstitutionalDepartmentName: '超声科',
      characterSet: 'GB18030',
      ReferringPhysicianName: referring.cardiology,
    },
    1,
    (study) => usCine({ study, ...(isSmall ? { columns: 80, rows: 60, frames: 3 } : {}) }),
  );
  make(
    1,
    '150011',
    'XA',
    {
      patient: people.liXiuying,
      StudyDescription: '全脑血管造影',
      InstitutionalDepartmentName: '介入科',
      ReferringPhysicianName: referring.neurology,
    },
    1,
    (study) => xaRun({ study, ...(isSmall ? { size: 64, frames: 6 } : {}) }),
  );
  make(
    1,
    '084530',
    'ES',
    {
      patient: people.zhaoMin,
      StudyDescription: '电子胃镜检查',
      InstitutionalDepartmentName: '内镜中心',
      ReferringPhysicianName: referring.digestive,
    },
    isSmall ? 2 : 6,
    (study) => endoscopyStills({ study, ...(isSmall ? { count: 2, columns: 72, rows: 58 } : { count: 6 }) }),
  );
  make(
    2,
    '100207',
    'CT',
    {
      patient: people.ouyangZhiyuan,
      StudyDescription: '胸部CT平扫',
      characterSet: '\\ISO 2022 IR 58',
      ReferringPhysicianName: referring.emergency,
    },
    isSmall ? 3 : 64,
    (study) =>
      ctSlices({
        study,
        count: isSmall ? 3 : 64,
        ...ctSize,
        SeriesDescription: '胸部 5mm 平扫',
        chest: { contrast: false, effusionMm: 70 },
      }),
  );
  make(
    3,
    '162219',
    'DX',
    {
      patient: people.chenGuihua,
      StudyDescription: '胸部正位DR',
      characterSet: 'GB18030',
      ReferringPhysicianName: referring.cardiology,
    },
    1,
    (study) =>
      dxChest({
        study,
        photometricInterpretation: 'MONOCHROME1',
        chest: { effusionMm: 45 },
        ...(isSmall ? { rows: 125, columns: 100 } : {}),
      }),
  );
  make(
    5,
    '091450',
    'MR',
    {
      patient: people.liuYang,
      StudyDescription: '头颅MR平扫',
      transferSyntaxUID: '1.2.840.10008.1.2',
      ReferringPhysicianName: referring.neurology,
    },
    isSmall ? 4 : 48,
    (study) => mrBrain({ study, ...(isSmall ? { size: 64, count: 2 } : {}) }),
  );
  // Earlier studies of the first patient: the nodule was smaller, and once was not seen.
  make(
    183,
    '103312',
    'CT',
    {
      patient: people.zhangJianguo,
      StudyDescription: '胸部CT平扫（复查）',
      ReferringPhysicianName: referring.respiratory,
    },
    ctCount,
    (study) => ctSlices({ study, count: ctCount, ...ctSize, chest: { contrast: false, nodules: nodule(5.2) } }),
  );
  make(
    368,
    '095827',
    'CT',
    {
      patient: people.zhangJianguo,
      StudyDescription: '胸部CT平扫',
      characterSet: 'GB18030',
      ReferringPhysicianName: referring.respiratory,
    },
    isSmall ? 3 : 64,
    (study) =>
      ctSlices({
        study,
        count: isSmall ? 3 : 64,
        ...ctSize,
        SeriesDescription: '胸部 5mm 平扫',
        chest: { contrast: false, nodules: nodule(3.4) },
      }),
  );
  make(
    731,
    '144100',
    'DX',
    {
      patient: people.zhangJianguo,
      StudyDescription: '胸部正位DR（体检）',
      characterSet: 'GBK',
      ReferringPhysicianName: referring.respiratory,
    },
    1,
    (study) => dxChest({ study, ...(isSmall ? { rows: 125, columns: 100 } : {}) }),
  );
  return studies;
}
