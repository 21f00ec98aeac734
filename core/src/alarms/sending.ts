import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { JobRunner, Jobs } from '../jobs/contract.ts';
import type { HealthCheck, NodeInfo, Points } from '../plugins/contract.ts';
import type { AlarmList } from './alarm-list.ts';
import type { Alarm, AlarmNotice } from './contract.ts';

export const SEND_KIND = 'alarm.send';
/** Doubling from 5 s up to an hour: about a day. */
const MAX_ATTEMPTS = 32;
const CONCURRENCY = 4;
/** A channel that does not answer must not keep the others waiting. */
const TIMEOUT_MS = 30_000;
const MAX_FAILURE = 300;
const OLD_MS = 24 * 3_600_000;

const payloadSchema = z.object({
  channel: z.string(),
  alarm: z.string(),
  event: z.enum(['raised', 'worsened', 'cleared']),
});

interface Parts {
  list: AlarmList;
  points: Points;
  node: Pick<NodeInfo, 'name'>;
}

/** One durable job for each channel and each thing that channels have not been told yet. Waits while there is no channel: one may be about to come. */
export async function enqueueUntold({ list, points }: Parts, jobs: Jobs, now: number): Promise<void> {
  const channels = points.entries('AlarmChannel');
  if (channels.length === 0) return;
  for (const { id, event } of list.untold()) {
    const clearedAt = list.get(id)?.clearedAt;
    // From long before the first channel was configured.
    const isOld = clearedAt !== undefined && now - Date.parse(clearedAt) > OLD_MS;
    for (const { key: channel } of isOld ? [] : channels) {
      await jobs.enqueue({
        kind: SEND_KIND,
        title: `Alarm to ${channel}`,
        payload: { channel, alarm: id, event } satisfies z.infer<typeof payloadSchema>,
        createdBy: 'system',
        dedupeKey: `${channel} ${id} ${event}`,
      });
    }
    list.told(id, event);
  }
}

export function sendRunner(parts: Parts): JobRunner {
  return {
    concurrency: CONCURRENCY,
    maxAttempts: MAX_ATTEMPTS,
    async run({ job, signal }) {
      const { channel, alarm: id, event } = payloadSchema.parse(job.payload);
      const alarm = parts.list.get(id);
      // A channel that was taken out of the configuration is to be told nothing.
      if (alarm && parts.points.get('AlarmChannel', channel)) await send(parts, channel, event, alarm, signal);
    },
  };
}

/** Tells a channel now that this is only a test. NOT_FOUND, or why it did not arrive. */
export async function sendTest(parts: Parts, channel: string, at: string, signal: AbortSignal): Promise<void> {
  await send(
    parts,
    channel,
    'test',
    {
      id: randomUUID(),
      key: 'core-alarms:test',
      severity: 'warning',
      title: { 'zh-CN': '测试报警', en: 'Test alarm' },
      detail: { 'zh-CN': '这是一条测试消息，无需处理', en: 'This is a test; nothing is to be done' },
      raisedAt: at,
      changedAt: at,
    },
    signal,
  );
}

async function send(
  { list, points, node }: Parts,
  key: string,
  event: AlarmNotice['event'],
  alarm: Alarm,
  signal: AbortSignal,
): Promise<void> {
  const channel = points.get('AlarmChannel', key);
  if (!channel) throw new FilmlessError('NOT_FOUND', 'no such channel for alarms');
  const notice: AlarmNotice = { event, alarm, node: { name: node.name } };
  try {
    await channel.send(notice, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
  } catch (error) {
    if (signal.aborted) throw error;
    list.noteSending(key, messageOf(error));
    throw new FilmlessError('UNAVAILABLE', messageOf(error), { cause: error });
  }
  list.noteSending(key);
}

function messageOf(error: unknown): string {
  const told =
    error instanceof FilmlessError
      ? (error.detail ?? error.message)
      : error instanceof Error
        ? error.message
        : String(error);
  return told.slice(0, MAX_FAILURE);
}

/** Alarms that reach nobody are themselves to alarm about. */
export function channelsHealth({ list, points }: Parts): HealthCheck {
  return {
    title: { 'zh-CN': '报警通知', en: 'Sending of alarms' },
    async check() {
      const channels = points.entries('AlarmChannel');
      if (channels.length === 0) {
        return {
          state: 'ok',
          detail: {
            'zh-CN': '未配置通知方式：报警只显示在屏幕上',
            en: 'no channel is configured: alarms are on the screen alone',
          },
        };
      }
      const failing = channels.filter(({ key }) => list.channel(key).failure !== undefined);
      if (failing.length === 0) return { state: 'ok', detail: { 'zh-CN': '正常', en: 'all is well' } };
      const join = (language: 'zh-CN' | 'en', sign: string) =>
        failing.map(({ value }) => value.title[language]).join(sign);
      return {
        state: 'warning',
        detail: {
          'zh-CN': `无法发送到：${join('zh-CN', '、')}；将自动重试，请检查其设置`,
          en: `cannot be sent by: ${join('en', ', ')}; it is tried again, check the settings`,
        },
      };
    },
  };
}
