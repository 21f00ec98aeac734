/** The node tells reasons in English, the language of its log. What they say in Chinese; a group in a pattern is put in again. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^The folder is a backup disk already$/i, '此文件夹已是备份盘'],
  [/^It is no disk of another installation$/, '这不是其他系统的备份盘'],
  [/^Another disk has this label(?:: give each disk its own)?$/, '标签已被另一块盘使用，每块盘的标签应不同'],
  [/^The disk was not let go$/, '该盘未处于安全移除状态'],
  [/^The disk is not attached$/, '备份盘未接入'],
  [/^No such backup disk in use$/, '没有这块在用的备份盘，请刷新'],
  [/^No such folder where backup disks appear \((.*)\)$/, '备份盘目录中没有此文件夹，请检查 $1'],
  [/^the disk gave back other bytes than were written$/, '读回的内容与写入的不一致，该盘可能已损坏'],
  [/^recipient: no public key of age$/, '收件人：不是有效的 age 公钥'],
  [/^The folder cannot be read$/, '无法读取该文件夹'],
  [/^The folder cannot be written to$/, '无法写入该文件夹，请检查权限和写保护'],
  [/^A database could not be copied for the snapshot$/, '快照未完成：有数据库未能复制'],
  [/^the disk is encrypted for another key$/, '该盘用其他密钥加密'],
  [/^(.*) was pulled before the end$/, '$1 在完成前被拔出'],
  [/^text: what to search for$/, '请输入要查找的内容'],
  [/^no backup disk is attached that can be read without a key$/, '没有接入无需密钥即可读取的备份盘'],
  [/^no backup disk is attached$/, '没有接入备份盘'],
  [/^job \S+ does the same$/, '同样的任务正在进行，请等待完成'],
  [/^needs permission (.*)$/, '没有权限：$1'],
  [/^(?:Failed to fetch|Load failed|NetworkError.*)$/, '无法连接服务器，请检查网络后重试'],
  [/^(?:401|Sign-in needed)$/, '登录已失效，请重新登录'],
  [/^Unexpected failure$/, '服务器内部错误，请重试；若反复出现，请告诉信息科'],
  [/^([\w.-]+): (?:Too |Invalid|Unrecognized|Required|expected ).*$/, '“$1”填写不正确'],
];

/** What went wrong, for people: an error, or the words of the node. */
export function reason(locale: string, failure: unknown): string {
  const told = failure instanceof Error ? failure.message : String(failure);
  if (locale.startsWith('en')) return told;
  const known = REASONS.find(([pattern]) => pattern.test(told));
  return known ? told.replace(...known) : told;
}
