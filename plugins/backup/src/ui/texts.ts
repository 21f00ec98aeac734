const zh = {
  title: '备份',
  help: '所有影像、报告、患者与申请自动复制到可移动磁盘；磁盘可随时拔插、轮换',
  tabDisks: '磁盘',
  tabStudies: '查找检查',
  loading: '正在载入…',
  retry: '重试',
  cancel: '取消',
  lastCopy: '最近一次复制',
  never: '尚未复制',
  lag: '落后',
  upToDate: '无落后',
  nextDisk: '下一块要插入的盘',
  noneNeeded: '暂不需要',
  newDiskOf: '组 {set} 的新盘',
  'why.full': '当前盘已满',
  'why.rotate': '轮换',
  'why.none-attached': '没有接入任何备份盘',
  attachedDisks: '已接入',
  ofDisks: '{n} / {total} 块',
  disks: '备份盘',
  label: '标签',
  set: '组',
  state: '状态',
  'state.attached': '已接入',
  'state.closing': '正在收尾…',
  'state.safe': '可以拔出',
  'state.away': '未接入',
  'state.retired': '已停用',
  room: '可用空间',
  freeOf: '{free} / {total}',
  full: '已满',
  holds: '内容',
  holdsText: '{studies} 次检查，{objects} 个文件',
  damagedText: '{n} 个损坏',
  lastSeen: '最近接入',
  encrypted: '加密',
  release: '安全移除',
  takeBack: '继续使用',
  check: '核对',
  retire: '停用',
  checking: '正在核对',
  closing: '正在写入目录',
  released: '正在收尾，完成后状态显示“可以拔出”',
  tookBack: '已继续使用',
  checkStarted: '已开始核对，结果见“任务”',
  retired: '已停用；该组缺少的内容会重新复制到其他盘',
  retireTitle: '停用备份盘 {label}？',
  retireText:
    '停用后不再把它算作副本，盘上的文件不会被删除。仅在它所存的 {studies} 次检查（{objects} 个文件）会重新复制到组 {set} 的其他盘。此操作不能撤销。',
  sets: '各组进度',
  setsHelp: '每组都保存全部内容',
  owed: '待复制',
  owedText: '{n} 个文件，{size}',
  waitingText: '其中 {n} 个的数据尚未到达本节点',
  nothing: '无',
  perDay: '每天新增',
  forecast: '预测',
  fullIn: '{n} 天后写满',
  farOff: '十年内不会写满',
  notYetKnown: '数据不足',
  folders: '可用的文件夹',
  foldersHelp: '出现在 {mounts} 中的磁盘',
  folder: '文件夹',
  what: '说明',
  'candidate.empty': '可以启用为备份盘',
  'candidate.foreign': '由其他系统（{node}）启用的备份盘“{label}”',
  'candidate.damaged': '备份盘标识已损坏，不使用',
  'candidate.same-device': '与本机数据在同一磁盘：移动磁盘可能没有挂载',
  'candidate.twice': '同一块盘的另一份复制，不使用',
  'candidate.retired': '已停用的备份盘',
  'candidate.failed': '读写出错，稍后自动重试',
  prepare: '启用…',
  adopt: '接管',
  adopted: '已接管，正在核对其内容',
  prepareTitle: '启用备份盘',
  prepareText: '将在文件夹 {root} 中建立备份盘。不会格式化，也不会删除其中已有的文件。',
  labelHelp: '请把标签写在盘上，如 A1',
  setHelp: '同一组的盘合起来保存全部内容，如 A；轮换时再用另一组',
  encrypt: '加密（只有持有医院私钥的人能读取）',
  recipient: '公钥（age1…）',
  recipientHelp: '用 age-keygen 生成；私钥由医院保管，不要放在本机',
  prepareNow: '启用此盘',
  prepared: '已启用，开始复制',
  notSetUp:
    '尚未设置备份盘出现的位置。请在 filmless.yaml 中设置 plugins.backup.mounts，例如 ["/media/backup"]，然后重新启动。',
  noDisks: '还没有备份盘。插入一块移动磁盘，它会出现在下方，点“启用”即可。',
  noFolders: '没有发现其他磁盘。插入磁盘并挂载后会自动出现在这里。',
  find: '查找',
  findPlaceholder: '姓名、拼音、影像号、检查号或检查 UID',
  findHelp: '查看某次检查保存在哪些备份盘上',
  noStudies: '没有找到检查',
  patient: '患者',
  study: '检查',
  date: '日期',
  onDisks: '所在的盘',
  onNone: '尚无副本',
  partly: '{n} / {total}',
  shown: '显示 {n} 次，共 {total} 次',
} as const;

export type TextKey = keyof typeof zh;

