import {
  disposable,
  FilmlessError,
  type HealthCheck,
  type HttpRequest,
  type PluginContext,
} from '@filmless/core/plugin';
import { z } from 'zod';
import { hisRoute } from '../hl7/route-parts.ts';
import type { PullConfig } from './config.ts';
import { Pull } from './pull.ts';
import { RestRows } from './rest-rows.ts';

export { pullConfig } from './config.ts';

const KIND = 'his-pull';
const payloadSchema = z.object({ pull: z.string() });
const HOUR_MS = 3_600_000;

/** Takes patients and orders over from views that are asked again and again, for a HIS that sends nothing itself. */
export function openPull(context: PluginContext, config: PullConfig): void {
  if (config.length === 0) return;
  const { documents, patients, orders, points, jobs } = context;
  const pulls = new Map(
    config.map((settings): [string, Pull] => {
      const { from, name } = settings;
      const rest = 'rest' in from ? new RestRows(from.rest) : undefined;
      const source = () => rest ?? ('rowSource' in from ? points.get('RowSource', from.rowSource) : undefined);
      return [name, new Pull({ settings, source, documents, patients, orders })];
    }),
  );
  points.contribute('Job', KIND, {
    concurrency: 1,
    // The next run of the schedule tries again.
    maxAttempts: 1,
    async run({ job, signal, progress }) {
      const pull = pulls.get(payloadSchema.parse(job.payload).pull);
      if (pull) await pull.run(AbortSignal.any([signal, context.signal]), (done) => progress(done, done));
    },
  });
  const enqueue = (pull: Pull, createdBy: string) =>
    jobs.enqueue({
      kind: KIND,
      title: pull.name,
      payload: { pull: pull.name },
      createdBy,
      dedupeKey: `${KIND}:${pull.name}`,
    });
  for (const pull of pulls.values()) {
    const begin = async () => {
      if (!pull.ready) return;
      await enqueue(pull, 'his-bridge').catch((error: unknown) =>
        context.log.error({ err: error }, 'a pull could not be begun'),
      );
    };
    const timer = setInterval(begin, pull.settings.everySeconds * 1000);
    context.onDispose(disposable(() => clearInterval(timer)));
    // Another plugin may bring its source later, or again.
    if (!pull.ready) points.onChange('RowSource', () => void begin());
    void begin();
    points.contribute('HealthCheck', `pull:${pull.name}`, healthOf(pull));
  }
  const pullOf = ({ params }: HttpRequest): Pull => {
    const pull = pulls.get(params['pull'] ?? '');
    if (!pull) throw new FilmlessError('NOT_FOUND', 'there is no such pull');
    return pull;
  };
  const routes = [
    hisRoute('GET', '/pulls', 'Views that are pulled from, and how far', async () => {
      const items = await Promise.all(
        [...pulls.values()].map(async (pull) => ({ name: pull.name, ...(await pull.state()) })),
      );
      return { body: { items } };
    }),
    hisRoute('POST', '/pulls/:pull/run', 'Pulls now', async (request) => {
      const job = await enqueue(pullOf(request), request.identity?.id ?? '');
      return { status: 202, body: { job: job.id } };
    }),
    hisRoute(
      'POST',
      '/pulls/:pull/dry-run',
      'What the first rows would become; nothing is changed',
      async (request) => ({
        body: { items: await pullOf(request).dryRun(request.signal) },
      }),
    ),
  ];
  for (const route of routes) points.contribute('HttpRoute', `${route.method} ${route.path}`, route);
}

function healthOf(pull: Pull): HealthCheck {
  const { name, everySeconds } = pull.settings;
  const lateMs = Math.max(3 * everySeconds * 1000, HOUR_MS);
  return {
    title: { 'zh-CN': `HIS 数据抽取 ${name}`, en: `Pull from ${name}` },
    async check() {
      if (!pull.ready)
        return {
          state: 'failed',
          detail: { 'zh-CN': '没有插件提供该数据源', en: 'No active plugin brings the source of its rows' },
        };
      const { lastError, lastRunAt, failed, rows } = await pull.state();
      if (lastError)
        return {
          state: 'failed',
          detail: { 'zh-CN': `上次抽取失败：${lastError}`, en: `The last pull failed: ${lastError}` },
        };
      if (failed > 0)
        return {
          state: 'warning',
          detail: {
            'zh-CN': `${failed} 行无法接收，请检查字段映射`,
            en: `${failed} rows could not be taken over: check the mapping`,
          },
        };
      if (lastRunAt !== undefined && Date.now() - Date.parse(lastRunAt) > lateMs)
        return {
          state: 'warning',
          detail: { 'zh-CN': `自 ${lastRunAt} 起未再抽取`, en: `Nothing was pulled since ${lastRunAt}` },
        };
      return { state: 'ok', detail: { 'zh-CN': `已接收 ${rows} 行`, en: `${rows} rows taken over` } };
    },
  };
}
