/** The node tells reasons in English, the language of its log. What they say in Chinese; a group in a pattern is put in again. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^there is no number of the patient of a known type$/, '缺少可识别类型的患者编号'],
  [/^there is no number of the patient who is merged$/, '缺少被合并患者的编号'],
  [/^it is the number that is kept$/, '与保留的编号相同'],
  [/^a patient number has over 64 characters or a backslash$/, '患者编号超过 64 个字符或含反斜杠'],
  [/^a form of the name has over 64 characters$/, '姓名超过 64 个字符'],
  [/^is no day of the calendar and is left out$/, '不是有效日期，已忽略'],
  [/^is no known code and is left out$/, '不是已知代码，已忽略'],
  [/^is no time and is left out$/, '不是有效时间，已忽略'],
  [/^is no UID and is left out$/, '不是有效 UID，已忽略'],
  [/^has a file without content$/, '文件没有内容'],
  [/^has a second file, which is left out$/, '含第二个文件，已忽略'],
  [/^is no order control that is taken$/, '不支持的医嘱控制码'],
  [/^is no order status that is known$/, '未知的申请状态'],
  [/^is no report status that is taken$/, '未知的报告状态'],
  [/^the order has no number$/, '缺少申请单号'],
  [/^the accession number has over 64 characters$/, '检查号超过 64 个字符'],
  [/^the report names no accession number, order or study$/, '报告未注明检查号、申请单或检查'],
  [/^the report has neither text nor file$/, '报告既无文字也无文件'],
  [/^neither study nor accession number is named, and the order is not known$/, '未注明检查或检查号，且申请单不存在'],
  [/^the file is not encoded as Base64$/, '文件未按 Base64 编码'],
  [/^the file is no Base64$/, '文件不是有效的 Base64'],
  [/^the file is no PDF$/, '文件不是 PDF'],
  [/^the text is too long$/, '文字过长'],
  [/^the order of this number belongs to another patient$/, '该申请单属于其他患者'],
  [/^there is no order of this number from this system$/, '该系统没有此申请单号'],
  [/^the order is completed and cannot be cancelled$/, '检查已完成，不能取消'],
  [/^the number is known from another issuer/, '该编号已由其他机构使用；请将其中一个系统设为 patientNumbers: named'],
  [/^this event is not taken$/, '不支持该事件'],
  [/^this type of message is not taken$/, '不支持该类型的消息'],
  [/^the message does not begin with MSH$/, '消息不以 MSH 开头'],
  [/^MSH-1 and MSH-2 are not five different separators$/, 'MSH-1 和 MSH-2 不是五个不同的分隔符'],
  [/^a line does not begin with the name of a segment$/, '有一行不以段名开头'],
  [/^more than (\d+) segments$/, '超过 $1 个段'],
  [/^MSH-9 has no message type$/, 'MSH-9 缺少消息类型'],
  [/^MSH-10 must have 1 to (\d+) characters$/, 'MSH-10 应为 1 至 $1 个字符'],
  [/^the bytes are not (\S+), which .*$/, '内容不是消息或连接所声明的 $1 编码'],
  [/^the bytes are UTF-8, not (\S+) as .*$/, '内容是 UTF-8 编码，而 MSH-18 或连接声明为 $1'],
  [/^MSH-18 names a character set that is not known here$/, 'MSH-18 的字符集不受支持'],
  [/^the message could not be kept; send it again$/, '消息未能保存，请重新发送'],
  [/^MSH-12 is not a version 2$/, 'MSH-12 不是 2.x 版本'],
  [/^the connection it came by is not in the settings any more$/, '接收该消息的连接已不在配置中'],
  [/^(\S+) has no sign for some of the text$/, '部分文字无法用 $1 表示'],
  [/^no answer in time$/, '对方未及时应答'],
  [/^no connection in time$/, '未能及时连接'],
  [/^the connection was closed$/, '连接已断开'],
  [/^the answer is to another message$/, '应答与消息不符'],
  [/ECONNREFUSED/, '对方拒绝连接'],
  [/^message: (.*)$/, '$1'],
  [/an identifier belongs to another person/, '其中一个编号属于其他患者'],
  [/it was merged into another person before/, '此前已合并到其他患者'],
  [/the two are one person already/, '两者已是同一患者'],
  [/the report belongs to another patient/, '该报告属于其他患者'],
  [/the message is not in the list of errors/, '该消息已不在出错列表中，请刷新'],
];

export function reason(locale: string, told: string): string {
  if (locale.startsWith('en')) return told;
  for (const [pattern, chinese] of REASONS) {
    if (!pattern.test(told)) continue;
    const found = told.replace(pattern, chinese);
    // What stands behind a field's name is a reason of its own.
    const inner = /^([A-Z0-9]{3}-\d+): (.*)$/.exec(found);
    return inner ? `${inner[1]}：${reason(locale, inner[2] ?? '')}` : pattern.source.startsWith('^') ? found : chinese;
  }
  return told;
}
