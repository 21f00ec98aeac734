/** The node tells reasons in English, the language of its log. What they say in Chinese; a group in a pattern is put in again. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^There is no such hold$/, '没有这项保留，请刷新'],
  [/^The hold was released before$/, '该保留已解除'],
  [/^The study is not marked for removal any more$/, '该检查已不在待删除之列，请刷新'],
  [/a department has one policy/, '每个科室只能有一条策略'],
  [/name a study or a patient/, '请指定检查或患者'],
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
