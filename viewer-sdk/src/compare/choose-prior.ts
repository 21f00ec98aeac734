import { type JsonDataset, text } from '../dicom/json.ts';
import type { SeriesSummary, StudySummary } from '../session/summaries.ts';

/** Parts of the body, by what devices and people write for them. */
const REGIONS: Readonly<Record<string, RegExp>> = {
  head: /HEAD|BRAIN|SKULL|CRANI|头|颅|脑/i,
  neck: /NECK|THYROID|颈部|甲状腺/i,
  chest: /CHEST|THORAX|LUNG|胸|肺/i,
  heart: /HEART|CARDIAC|CORONARY|心|冠状动脉/i,
  breast: /BREAST|MAMMO|乳/i,
  abdomen: /ABDOM|LIVER|PANCREAS|KIDNEY|RENAL|腹|肝|胰|肾|胆/i,
  pelvis: /PELVIS|PROSTATE|UTER|盆|前列腺|子宫/i,
  spine: /SPINE|椎/i,
  shoulder: /SHOULDER|肩/i,
  knee: /KNEE|膝/i,
  hip: /HIP|髋/i,
  hand: /HAND|WRIST|手|腕/i,
  foot: /FOOT|ANKLE|足|踝/i,
};

/** The parts of the body that a study's series and description name. */
export function regionsOf(description: string, series: readonly JsonDataset[]): ReadonlySet<string> {
  const words = [description, ...series.map((each) => text(each, 'BodyPartExamined') ?? '')].join('\n');
  return new Set(Object.keys(REGIONS).filter((region) => REGIONS[region]?.test(words)));
}

/** Studies that could be compared with one: earlier, with a modality of its own, newest first. */
export function earlierStudies(
  current: StudySummary,
  modalities: readonly string[],
  studies: readonly StudySummary[],
): StudySummary[] {
  const moment = ({ date, time }: StudySummary) => `${date.replaceAll('.', '')}${time}`;
  return studies
    .filter(({ StudyInstanceUID }) => StudyInstanceUID !== current.StudyInstanceUID)
    .filter((study) => study.date !== '' && moment(study) < moment(current))
    .filter((study) => study.modalities.some((modality) => modalities.includes(modality)))
    .sort((a, b) => moment(b).localeCompare(moment(a)));
}

/** Whether two sets of body parts have one in common; where neither study names any, the descriptions have to be the same. */
export function sameRegion(
  one: { readonly regions: ReadonlySet<string>; readonly description: string },
  other: { readonly regions: ReadonlySet<string>; readonly description: string },
): boolean {
  if (one.regions.size === 0 && other.regions.size === 0)
    return one.description !== '' && one.description === other.description;
  return [...one.regions].some((region) => other.regions.has(region));
}

/** Words that tell series of one exam apart. */
const KINDS: readonly RegExp[] = [
  /肺|lung|b[67]0|bl57/i,
  /纵隔|软组织|mediast|soft|b[23]\d/i,
  /骨|bone/i,
  /平扫|plain|non-?con/i,
  /动脉|arter/i,
  /静脉|门脉|portal|venous/i,
  /延迟|delay/i,
  /t1/i,
  /t2/i,
  /flair/i,
  /dwi|diff|弥散|扩散/i,
  /adc/i,
  /矢状|sag/i,
  /冠状|cor/i,
  /横断|轴位|ax|tra/i,
];

/** The series of another study that is most like one: same modality, same kind by its description, then as many images. */
export function matchingSeries(wanted: SeriesSummary, list: readonly SeriesSummary[]): SeriesSummary | undefined {
  const alike = (series: SeriesSummary): number => {
    const kinds = KINDS.filter((kind) => kind.test(wanted.description) === kind.test(series.description)).length;
    const same = series.description !== '' && series.description === wanted.description ? 10 : 0;
    const [a, b] = [series.instanceCount ?? 0, wanted.instanceCount ?? 0];
    return kinds + same + Math.min(a, b) / Math.max(a, b, 1);
  };
  const [best] = list
    .filter(({ image, modality }) => image && modality === wanted.modality)
    .sort((a, b) => alike(b) - alike(a));
  return best ?? list.find(({ image }) => image);
}
