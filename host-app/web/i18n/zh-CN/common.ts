import { detailWords } from './details.ts';

const thousands = (count: number) => count.toLocaleString('en-US');

export const common = {
  product: 'Filmless 影像平台',
  languageZh: '简体中文',
  languageEn: 'English',
  language: '界面语言',
  male: '男',
  female: '女',
  otherSex: '其他',
  maleShort: '男',
  femaleShort: '女',
  otherSexShort: '其他',
  ageYears: (value: number) => `${value}岁`,
  ageMonths: (value: number) => `${value}个月`,
  ageWeeks: (value: number) => `${value}周`,
  ageDays: (value: number) => `${value}天`,
  images: (count: number) => `${thousands(count)} 幅`,
  seriesAndImages: (series: number, images: number) => `${thousands(series)} 序列，${thousands(images)} 幅`,
  loading: '正在加载…',
  retry: '重试',
  refresh: '刷新',
  cancel: '取消',
  close: '关闭',
  save: '保存',
  delete: '删除',
  edit: '修改',
  download: '下载',
  confirm: '确定',
  open: '打开',
  yes: '是',
  no: '否',
  none: '无',
  unknown: '未知',
  /** A heading, and what it is about in this case. */
  because: (title: string, reason: string) => `${title}：${reason}`,
  /** What the node says, in Chinese. */
  detail: detailWords,
  sentences: (first: string, second: string) => `${first}。${second}`,
  /** Sentences that end with their own full stop. */
  paragraph: (parts: readonly string[]) => parts.filter((part) => part !== '').join(''),
  codeForIt: (code: string) => `错误代码 ${code}`,
  requestForIt: (id: string) => `请求号 ${id}`,
  never: '从未',
  required: '必填',
  columns: '显示列',
  columnsReset: '恢复默认列',
  actions: '操作',
  /** Several short facts in one line. */
  joined: (parts: readonly string[]) => parts.filter((part) => part !== '').join('，'),
  notPermitted: '您的账号没有此项权限，需要时请联系信息科。',
  unnamedPatient: '未提供姓名',
};

export const patient = {
  banner: '患者信息',
  id: '影像号',
  sex: '性别',
  born: '出生日期',
  accession: '检查号',
  studyDate: '检查日期',
  department: '检查科室',
  physician: '申请医生',
  description: '检查项目',
};

export const calendar = {
  monthNames: ['一月', '二月', '三月', '四月', '五月', '六月', '七月', '八月', '九月', '十月', '十一月', '十二月'],
  weekdays: ['星期日', '星期一', '星期二', '星期三', '星期四', '星期五', '星期六'],
  weekdaysShort: ['日', '一', '二', '三', '四', '五', '六'],
  today: '今天',
  cancel: '取消',
  dialogName: '日历',
  title: (month: string, year: number) => `${year}年 ${month}`,
};
