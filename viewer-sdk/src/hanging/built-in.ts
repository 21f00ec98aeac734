import type { HangingCell, HangingProtocol, SeriesSelector } from './protocol.ts';

const LUNG = { center: -600, width: 1500 } as const;
const MEDIASTINUM = { center: 40, width: 400 } as const;
const ABDOMEN = { center: 50, width: 350 } as const;
const BRAIN = { center: 35, width: 80 } as const;
const BONE = { center: 400, width: 1800 } as const;

const SCOUTS = ['定位', 'scout', 'topogram', 'surview', 'localizer', 'localiser', 'loc', 'dose', '剂量'] as const;
const LUNG_WORDS = ['肺', 'lung', 'b60f', 'b70f', 'br59', 'br60', 'bl57', 'fc51', 'fc52', 'hrct', '高分辨'] as const;
const SOFT_WORDS = [
  '纵隔',
  '软组织',
  '平扫',
  'mediast',
  'mediastinum',
  'soft',
  'std',
  'standard',
  'b30f',
  'b31f',
  'br40',
] as const;
const HEAD_PARTS = ['HEAD', 'BRAIN', 'SKULL'] as const;
const HEAD_WORDS = ['头', '颅', '脑', 'head', 'brain', 'cranial'] as const;
const CHEST_PARTS = ['CHEST', 'THORAX', 'LUNG', 'CHEST_TO_ABDOMEN'] as const;
const CHEST_WORDS = ['胸', '肺', 'chest', 'thorax', 'lung'] as const;

/** A CT stack worth reading: no scout, no dose page. */
const ctStack = (selector: SeriesSelector = {}): SeriesSelector => ({
  modalities: ['CT'],
  without: SCOUTS,
  slices: { min: 2 },
  ...selector,
});

const mr = (
  orientation: SeriesSelector['orientation'],
  keywords: readonly string[],
  without: readonly string[] = [],
) => ({
  modalities: ['MR'],
  keywords,
  without: [...SCOUTS, ...without],
  ...(orientation ? { orientation } : {}),
});

const breast = (view: 'CC' | 'MLO', laterality: 'L' | 'R', prior = 0): HangingCell => ({
  ...(prior > 0 ? { prior } : {}),
  series: [{ modalities: ['MG'], view, laterality }],
  backToBack: true,
});

const anyImage: HangingCell = { series: [{ without: SCOUTS }, {}] };

