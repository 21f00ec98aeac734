const en = {
  title: 'HIS bridge',
  help: 'HL7 messages that came from other systems and that go out to them.',
  queues: 'Messages',
  dryRun: 'Dry run',
  incoming: 'Incoming',
  outgoing: 'Outgoing',
  waiting: 'Waiting',
  applied: 'Applied',
  sent: 'Sent',
  failed: 'Failed',
  dismissed: 'Set aside',
  time: 'Time',
  system: 'System',
  type: 'Type',
  controlId: 'Control ID',
  patient: 'Patient ID',
  place: 'Field',
  reason: 'Reason',
  attempts: 'Tries',
  noMessages: 'No messages in this state',
  noFailed: 'No failed messages',
  choose: 'Choose a message to see it whole.',
  message: 'Message, a segment on each line',
  corrected: 'Corrected by hand',
  newer:
    'Since then {count} messages of this patient have been applied. Applying this one now puts its older values over theirs.',
  applyCorrected: 'Apply as corrected',
  applyAgain: 'Apply again',
  sendAgain: 'Send again',
  setAside: 'Set aside',
  reallySetAside: 'Really set aside?',
  reload: 'Reload',
  more: 'The newest {shown} of {total} are shown',
  connection: 'System that would send it',
  paste: 'Paste an HL7 message here',
  run: 'Try',
  runTitle: 'Try (Ctrl+Enter)',
  tryIt: 'Try it first',
  nothingChanges: 'Nothing is changed: the message is read and checked as if it had come.',
  noConnection: 'No sending system is configured. Add it under plugins.his-bridge.hl7.connections in filmless.yaml.',
  wouldBe: 'What would be done',
  nothingDone: 'Nothing would be done.',
  ok: 'The message would be taken.',
  refused: 'The message would be refused with {answer}.',
  remark: 'Note',
  error: 'Error',
  segments: 'Message as it was read',
  isNew: 'new',
  isKnown: 'is there already, would be changed',
  register: 'Register the patient',
  merge: 'Merge patients',
  'place-order': 'Enter the order',
  'order-status': 'Change the order',
  'deliver-report': 'Deliver the report',
  done: 'Done',
  failedRequest: 'The request failed: {reason}',
  signedOut: 'The session has ended. Sign in again.',
};
export type TextKey = keyof typeof en;

const zh: Readonly<Record<TextKey, string>> = {
  title: 'HIS 接口',
  help: '与其他系统之间收发的 HL7 消息。',
  queues: '消息队列',
  dryRun: '试运行',
  incoming: '接收',
  outgoing: '发送',
  waiting: '待处理',
  applied: '已处理',
  sent: '已发送',
  failed: '出错',
  dismissed: '已搁置',
  time: '时间',
  system: '系统',
  type: '类型',
  controlId: '消息控制号',
  patient: '患者编号',
  place: '字段',
  reason: '原因',
  attempts: '次数',
  noMessages: '没有该状态的消息',
  noFailed: '没有出错的消息',
  choose: '选择一条消息查看全文。',
  message: '消息全文，每行一个段',
  corrected: '已人工更正',
  newer: '此后已处理该患者的 {count} 条消息。现在处理此消息，会用其中较旧的内容覆盖新内容。',
  applyCorrected: '按更正内容处理',
  applyAgain: '重新处理',
  sendAgain: '重新发送',
  setAside: '搁置',
  reallySetAside: '确认搁置？',
  reload: '刷新',
  more: '共 {total} 条，显示最近 {shown} 条',
  connection: '发送系统',
  paste: '在此粘贴 HL7 消息',
  run: '试运行',
  runTitle: '试运行（Ctrl+Enter）',
  tryIt: '先试运行',
  nothingChanges: '只读取并检查消息，不改动任何数据。',
  noConnection: '尚未配置发送系统。请在 filmless.yaml 的 plugins.his-bridge.hl7.connections 中添加。',
  wouldBe: '将执行的操作',
  nothingDone: '不会执行任何操作。',
  ok: '该消息会被接收。',
  refused: '该消息会被拒收，应答 {answer}。',
  remark: '提示',
  error: '错误',
  segments: '解析结果',
  isNew: '新增',
  isKnown: '已存在，将更新',
  register: '登记患者',
  merge: '合并患者',
  'place-order': '登记检查申请',
  'order-status': '更改申请状态',
  'deliver-report': '接收报告',
  done: '已完成',
  failedRequest: '请求失败：{reason}',
  signedOut: '登录已失效，请重新登录。',
};

