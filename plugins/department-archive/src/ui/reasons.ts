/** The node tells reasons in English, the language of its log. What they say in Chinese; a group in a pattern is put in again. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^Join codes are made at the centre$/, '加入码只能在中心节点生成'],
  [/^This node is a (\S+) already; the code makes it a (\S+)$/, '本节点已是 $1，此加入码用于 $2'],
  [/^The join code was used or is too old: make another one$/, '加入码已使用或已过期，请在中心重新生成'],
  [/^This is not a whole join code: copy it once more$/, '加入码不完整，请重新复制'],
  [/^This node is not known here$/, '中心不认识本节点'],
  [/^No such node$/, '没有这个节点，请刷新'],
  [/^Another node than the one that joined answers at this address$/, '此地址应答的不是原来加入的节点'],
  [/^The (?:link is closed|other node broke off)$/, '与对方节点的连接中断'],
  [
    /^The other node (?:cannot be reached|does not answer|has stalled|is silent)$/,
    '对方节点没有应答，请检查网络和对方是否运行',
  ],
  [/^The other node answered (\d+)$/, '对方节点应答 $1'],
  [/^The link between nodes cannot listen at (.*)$/, '节点间连接无法监听 $1'],
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
