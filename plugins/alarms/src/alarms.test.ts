import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { AlarmNotice } from '@filmless/core/plugin';
import { startPluginTestNode } from '@filmless/core/testing';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';
import { alarmsPlugin } from './index.ts';
import { signature } from './webhook.ts';

const SECRET = 'sixteen letters and more';
const notice: AlarmNotice = {
  event: 'raised',
  node: { name: 'centre' },
  alarm: {
    id: '01',
    key: 'backup:disk',
    severity: 'critical',
    title: { 'zh-CN': '备份盘已满', en: 'Backup disk full' },
    detail: { 'zh-CN': '请插入下一块备份盘', en: 'Put in the next disk' },
    raisedAt: '2026-11-24T08:00:00.000Z',
    changedAt: '2026-11-24T08:00:00.000Z',
  },
};
const warning: AlarmNotice = { ...notice, alarm: { ...notice.alarm, severity: 'warning' } };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function channel(config: object, key: string) {
  const node = await startPluginTestNode(alarmsPlugin, config);
  closers.push(() => node.stop());
  const found = node.points.get('AlarmChannel', key);
  if (!found) throw new Error(`no channel ${key}`);
  return found;
}

describe('a webhook', () => {
  const received: { body: string; headers: IncomingHttpHeaders }[] = [];
  async function receiver(status: number): Promise<string> {
    received.length = 0;
    const server = createServer(async (request, response) => {
      received.push({ body: await text(request), headers: request.headers });
      response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms`;
  }
  const signal = new AbortController().signal;

  it('is told with a signature that the receiver can check', async () => {
    const webhook = await channel({ webhooks: [{ url: await receiver(204), secret: SECRET }] }, 'webhook:webhook');
    await webhook.send(notice, signal);
    const [{ body, headers } = { body: '', headers: {} }] = received;
    expect(JSON.parse(body)).toEqual(notice);
    expect(headers['x-filmless-signature']).toBe(signature(SECRET, String(headers['x-filmless-timestamp']), body));
  });

  it('that refuses, leads elsewhere or is away did not get it', async () => {
    for (const status of [500, 302]) {
      const webhook = await channel({ webhooks: [{ url: await receiver(status), secret: SECRET }] }, 'webhook:webhook');
      await expect(webhook.send(notice, signal)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    const url = await receiver(200);
    await closers.pop()?.();
    const away = await channel({ webhooks: [{ url, secret: SECRET }] }, 'webhook:webhook');
    await expect(away.send(notice, signal)).rejects.toMatchObject({ detail: expect.stringContaining('ECONNREFUSED') });
  });

  it('for critical alarms is not told of warnings, but of a test', async () => {
    const webhooks = [{ url: await receiver(200), secret: SECRET, minSeverity: 'critical' }];
    const webhook = await channel({ webhooks }, 'webhook:webhook');
    await webhook.send(warning, signal);
    expect(received).toEqual([]);
    await webhook.send({ ...warning, event: 'test' }, signal);
    expect(received).toHaveLength(1);
  });
});

describe('mail', () => {
  async function server(options: { refuses?: boolean } = {}) {
    const mails: string[] = [];
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: (_address, _session, done) => done(options.refuses ? new Error('no such mailbox') : null),
      onData: (stream, _session, done) => {
        void text(stream).then((mail) => {
          mails.push(mail);
          done();
        });
      },
    });
    const listening = smtp.listen(0, '127.0.0.1');
    await new Promise((resolve) => listening.once('listening', resolve));
    closers.push(() => new Promise<void>((resolve) => smtp.close(() => resolve())));
    const mail = {
      host: '127.0.0.1',
      port: (listening.address() as AddressInfo).port,
      security: 'none',
      from: 'pacs@hospital.example',
      to: ['it@hospital.example'],
      language: 'en',
    };
    return { mails, mail };
  }

  it('says what is wrong, where, and what to do', async () => {
    const { mails, mail } = await server();
    await (await channel({ mail }, 'mail')).send(notice, new AbortController().signal);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain('Subject: [Filmless centre] Alarm: Backup disk full');
    expect(mails[0]).toContain('To: it@hospital.example');
    expect(mails[0]).toContain('Put in the next disk');
    expect(mails[0]).toContain('Message-ID: <01.raised@hospital.example>');
  });

  it('that the server does not take did not arrive', async () => {
    const { mail } = await server({ refuses: true });
    const channelOfMail = await channel({ mail }, 'mail');
    await expect(channelOfMail.send(notice, new AbortController().signal)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});

describe('settings', () => {
  const webhook = (url: string) => configSchema.safeParse({ webhooks: [{ url, secret: SECRET }] }).success;

  it('want https, unless it is this machine', () => {
    expect(webhook('https://alarms.hospital.example/')).toBe(true);
    expect(webhook('http://localhost:9000/')).toBe(true);
    expect(webhook('http://alarms.hospital.example/')).toBe(false);
    expect(webhook('http://127.0.0.1.evil.example/')).toBe(false);
  });

  it('do not let a password go in clear text', () => {
    const mail = { host: 'mail.hospital.example', security: 'none', from: 'a@b.example', to: ['c@d.example'] };
    expect(configSchema.safeParse({ mail }).success).toBe(true);
    expect(configSchema.safeParse({ mail: { ...mail, user: 'u', password: 'p' } }).success).toBe(false);
  });
});