/** Ours, from the special to the general: the first that fits is used. */
export const BUILT_IN_PROTOCOLS: readonly HangingProtocol[] = [
  {
    id: 'mg-four-view-prior',
    name: { 'zh-CN': '乳腺四视图，与前次对照', en: 'Mammography, four views with prior' },
    matches: { modalities: ['MG'], priors: 1 },
    layout: { rows: 2, columns: 4 },
    cells: [
      breast('CC', 'R'),
      breast('CC', 'L'),
      breast('CC', 'R', 1),
      breast('CC', 'L', 1),
      breast('MLO', 'R'),
      breast('MLO', 'L'),
      breast('MLO', 'R', 1),
      breast('MLO', 'L', 1),
    ],
    emptyCells: 'keep',
    leastCells: 4,
    sync: { window: true, zoom: true },
    automatic: true,
    sameScale: true,
  },
  {
    id: 'mg-four-view',
    name: { 'zh-CN': '乳腺四视图', en: 'Mammography, four views' },
    matches: { modalities: ['MG'] },
    layout: { rows: 2, columns: 2 },
    cells: [breast('CC', 'R'), breast('CC', 'L'), breast('MLO', 'R'), breast('MLO', 'L')],
    emptyCells: 'keep',
    leastCells: 2,
    sync: { window: true, zoom: true },
    automatic: true,
    sameScale: true,
  },
  {
    id: 'ct-chest',
    name: { 'zh-CN': '胸部 CT：肺窗、纵隔窗', en: 'CT chest: lung and mediastinum' },
    matches: { modalities: ['CT'], bodyParts: CHEST_PARTS, keywords: CHEST_WORDS },
    layout: { rows: 1, columns: 2 },
    cells: [
      {
        series: [ctStack({ keywords: LUNG_WORDS, orientation: 'axial' }), ctStack({ orientation: 'axial' }), ctStack()],
        window: LUNG,
      },
      {
        series: [
          ctStack({ keywords: SOFT_WORDS, orientation: 'axial' }),
          ctStack({ orientation: 'axial' }),
          ctStack({ orientation: 'axial', repeat: true }),
          ctStack({ repeat: true }),
        ],
        window: MEDIASTINUM,
      },
    ],
    emptyCells: 'drop',
    sync: { scroll: true },
  },
  {
    id: 'ct-head',
    name: { 'zh-CN': '头颅 CT：脑窗、骨窗', en: 'CT head: brain and bone' },
    matches: { modalities: ['CT'], bodyParts: HEAD_PARTS, keywords: HEAD_WORDS },
    layout: { rows: 1, columns: 2 },
    cells: [
      { series: [ctStack({ without: [...SCOUTS, '骨', 'bone'], orientation: 'axial' }), ctStack()], window: BRAIN },
      {
        series: [
          ctStack({ keywords: ['骨', 'bone', 'h60s', 'hr60'], orientation: 'axial' }),
          ctStack({ orientation: 'axial' }),
          ctStack({ orientation: 'axial', repeat: true }),
          ctStack({ repeat: true }),
        ],
        window: BONE,
      },
    ],
    emptyCells: 'drop',
    sync: { scroll: true },
  },
  {
    id: 'ct-abdomen',
    name: { 'zh-CN': '腹部 CT：各期', en: 'CT abdomen: phases' },
    matches: {
      modalities: ['CT'],
      bodyParts: ['ABDOMEN', 'LIVER', 'PANCREAS', 'KIDNEY', 'ABDOMENPELVIS', 'PELVIS'],
      keywords: ['腹', '肝', '胰', '肾', '盆', 'abdomen', 'abdominal', 'liver', 'pelvis'],
    },
    layout: { rows: 2, columns: 2 },
    cells: [
      {
        series: [ctStack({ keywords: ['平扫', 'plain', 'non-contrast', 'nc'], orientation: 'axial' }), ctStack()],
        window: ABDOMEN,
      },
      { series: [ctStack({ keywords: ['动脉', 'arterial', 'art'], orientation: 'axial' })], window: ABDOMEN },
      {
        series: [ctStack({ keywords: ['静脉', '门脉', '门静脉', 'venous', 'portal', 'pv'], orientation: 'axial' })],
        window: ABDOMEN,
      },
      {
        series: [ctStack({ keywords: ['延迟', '平衡期', 'delay', 'delayed', 'late'], orientation: 'axial' })],
        window: ABDOMEN,
      },
    ],
    emptyCells: 'drop',
    sync: { scroll: true, window: true },
  },
  {
    id: 'mr-brain',
    name: { 'zh-CN': '头颅 MR', en: 'MR brain' },
    matches: { modalities: ['MR'], bodyParts: HEAD_PARTS, keywords: HEAD_WORDS },
    layout: { rows: 2, columns: 3 },
    cells: [
      { series: [mr('axial', ['t1', 't1wi', 't1w', 't1_', 'flair t1'], ['+c', '增强', 'gd'])] },
      { series: [mr('axial', ['t2', 't2wi', 't2w', 't2_', 'tse'], ['flair', 'dark', 'star', 'swi'])] },
      { series: [mr('axial', ['flair', 'dark-fluid', 'dark_fluid', '水抑制', '压水'], ['t1'])] },
      {
        series: [
          { modalities: ['MR'], bValue: { min: 800 }, without: ['adc'] },
          mr('axial', ['dwi', '弥散', '扩散', 'diff', 'ep2d'], ['adc']),
        ],
      },
      {
        series: [
          mr('sagittal', ['t1', 't1wi', 't1w', 't2', 't2wi', 't2w']),
          { modalities: ['MR'], orientation: 'sagittal' },
        ],
      },
      { series: [mr(undefined, ['adc', 'apparent'])] },
    ],
    emptyCells: 'drop',
    leastCells: 2,
    sync: { scroll: true },
  },
  {
    id: 'chest-radiograph',
    name: { 'zh-CN': '胸部正侧位', en: 'Chest PA and lateral' },
    matches: { modalities: ['CR', 'DX'], bodyParts: CHEST_PARTS, keywords: CHEST_WORDS },
    layout: { rows: 1, columns: 2 },
    cells: [
      {
        series: [
          { modalities: ['CR', 'DX'], view: 'PA' },
          { modalities: ['CR', 'DX'], view: 'AP' },
          { modalities: ['CR', 'DX'], without: ['侧位', 'lat'] },
        ],
      },
      { series: [{ modalities: ['CR', 'DX'], view: 'LAT' }] },
    ],
    automatic: true,
    emptyCells: 'drop',
  },
  {
    id: 'ultrasound',
    name: { 'zh-CN': '超声', en: 'Ultrasound' },
    matches: { modalities: ['US', 'IVUS'] },
    layout: { rows: 1, columns: 1 },
    cells: [{ series: [{ modalities: ['US', 'IVUS'] }], slice: 'first' }],
    emptyCells: 'drop',
  },
  {
    id: 'angiography',
    name: { 'zh-CN': '血管造影', en: 'Angiography' },
    matches: { modalities: ['XA', 'RF'] },
    layout: { rows: 1, columns: 1 },
    cells: [
      { series: [{ modalities: ['XA', 'RF'], slices: { min: 2 } }, { modalities: ['XA', 'RF'] }], slice: 'first' },
    ],
    emptyCells: 'drop',
  },
  {
    id: 'default',
    name: { 'zh-CN': '单幅', en: 'One image' },
    matches: {},
    layout: { rows: 1, columns: 1 },
    cells: [anyImage],
    emptyCells: 'drop',
  },
];
