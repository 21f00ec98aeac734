import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  type DemoStudy,
  daysBefore,
  ecgRecording,
  mgFourView,
  PHANTOM_PATIENTS,
  type PhantomInstance,
  type PhantomStudy,
  phantomStudy,
  wholeSlide,
} from '@filmless/core/phantoms';
import { z } from 'zod';
import type { NodeClient } from './node-client.ts';
import { programDirectory } from './open-node.ts';

/** Where the demo's HIS listens: an origin of its own. */
export const HIS_PORT = 8090;
export const HIS_ORIGIN = `http://127.0.0.1:${HIS_PORT}`;
const MG_ROWS = 832;
const SLIDE_LEVELS = 3;

/** What a hospital holds besides pictures from scanners: mammograms, an ECG, a slide. */
export function furtherStudies(today: string): DemoStudy[] {
  const make = (
    serial: number,
    days: number,
    modality: string,
    values: Partial<PhantomStudy>,
    numberOfInstances: number,
    instances: (study: PhantomStudy) => AsyncIterable<PhantomInstance>,
  ): DemoStudy => {
    const StudyDate = daysBefore(today, days);
    const AccessionNumber = `${modality}${StudyDate.slice(2)}${serial}`;
    const study = phantomStudy({
      seed: `demo-${modality}`,
      StudyDate,
      AccessionNumber,
      StudyID: `${serial}`,
      ...values,
    });
    return { study, modality, numberOfInstances, instances: () => instances(study) };
  };
  return [
    make(
      101,
      1,
      'MG',
      { patient: PHANTOM_PATIENTS.liXiuying, StudyDescription: '双乳钼靶摄影', StudyTime: '143000' },
      4,
      (study) => mgFourView({ study, rows: MG_ROWS }),
    ),
    make(
      102,
      0,
      'ECG',
      {
        patient: PHANTOM_PATIENTS.chenGuihua,
        StudyDescription: '十二导联心电图',
        InstitutionalDepartmentName: '心电图室',
        StudyTime: '080500',
      },
      1,
      async function* (study) {
        yield ecgRecording(study);
      },
    ),
    make(
      103,
      4,
      'SM',
      {
        patient: PHANTOM_PATIENTS.zhaoMin,
        StudyDescription: '胃窦活检病理切片',
        InstitutionalDepartmentName: '病理科',
        StudyTime: '110000',
      },
      SLIDE_LEVELS,
      (study) => wholeSlide(study),
    ),
  ];
}

const REPORTS = [
  {
    modality: 'CT',
    text: '右肺上叶见一类圆形结节影，直径约 15 mm，边缘尚清（图1）。余肺野清晰，纵隔未见肿大淋巴结。心影大小正常，双侧胸腔无积液。',
    conclusion: '右肺上叶结节，较前（半年前）增大，建议进一步检查。',
  },
  {
    modality: 'MR',
    text: '左侧额叶见小片状异常信号灶（图1），边界清楚，占位效应不明显。脑室系统大小、形态正常，中线结构居中。',
    conclusion: '左侧额叶异常信号灶，建议复查。',
  },
  {
    modality: 'DX',
    text: '双肺纹理清晰，肺野内未见实变影。心影不大，双膈光滑，肋膈角锐利。',
    conclusion: '心肺未见明显异常。',
  },
] as const;

const uids = z.array(z.record(z.string(), z.object({ Value: z.array(z.unknown()).optional() })));

/** Written reports of today's studies, as a reporting system would deliver them; the same again changes nothing. */
export async function deliverReports(client: NodeClient, studies: readonly DemoStudy[]): Promise<void> {
  for (const { modality, text, conclusion } of REPORTS) {
    const study = studies.find((one) => one.modality === modality)?.study;
    if (!study) continue;
    const found = await first(
      client,
      `/dicom-web/studies?AccessionNumber=${encodeURIComponent(study.AccessionNumber)}`,
    );
    const StudyInstanceUID = found?.['0020000D'];
    if (!StudyInstanceUID) continue;
    const series = (await first(client, `/dicom-web/studies/${StudyInstanceUID}/series?Modality=${modality}`))?.[
      '0020000E'
    ];
    const path = `/dicom-web/studies/${StudyInstanceUID}/series/${series}/instances`;
    const instances = uids.parse(await client.json(z.unknown(), 'GET', path));
    const instance = instances[Math.floor(instances.length / 2)]?.['00080018']?.Value?.[0];
    const keyImages = series && instance ? [{ study: StudyInstanceUID, series, instance }] : [];
    const names = { author: '王医生', reviewer: '李主任' };
    const { AccessionNumber: accessionNumber, patient, StudyDescription: title } = study;
    const report = {
      patient: { id: patient.PatientID },
      StudyInstanceUID,
      accessionNumber,
      title,
      text,
      conclusion,
      keyImages,
    };
    const externalId = `demo-${accessionNumber}`;
    await client.json(z.unknown(), 'POST', '/api/reports', { ...report, ...names, status: 'reviewed', externalId });
  }
}

async function first(client: NodeClient, path: string): Promise<Record<string, string> | undefined> {
  const [found] = uids.parse((await client.json(z.unknown(), 'GET', path).catch(() => [])) ?? []);
  return found && Object.fromEntries(Object.entries(found).map(([tag, { Value }]) => [tag, String(Value?.[0] ?? '')]));
}

/** The HIS example as a program of its own, with a key that the node gave it; undefined where its port is taken. */
export async function startHis(client: NodeClient, pacsUrl: string): Promise<ChildProcess | undefined> {
  const users = await client.json(z.array(z.object({ name: z.string() })), 'GET', '/api/users');
  if (!users.some(({ name }) => name === 'his')) {
    const account = { name: 'his', displayName: '医院信息系统', kind: 'service', roles: ['service'] };
    await client.json(z.unknown(), 'POST', '/api/users', account);
  }
  const { key } = await client.json(z.object({ key: z.string() }), 'POST', '/api/users/his/keys', { title: 'demo' });
  const script = join(programDirectory, 'examples', 'his-workstation', 'server.ts');
  const env = { ...process.env, PACS_URL: pacsUrl, PACS_KEY: key, HIS_PORT: String(HIS_PORT) };
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const started = await Promise.race([
    once(child.stdout, 'data').then(() => true),
    once(child, 'exit').then(() => false),
  ]);
  return started ? child : undefined;
}
