import { createHash } from 'node:crypto';
import { pinyin } from 'pinyin-pro';
import type { InstanceRecord } from '../../core/src/catalogue/contract.ts';
import type { DicomJson } from '../../core/src/dicom/types.ts';

/** Shares of the hundred commonest surnames fall off like this; the first has about 7 %. */
const SURNAMES = Array.from(
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常仇单解',
);
const COMPOUND = ['欧阳', '上官', '司马', '诸葛'];
const GIVEN = Array.from(
  '明国华建文志军平海强伟永林杰辉勇斌波涛玉春生德峰光东新亮俊龙红飞鹏荣金云昌庆祥秀英芳娜敏静丽艳娟霞桂兰凤梅小晓雪宁欣佳思子轩浩宇梓涵雨欣怡诗琪一诺嘉豪天睿泽晨阳宏成家兴福贵山河树学义仁忠孝先立正清',
);
const MODALITIES: [string, number][] = [
  ['CT', 30],
  ['DX', 28],
  ['US', 18],
  ['MR', 12],
  ['CR', 6],
  ['ES', 2],
  ['XA', 2],
  ['MG', 1.5],
  ['NM', 0.5],
];
const DEPARTMENTS = ['放射科', '超声科', '内镜中心', '心内科', '病理科'];
const DAYS = 3650;

/** Repeatable random numbers (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }
}

interface Patient {
  id: string;
  name: string;
}

/** Studies of ten years: any of them can be made again from its number alone. */
export class SyntheticHospital {
  readonly studies: number;
  readonly random = new Random(7);

  constructor(studies: number) {
    this.studies = studies;
  }

  study(number: number): {
    uid: string;
    date: string;
    time: string;
    accession: string;
    modality: string;
    department: string;
    patient: Patient;
  } {
    const random = new Random(number + 1);
    // A hospital grows: more studies in later years, arriving nearly in order.
    const day = Math.min(DAYS - 1, Math.floor(DAYS * Math.sqrt((number + random.next() * 50) / this.studies)));
    const date = new Date(Date.UTC(2016, 0, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '');
    const second = 25_200 + random.below(43_200);
    const time = new Date(second * 1000).toISOString().slice(11, 19).replaceAll(':', '');
    let share = random.next() * 100;
    const modality =
      MODALITIES.find(([, percent]) => {
        share -= percent;
        return share < 0;
      })?.[0] ?? 'CT';
    return {
      uid: `1.2.840.99999.1.${number}.${random.below(1e9)}`,
      date,
      time,
      accession: `${modality}${date}${String(number % 10_000).padStart(4, '0')}`,
      modality,
      department: random.pick(DEPARTMENTS),
      patient: this.#patient(random.below(Math.max(1, Math.floor(this.studies * 0.4)))),
    };
  }

  record(number: number): InstanceRecord {
    const { uid, date, time, accession, modality, department, patient } = this.study(number);
    const [Alphabetic = '', Ideographic] = patient.name.split('=');
    return recordOf(`${uid}.1`, `${uid}.1.1`, uid, '1.2.840.10008.5.1.4.1.1.2', department, {
      '00080020': { vr: 'DA', Value: [date] },
      '00080030': { vr: 'TM', Value: [time] },
      '00080050': { vr: 'SH', Value: [accession] },
      '00080060': { vr: 'CS', Value: [modality] },
      '00081030': { vr: 'LO', Value: ['胸部平扫'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic, ...(Ideographic ? { Ideographic } : {}) }] },
      '00100020': { vr: 'LO', Value: [patient.id] },
      '00100040': { vr: 'CS', Value: [number % 2 ? 'M' : 'F'] },
      '00180015': { vr: 'CS', Value: ['CHEST'] },
      '00200010': { vr: 'SH', Value: [String(number % 100_000)] },
      '00200011': { vr: 'IS', Value: [1] },
      '00200013': { vr: 'IS', Value: [1] },
    });
  }

  daysAfter(date: string, days: number): string {
    const at = Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8)) + days);
    return new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
  }

  #patient(number: number): Patient {
    const random = new Random(number * 2 + 1_000_003);
    const compound = random.next() < 0.004;
    const surname = compound
      ? random.pick(COMPOUND)
      : (SURNAMES[Math.floor(SURNAMES.length * random.next() ** 2.6)] ?? '王');
    const given = random.next() < 0.2 ? random.pick(GIVEN) : random.pick(GIVEN) + random.pick(GIVEN);
    const id = `ZY${String(10_000_000 + number)}`;
    const kind = random.next();
    if (kind < 0.3) return { id, name: surname + given };
    const latin = `${capital(surname)}^${capital(given)}`;
    return { id, name: kind < 0.8 ? `${latin}=${surname}^${given}` : latin };
  }
}

/** One CT study with headers as full as a scanner's. */
export function ctStudy(instances: number): InstanceRecord[] {
  const study = '1.2.840.99999.7.1';
  return Array.from({ length: instances }, (_, number) => {
    const series = 1 + Math.floor(number / 250);
    return recordOf(
      `${study}.${series}`,
      `${study}.${series}.${number}`,
      study,
      '1.2.840.10008.5.1.4.1.1.2',
      '放射科',
      {
        ...Object.fromEntries(
          Array.from({ length: 120 }, (_, filler) => [
            `0018${String(9000 + filler)}`,
            { vr: 'DS', Value: [filler * 1.5] },
          ]),
        ),
        '00080020': { vr: 'DA', Value: ['20260102'] },
        '00080030': { vr: 'TM', Value: ['101500.000'] },
        '00080050': { vr: 'SH', Value: ['CT202601020001'] },
        '00080060': { vr: 'CS', Value: ['CT'] },
        '00080070': { vr: 'LO', Value: ['Phantom Works'] },
        '0008103E': { vr: 'LO', Value: [`Chest ${series}`] },
        '00081030': { vr: 'LO', Value: ['Chest'] },
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zhang^Xiaoming', Ideographic: '张^小明' }] },
        '00100020': { vr: 'LO', Value: ['ZY10000001'] },
        '00180015': { vr: 'CS', Value: ['CHEST'] },
        '00200010': { vr: 'SH', Value: ['1'] },
        '00200011': { vr: 'IS', Value: [series] },
        '00200013': { vr: 'IS', Value: [number + 1] },
        '00280010': { vr: 'US', Value: [512] },
        '00280011': { vr: 'US', Value: [512] },
        '00280100': { vr: 'US', Value: [16] },
      },
    );
  });
}

function recordOf(
  SeriesInstanceUID: string,
  SOPInstanceUID: string,
  StudyInstanceUID: string,
  SOPClassUID: string,
  department: string,
  dataset: DicomJson,
): InstanceRecord {
  return {
    SOPInstanceUID,
    SOPClassUID,
    StudyInstanceUID,
    SeriesInstanceUID,
    transferSyntaxUID: '1.2.840.10008.1.2.1',
    sha256: createHash('sha256').update(SOPInstanceUID).digest('hex'),
    sizeBytes: 525_000,
    datasetOffsetBytes: 350,
    dataset,
    bulkData: [],
    characterSet: { declared: ['ISO_IR 192'], used: ['ISO_IR 192'], cured: false },
    received: { at: '2026-01-02T02:20:00.000Z', via: 'dimse', source: 'CT1', department },
  };
}

function capital(chinese: string): string {
  const letters = pinyin(chinese, { toneType: 'none', type: 'array' }).join('').replaceAll('ü', 'v');
  return letters.charAt(0).toUpperCase() + letters.slice(1);
}
