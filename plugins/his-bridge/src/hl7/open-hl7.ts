import { join } from 'node:path';
import {
  type Disposable,
  disposable,
  type HealthCheck,
  type Logger,
  type PluginContext,
  readTlsFiles,
  type TlsFileSettings,
  watchTlsFiles,
} from '@filmless/core/plugin';
import type { HisBridgeConfig } from '../config.ts';
import { applyAction } from './apply.ts';
import { Connections } from './connections.ts';
import { MessageError } from './errors.ts';
import { Inbox, type InboxEntry } from './inbox.ts';
import { InboxWorker } from './inbox-worker.ts';
import { readKept } from './kept-message.ts';
import { MllpServer } from './mllp-server.ts';
import { openOutbox } from './open-outbox.ts';
import type { Outbox } from './outbox.ts';
import { planMessage } from './plan.ts';
import { openQueueDatabase } from './queue-database.ts';
import { type Connection, MessageReceiver } from './receive.ts';
import { hl7Routes } from './routes.ts';

/** HL7 v2 over MLLP: the listener, the queues and their routes. Everything ends with the plugin. */
export async function openHl7(context: PluginContext<HisBridgeConfig>): Promise<void> {
  const config = context.config.hl7;
  const connections = new Connections(config);
  const database = openQueueDatabase(join(context.node.dataDirectory, 'his-bridge', 'hl7.sqlite'));
  context.onDispose(disposable(() => database.close()));
  const inbox = new Inbox(database);
  const outbox = openOutbox(context, database);
  const gauge = context.metrics.gauge('hl7_inbox', 'HL7 messages that came, by state', ['state']);
  const sending = context.metrics.gauge('hl7_outbox', 'HL7 messages that go out, by state', ['state']);
  const answers = context.metrics.counter('hl7_answers_total', 'Answers to HL7 messages', ['code']);
  const outcomes = context.metrics.counter('hl7_applied_total', 'HL7 messages worked off', ['outcome']);
  const count = () => {
    for (const [state, n] of Object.entries(inbox.counts())) gauge.set({ state }, n);
    for (const [state, n] of Object.entries(outbox.counts())) sending.set({ state }, n);
  };
  count();
  const counting = setInterval(count, 15_000);
  context.onDispose(disposable(() => clearInterval(counting)));

  const receiver = new MessageReceiver(inbox, context.log, (code) => answers.inc({ code }));
  const worker = new InboxWorker({
    inbox,
    log: context.log,
    keepDays: config.keepDays,
    apply: (entry) => applyEntry(context, inbox, connections, entry),
    done: (outcome) => outcomes.inc({ outcome }),
  });
  context.onDispose(worker);
  for (const route of hl7Routes({ inbox, outbox, connections, stores: context }))
    context.points.contribute('HttpRoute', `${route.method} ${route.path}`, route);

  const server = new MllpServer<Connection>({
    handler: {
      accept: (address) => connections.at(address),
      message: (bytes, from) => receiver.receive(bytes, from),
      cutOff: (head, from, why) => receiver.refuseCutOff(head, from, why),
    },
    limits: config.limits,
    log: context.log,
    ...(config.tls ? { tls: { ...readTlsFiles(config.tls), requestCert: config.tls.ca !== undefined } } : {}),
  });
  let listening: number | undefined;
  // Without a system that may send there is nobody to listen to.
  if (connections.names.length > 0) {
    listening = await server.listen(config.host, config.port);
    context.onDispose(server);
    if (config.tls) context.onDispose(renewing(server, config.tls, context.log));
    context.log.info(
      { host: config.host, port: listening, connections: connections.names.length },
      'Listening for HL7 messages',
    );
  }
  context.points.contribute(
    'HealthCheck',
    'hl7',
    healthCheck(inbox, outbox, () => ({ listening, open: server.connections })),
  );
}

function renewing(server: MllpServer<Connection>, files: TlsFileSettings, log: Logger): Disposable {
  return watchTlsFiles(
    files,
    (material) => {
      server.renew(material);
      log.info({ cert: files.cert }, 'The certificate was renewed');
    },
    (error) => log.error({ err: error }, 'The new certificate cannot be used; the old one stays'),
  );
}

/** Reads a message again, as it came or as somebody corrected it, and takes its steps. */
async function applyEntry(
  stores: PluginContext<HisBridgeConfig>,
  inbox: Inbox,
  connections: Connections,
  entry: InboxEntry,
): Promise<void> {
  const connection = connections.named(entry.connection);
  if (!connection) throw new MessageError('AE', 207, '', 'the connection it came by is not in the settings any more');
  const { actions } = planMessage(readKept(inbox, entry.id, connection), connection.mapping, connection);
  const by = `hl7:${entry.connection}#${entry.controlId}`;
  for (const action of actions) await applyAction(stores, action, by);
}

function healthCheck(
  inbox: Inbox,
  outbox: Outbox,
  state: () => { listening: number | undefined; open: number },
): HealthCheck {
  return {
    title: { 'zh-CN': 'HL7 接口', en: 'HL7 interface' },
    async check() {
      const { waiting, failed } = inbox.counts();
      const out = outbox.counts();
      const { listening, open } = state();
      const zh = listening === undefined ? '未配置发送系统，未监听' : `端口 ${listening}，${open} 个连接`;
      const en =
        listening === undefined
          ? 'not listening: no sending system is configured'
          : `port ${listening}, ${open} connections`;
      return {
        state: failed > 0 || out.failed > 0 ? 'warning' : 'ok',
        detail: {
          'zh-CN': `${zh}；待处理 ${waiting} 条，出错 ${failed} 条；待发送 ${out.waiting} 条，发送出错 ${out.failed} 条`,
          en: `${en}; ${waiting} waiting, ${failed} failed; ${out.waiting} to be sent, ${out.failed} refused`,
        },
      };
    },
  };
}
