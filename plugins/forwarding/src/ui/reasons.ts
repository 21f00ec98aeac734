/** The node tells reasons in English, the language of its log. What they say in Chinese; a group in a pattern is put in again. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^no such destination$/, '没有这个目的地，请刷新'],
  [/^no such STOW-RS server$/, '没有这个 STOW-RS 服务器，请刷新'],
  [/^its password or token is not set on this node$/, '本节点未设置其密码或令牌'],
  [/^the server answered (.*)$/, '服务器应答 $1'],
  [/^the server breaks off$/, '服务器中断了连接'],
  [/^the server does not say that it stored it$/, '服务器未确认已保存'],
  [/^a rule forwards to it: change or remove that rule first( \(\w+\))?$/, '有规则转发到此处，请先修改或删除该规则$1'],
  [/^the plugin that sends by this protocol is not active$/, '负责此协议发送的插件未启用'],
  [/^the connection has ended$/, '连接已断开'],
  [/^the association has ended.*$/, 'DICOM 连接已断开'],
  [/^the device does not accept SOP class (.*)$/, '设备不接受此影像类型 $1'],
  [/^the device refuses C-ECHO$/, '设备拒绝连接测试'],
  [/^the device keeps ending the association$/, '设备反复断开连接'],
  [/^no device (.*)$/, '没有设备 $1'],
  [/^the device (\S+) does not store$/, '设备 $1 未设为可接收影像'],
  [/^(\S+) has no address$/, '$1 没有设置地址'],
  [/^no connection within (\d+) ms$/, '$1 毫秒内未能连接'],
  [/^no response .*$/, '对方未及时应答'],
  [/ECONNREFUSED.*/, '对方拒绝连接，请检查地址、端口和程序是否运行'],
  [/ETIMEDOUT.*|EHOSTUNREACH.*|ENETUNREACH.*/, '网络不通'],
  [/ENOTFOUND.*|EAI_AGAIN.*/, '找不到该主机名'],
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
