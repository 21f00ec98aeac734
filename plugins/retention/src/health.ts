import type { HealthCheck, PluginContext } from '@filmless/core/plugin';
import type { RetentionConfig } from './config.ts';
import { outlook } from './growth.ts';
import type { Ledger } from './ledger.ts';
import type { Policies } from './policies.ts';
import { isTierThere } from './tier-disk.ts';

type Finding = { state: 'warning' | 'failed'; 'zh-CN': string; en: string };

/** Warns early: a disk or a quota that will be full, a large disk that is gone. */
export function retentionHealth(
  context: PluginContext<RetentionConfig>,
  ledger: Ledger,
  policies: Policies,
  now: () => number,
): HealthCheck {
  return {
    title: { 'zh-CN': '保存策略', en: 'Retention' },
    async check() {
      const findings: Finding[] = [];
      const { tier, warnDaysBeforeFull } = context.config;
      if (tier && !(await isTierThere(tier.directory))) {
        findings.push({
          state: 'failed',
          'zh-CN': `大容量磁盘“${tier.title}”未接入：请接入磁盘，其上的图像暂不可打开`,
          en: `the disk "${tier.title}" is not there: connect it; images on it cannot be opened until then`,
        });
      }
      const { disk, departments } = outlook(ledger, await policies.list(), await context.storage.usage(), now());
      const { daysUntilFull } = disk;
      if (daysUntilFull !== undefined && daysUntilFull <= warnDaysBeforeFull) {
        findings.push({
          state: 'warning',
          'zh-CN': `磁盘将在 ${daysUntilFull} 天后写满`,
          en: `the disk is full in ${daysUntilFull} days`,
        });
      }
      for (const { department, bytes, quotaBytes, daysUntilFull: days } of departments) {
        if (quotaBytes === undefined) continue;
        const name = { 'zh-CN': department || '未注明科室', en: department || 'no department' };
        if (bytes >= quotaBytes) {
          findings.push({
            state: 'warning',
            'zh-CN': `${name['zh-CN']}已用完配额`,
            en: `${name.en} has used up its quota`,
          });
        } else if (days !== undefined && days <= warnDaysBeforeFull) {
          findings.push({
            state: 'warning',
            'zh-CN': `${name['zh-CN']}的配额将在 ${days} 天后用完`,
            en: `the quota of ${name.en} is used up in ${days} days`,
          });
        }
      }
      if (findings.length === 0) return { state: 'ok', detail: { 'zh-CN': '空间充足', en: 'there is room' } };
      return {
        state: findings.some(({ state }) => state === 'failed') ? 'failed' : 'warning',
        detail: {
          'zh-CN': findings.map((each) => each['zh-CN']).join('；'),
          en: findings.map((each) => each.en).join('; '),
        },
      };
    },
  };
}