export function text(locale: string, key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const table = locale.startsWith('en') ? en : zh;
  return table[key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Names of values in steps: English and Chinese. */
const LABELS: Readonly<Record<string, readonly [string, string]>> = {
  identifiers: ['Patient IDs', '患者编号'],
  name: ['Name', '姓名'],
  sex: ['Sex', '性别'],
  birthDate: ['Date of birth', '出生日期'],
  ward: ['Ward', '病区'],
  room: ['Room', '房间'],
  bed: ['Bed', '床号'],
  from: ['Merged', '被合并编号'],
  into: ['Kept', '保留编号'],
  system: ['System', '系统'],
  placerNumber: ['Order number', '申请单号'],
  fillerNumber: ['Filler number', '执行编号'],
  accessionNumber: ['Accession number', '检查号'],
  patient: ['Patient ID', '患者编号'],
  procedure: ['Procedure', '检查项目'],
  modality: ['Modality', '检查类型'],
  bodyPart: ['Body part', '部位'],
  priority: ['Priority', '优先级'],
  reason: ['Reason', '临床信息'],
  requestedBy: ['Requested by', '申请医生'],
  requestingDepartment: ['Department', '申请科室'],
  orderedAt: ['Ordered', '申请时间'],
  scheduledAt: ['Scheduled', '预约时间'],
  scheduledStation: ['Station', '预约设备'],
  status: ['Status', '状态'],
  initialStatus: ['Status when new', '新建时状态'],
  title: ['Title', '标题'],
  text: ['Text', '检查所见'],
  conclusion: ['Conclusion', '诊断意见'],
  author: ['Author', '报告医生'],
  reviewer: ['Reviewer', '审核医生'],
  issuedAt: ['Issued', '报告时间'],
  StudyInstanceUID: ['Study Instance UID', '检查实例 UID'],
  externalId: ['Report number', '报告编号'],
  pdfBase64: ['PDF file', 'PDF 文件'],
};

/** Undefined for values that nobody needs to see. */
export function label(locale: string, name: string): string | undefined {
  return LABELS[name]?.[locale.startsWith('en') ? 0 : 1];
}

/** What values are called that the program itself names. */
const VALUES: Readonly<Record<string, string>> = {
  routine: '普通',
  urgent: '加急',
  stat: '急诊',
  ordered: '已申请',
  scheduled: '已预约',
  'in-progress': '检查中',
  completed: '已完成',
  cancelled: '已取消',
  draft: '草稿',
  reported: '已报告',
  reviewed: '已审核',
  amended: '已修改',
};

const SEX: Readonly<Record<string, readonly [string, string]>> = {
  M: ['Male', '男'],
  F: ['Female', '女'],
  O: ['Other', '其他'],
};

/** A value of a step as people read it. */
export function shown(locale: string, name: string, value: string): string {
  const english = locale.startsWith('en');
  switch (name) {
    case 'status':
    case 'initialStatus':
    case 'priority':
      return english ? value : (VALUES[value] ?? value);
    case 'sex':
      return SEX[value]?.[english ? 0 : 1] ?? value;
    case 'name':
      return personName(value);
    case 'birthDate':
      return value.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
    case 'orderedAt':
    case 'scheduledAt':
    case 'issuedAt':
      return time(value);
  }
  return value;
}

/** `Zhang^San=张^三` as 张三 (Zhang San). @dicom PS3.5 6.2 */
function personName(value: string): string {
  const [alphabetic = '', ideographic = ''] = value.split('=');
  const latin = alphabetic.split('^').filter(Boolean).join(' ');
  const chinese = ideographic.split('^').filter(Boolean).join('');
  return chinese === '' ? latin : latin === '' ? chinese : `${chinese} (${latin})`;
}

/** In this machine's time, to the second; '' for what is none. */
export function time(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
