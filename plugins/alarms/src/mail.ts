import { readFile } from 'node:fs/promises';
import { type AlarmChannel, type AlarmNotice, FilmlessError } from '@filmless/core/plugin';
import { createTransport } from 'nodemailer';
import { concerns } from './concerns.ts';
import type { MailSettings } from './config.ts';

const WORDS = {
  'zh-CN': {
    event: { raised: '报警', worsened: '报警升级', cleared: '已恢复', test: '测试' },
    severity: { warning: '警告', critical: '严重' },
    node: '节点',
    since: '发生时间',
    until: '恢复时间',
  },
  en: {
    event: { raised: 'Alarm', worsened: 'Alarm, now worse', cleared: 'Well again', test: 'Test' },
    severity: { warning: 'warning', critical: 'critical' },
    node: 'Node',
    since: 'Since',
    until: 'Until',
  },
} as const;

/** One mail to all who are named, for each notice. */
export class Mail implements AlarmChannel {
  readonly title = { 'zh-CN': '电子邮件', en: 'Mail' };
  readonly #settings: MailSettings;

  constructor(settings: MailSettings) {
    this.#settings = settings;
  }

  async send(notice: AlarmNotice, signal: AbortSignal): Promise<void> {
    const { host, port, security, user, password, ca, from, to, language, minSeverity } = this.#settings;
    if (!concerns(notice, minSeverity)) return;
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(ca !== undefined && { tls: { ca: await readFile(ca) } }),
      ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const close = () => transport.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      signal.throwIfAborted();
      await transport.sendMail({ from, to, ...letter(notice, language), messageId: messageId(notice, from) });
    } catch (error) {
      throw new FilmlessError('UNAVAILABLE', `the mail server did not take it: ${reason(error)}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', close);
      transport.close();
    }
  }
}

/** @internal */
export function letter(
  { event, alarm, node }: AlarmNotice,
  language: keyof typeof WORDS,
): { subject: string; text: string } {
  const words = WORDS[language];
  return {
    subject: `[Filmless ${node.name}] ${words.event[event]}: ${alarm.title[language]}`,
    text: [
      `${alarm.title[language]} (${words.severity[alarm.severity]})`,
      alarm.detail[language],
      '',
      `${words.node}: ${node.name}`,
      `${words.since}: ${alarm.raisedAt}`,
      ...(alarm.clearedAt === undefined ? [] : [`${words.until}: ${alarm.clearedAt}`]),
    ].join('\n'),
  };
}

/** The same for the same notice: programs show one that was sent twice once. */
function messageId({ event, alarm }: AlarmNotice, from: string): string {
  return `<${alarm.id}.${event}@${from.split('@')[1]}>`;
}

function reason(error: unknown): string {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  if (typeof responseCode === 'number') return `${responseCode}`;
  return typeof code === 'string' ? code : 'unknown reason';
}