const en: Record<TextKey, string> = {
  title: 'Backup',
  help: 'Images, reports, patients and orders are copied to removable disks by themselves; disks may be pulled, put back and rotated at any time',
  tabDisks: 'Disks',
  tabStudies: 'Find a study',
  loading: 'Loading…',
  retry: 'Try again',
  cancel: 'Cancel',
  lastCopy: 'Last copy',
  never: 'None yet',
  lag: 'Behind by',
  upToDate: 'Up to date',
  nextDisk: 'Next disk to put in',
  noneNeeded: 'None needed now',
  newDiskOf: 'A new disk of set {set}',
  'why.full': 'the attached one is full',
  'why.rotate': 'rotation',
  'why.none-attached': 'no disk is attached',
  attachedDisks: 'Attached',
  ofDisks: '{n} of {total}',
  disks: 'Disks',
  label: 'Label',
  set: 'Set',
  state: 'State',
  'state.attached': 'Attached',
  'state.closing': 'Finishing…',
  'state.safe': 'Safe to remove',
  'state.away': 'Not attached',
  'state.retired': 'Retired',
  room: 'Free space',
  freeOf: '{free} of {total}',
  full: 'Full',
  holds: 'Holds',
  holdsText: '{studies} studies, {objects} files',
  damagedText: '{n} damaged',
  lastSeen: 'Last seen',
  encrypted: 'encrypted',
  release: 'Remove safely',
  takeBack: 'Use again',
  check: 'Check',
  retire: 'Retire',
  checking: 'Checking',
  closing: 'Writing the directory',
  released: 'It is being finished: pull it when its state says so',
  tookBack: 'In use again',
  checkStarted: 'The check has begun; its outcome is under Jobs',
  retired: 'Retired; what its set lacks now is copied to other disks',
  retireTitle: 'Retire disk {label}?',
  retireText:
    'It is not counted as a copy any more; no file on it is deleted. Of its {studies} studies ({objects} files), what is on no other disk of set {set} is copied again. This cannot be undone.',
  sets: 'Sets',
  setsHelp: 'Each set holds everything',
  owed: 'To be copied',
  owedText: '{n} files, {size}',
  waitingText: 'the bytes of {n} have not reached this node yet',
  nothing: 'Nothing',
  perDay: 'New each day',
  forecast: 'Forecast',
  fullIn: 'Full in {n} days',
  farOff: 'Not full within ten years',
  notYetKnown: 'Too few days are known',
  folders: 'Other folders',
  foldersHelp: 'Disks that appear in {mounts}',
  folder: 'Folder',
  what: 'What it is',
  'candidate.empty': 'Can be prepared as a backup disk',
  'candidate.foreign': 'Backup disk "{label}" of another installation ({node})',
  'candidate.damaged': 'Backup disk whose marker is damaged; not used',
  'candidate.same-device': "On the same disk as this node's data: the removable disk is probably not mounted",
  'candidate.twice': 'A second copy of the same disk; not used',
  'candidate.retired': 'Retired backup disk',
  'candidate.failed': 'Gives errors; it is tried again in a moment',
  prepare: 'Prepare…',
  adopt: 'Take over',
  adopted: 'Taken over; what it holds is being checked',
  prepareTitle: 'Prepare a backup disk',
  prepareText: 'The folder {root} becomes a backup disk. It is not formatted, and nothing in it is deleted.',
  labelHelp: 'Write the label on the disk, e.g. A1',
  setHelp: 'Disks of a set together hold everything, e.g. A; use another set to rotate',
  encrypt: "Encrypt: only who has the hospital's secret key can read it",
  recipient: 'Public key (age1…)',
  recipientHelp: 'Made with age-keygen; the secret key stays with the hospital and is not on this machine',
  prepareNow: 'Prepare this disk',
  prepared: 'Prepared; copying has begun',
  notSetUp:
    'Nothing says yet where backup disks appear. Set plugins.backup.mounts in filmless.yaml, e.g. ["/media/backup"], and start the node again.',
  noDisks: 'There is no backup disk yet. Plug one in: it appears below, and Prepare makes it one.',
  noFolders: 'No other disk is there. One that is plugged in and mounted appears here by itself.',
  find: 'Find',
  findPlaceholder: 'Name, patient ID, accession number or Study Instance UID',
  findHelp: 'Says which backup disks hold a study',
  noStudies: 'No study was found',
  patient: 'Patient',
  study: 'Study',
  date: 'Date',
  onDisks: 'On disks',
  onNone: 'No copy yet',
  partly: '{n} of {total}',
  shown: '{n} of {total} studies',
};

/** A text of the screens, with `{name}` filled in. */
export function text(locale: string, key: TextKey, values: Record<string, string | number> = {}): string {
  const found = (locale.startsWith('zh') ? zh : en)[key];
  return found.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

const isZh = (locale: string): boolean => locale.startsWith('zh');
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function bytesText(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

/** 2026-01-02 10:11 */
export function timeText(iso: string): string {
  if (iso === '') return '';
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function durationText(locale: string, seconds: number): string {
  const units: [Intl.NumberFormatOptions['unit'], number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ];
  const [unit = 'second', size] = units.find(([, each]) => seconds >= each) ?? ['second', 1];
  const format = new Intl.NumberFormat(isZh(locale) ? 'zh-CN' : 'en-GB', { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(Math.floor(seconds / size));
}

/** Of a DA value. */
export const dateText = (date: string): string => date.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');

/** A PN component group as it is read: family name first, nothing between Chinese characters. */
export function nameText(name: string): string {
  const parts = name.split('^').filter((part) => part !== '');
  return parts.join(/\p{Script=Han}/u.test(name) ? '' : ' ');
}
