import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { disposable, type Order, type PluginContext, type ReportVersion } from '@filmless/core/plugin';
import type { HisBridgeConfig, ReceiverSettings } from '../config.ts';
import { MllpClient } from './mllp-client.ts';
import { orderMessage, statusChanges } from './order-message.ts';
import { Outbox } from './outbox.ts';
import { OutboxSender } from './outbox-sender.ts';
import { reportMessage } from './report-message.ts';

const PRUNE_EVERY_MS = 3_600_000;

/** Reports go out to the receivers of the settings, as ORU^R01, and the status of orders. */
export function openOutbox(context: PluginContext<HisBridgeConfig>, database: DatabaseSync): Outbox {
  const { receivers, keepDays, limits } = context.config.hl7;
  const outbox = new Outbox(database);
  const outcomes = context.metrics.counter('hl7_sent_total', 'HL7 messages sent', ['receiver', 'outcome']);
  for (const receiver of receivers) {
    const { name, host, port, tls, characterSet } = receiver;
    const client = new MllpClient({
      host,
      port,
      timeoutMs: limits.answerTimeoutMs,
      ...(tls ? { tls: tls.ca === undefined ? {} : { ca: readFileSync(tls.ca, 'utf8') } } : {}),
    });
    const sender = new OutboxSender({
      outbox,
      receiver: name,
      characterSet,
      send: (message) => client.send(message),
      log: context.log,
      done: (outcome) => outcomes.inc({ receiver: name, outcome }),
    });
    context.onDispose(
      disposable(async () => {
        const stopped = sender.dispose();
        client.close();
        await stopped;
      }),
    );
  }
  if (receivers.length > 0) {
    const tell = async (versions: readonly ReportVersion[]) => {
      for (const version of versions) await enqueue(context, outbox, version);
    };
    context.hooks.after('report.issued', 'hl7-reports', tell, { from: 'now' });
    context.hooks.after('report.amended', 'hl7-amendments', tell, { from: 'now' });
    context.hooks.after(
      'order.changed',
      'hl7-orders',
      async (orders) => {
        for (const order of orders) await enqueueStatus(context, outbox, order);
      },
      { from: 'now' },
    );
  }
  const pruning = setInterval(() => outbox.prune(new Date(Date.now() - keepDays * 86_400_000)), PRUNE_EVERY_MS);
  context.onDispose(disposable(() => clearInterval(pruning)));
  return outbox;
}

/** A receiver gets every version in its order: of those before this one, what it has not got yet. Never the system it came from. */
async function enqueue(context: PluginContext<HisBridgeConfig>, outbox: Outbox, told: ReportVersion): Promise<void> {
  const report = await context.reports.get(told.reportId);
  const versions = (report?.versions ?? [told]).filter(
    ({ event, version }) => event !== 'drafted' && version <= told.version,
  );
  for (const receiver of context.config.hl7.receivers) {
    for (const version of versions) {
      const name = `report:${version.reportId}:${version.version}`;
      if (version.source.system === receiver.name || outbox.has(receiver.name, name)) continue;
      outbox.add({
        receiver: receiver.name,
        name,
        type: 'ORU^R01',
        patient: version.patient.id,
        message: await messageFor(context, version, receiver),
      });
    }
  }
}

/** A receiver gets every status in its order, what it has not got yet. Never what it said itself. */
async function enqueueStatus(context: PluginContext<HisBridgeConfig>, outbox: Outbox, order: Order): Promise<void> {
  const { receivers, sendingApplication, sendingFacility } = context.config.hl7;
  const changes = statusChanges(order);
  if (changes.length === 0) return;
  const patient = await context.patients.find(order.patient);
  for (const receiver of receivers) {
    if (receiver.orderStatus === 'none' || (receiver.orderStatus === 'own' && order.system !== receiver.name)) continue;
    for (const change of changes) {
      const name = `order:${JSON.stringify([order.system, order.placerNumber, change.at, change.status])}`;
      if (change.by.startsWith(`hl7:${receiver.name}#`) || outbox.has(receiver.name, name)) continue;
      const to = { ...receiver, sendingApplication, sendingFacility };
      outbox.add({
        receiver: receiver.name,
        name,
        type: receiver.orderMessage,
        patient: order.patient.id,
        message: orderMessage(order, change, { patient, to, type: receiver.orderMessage, controlId: newControlId() }),
      });
    }
  }
}

async function messageFor(
  context: PluginContext<HisBridgeConfig>,
  version: ReportVersion,
  receiver: ReceiverSettings,
): Promise<string> {
  const { sendingApplication, sendingFacility } = context.config.hl7;
  const { accessionNumber, document, patient } = version;
  const about = {
    patient: await context.patients.find({ id: patient.id, issuer: patient.issuer ?? '' }),
    order: accessionNumber ? await context.orders.byAccession(accessionNumber) : undefined,
    document: document ? await context.reports.getDocument(document.sha256) : undefined,
  };
  return reportMessage(version, about, { ...receiver, sendingApplication, sendingFacility }, newControlId());
}

const newControlId = (): string => randomUUID().replaceAll('-', '').slice(0, 20);
