import { join } from 'node:path';
import type {
  Disposable,
  HealthCheck,
  JobRecord,
  JobRunner,
  LocalizedText,
  PluginContext,
} from '@filmless/core/plugin';
import type { AttachedDisks } from '../disks/attached-disks.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type DrillReport, drillSchema, runDrill } from './drill.ts';

export const DRILL_JOB = 'backup.drill';
const LAST = 'drill:last';
const LOOK_EVERY_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
/** Files that an alarm names. */
const NAMED = 5;

type Parts = Pick<PluginContext, 'alarms' | 'cacheDirectory' | 'catalogue' | 'documents' | 'jobs' | 'log'> & {
  ledger: Ledger;
  disks: AttachedDisks;
  everyDays: number;
  studies: number;
  now(): number;
  random?(): number;
};

/** Drills on schedule and when asked, and what the last one found. */
export class Drills implements Disposable {
  readonly #parts: Parts;
  readonly #startedAtMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#startedAtMs = parts.now();
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#beginWhenDue().catch((error: unknown) =>
        this.#parts.log.error({ err: error }, 'the restore drill could not be begun'),
      );
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  begin(createdBy: string): Promise<JobRecord> {
    const title = 'Restore drill';
    return this.#parts.jobs.enqueue({ kind: DRILL_JOB, title, payload: {}, createdBy, dedupeKey: DRILL_JOB });
  }

  async last(): Promise<DrillReport | undefined> {
    return drillSchema.optional().parse(await this.#parts.documents.get(LAST));
  }

  runner(): JobRunner {
    return { maxAttempts: 2, run: ({ signal, progress }) => this.#run(signal, progress) };
  }

  /** Says when there was no drill for too long, or the last one found damage. */
  health(): HealthCheck {
    return {
      title: { 'zh-CN': '恢复演练', en: 'Restore drill' },
      check: async () => {
        const { ledger, everyDays, now } = this.#parts;
        if (everyDays === 0 || ledger.disks.sets().length === 0)
          return { state: 'ok', detail: { 'zh-CN': '未启用', en: 'not in use' } };
        const last = await this.last();
        if (last && last.damaged.length > 0) return { state: 'failed', detail: damageText(last) };
        const days = Math.floor((now() - (last ? Date.parse(last.at) : this.#startedAtMs)) / DAY_MS);
        // The disks may be away just when it is due.
        if (days > everyDays * 2) {
          return {
            state: 'warning',
            detail: {
              'zh-CN': `已有 ${days} 天没有做恢复演练：请接入备份盘，并在“备份”页面开始演练`,
              en: `no restore drill for ${days} days: attach a backup disk and start a drill on the Backup screen`,
            },
          };
        }
        return {
          state: 'ok',
          detail: last
            ? {
                'zh-CN': `上次演练 ${last.at.slice(0, 10)}，未发现问题`,
                en: `last drill ${last.at.slice(0, 10)}, all well`,
              }
            : { 'zh-CN': '尚未演练', en: 'none yet' },
        };
      },
    };
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  async #beginWhenDue(): Promise<void> {
    const { everyDays, disks, now } = this.#parts;
    if (everyDays === 0 || disks.all().length === 0) return;
    const last = await this.last();
    if (!last || now() - Date.parse(last.at) >= everyDays * DAY_MS) await this.begin('system');
  }

  async #run(signal: AbortSignal, progress: (done: number, total: number) => void): Promise<void> {
    const { alarms, cacheDirectory, documents, disks, random = Math.random } = this.#parts;
    const attached = disks.all();
    // Without a disk nothing was tried: the last report stays, and gets old.
    if (attached.length === 0) return;
    const scratch = join(cacheDirectory, 'drill');
    const report = await runDrill({ ...this.#parts, disks: attached, scratch, random, signal, progress });
    const before = await documents.get(LAST);
    await documents.put(LAST, report, before?.rev);
    for (const { entry } of attached) {
      const damaged = report.damaged.filter(({ disk }) => disk === entry.label);
      const key = `drill:${entry.id}`;
      if (damaged.length === 0) alarms.clear(key);
      else
        alarms.raise({
          key,
          severity: 'critical',
          title: { 'zh-CN': `备份盘 ${entry.label} 已损坏`, en: `Backup disk ${entry.label} is damaged` },
          detail: damageText({ ...report, damaged }),
        });
    }
  }
}

function damageText({ at, damaged }: DrillReport): LocalizedText {
  const disks = [...new Set(damaged.map(({ disk }) => disk))];
  const files = damaged.slice(0, NAMED).map(({ disk, file }) => `${disk}: ${file}`);
  const more = damaged.length > NAMED;
  return {
    'zh-CN': `${at.slice(0, 10)} 的恢复演练在备份盘 ${disks.join('、')} 上发现 ${damaged.length} 个损坏的文件（${files.join('；')}${more ? '；……' : ''}）。将自动重新备份；请更换该盘`,
    en: `the restore drill of ${at.slice(0, 10)} found ${damaged.length} damaged files on ${disks.join(', ')} (${files.join('; ')}${more ? '; …' : ''}). They are copied again; replace the disk`,
  };
}
