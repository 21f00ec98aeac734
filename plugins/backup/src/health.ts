import type { HealthCheck, LocalizedText } from '@filmless/core/plugin';
import type { BackupConfig } from './config.ts';
import type { Status } from './status.ts';

type Finding = LocalizedText & { isFailed: boolean };

/** Says what a person must do so that copies go on: which disk to put in, which is full, damaged or soon full. */
export function backupHealth(config: BackupConfig, status: () => Status): HealthCheck {
  return {
    title: { 'zh-CN': '备份', en: 'Backup' },
    async check() {
      if (config.mounts.length === 0) {
        return {
          state: 'ok',
          detail: {
            'zh-CN': '未设置备份盘（配置项 plugins.backup.mounts）',
            en: 'no backup disks are set up (plugins.backup.mounts)',
          },
        };
      }
      const findings = findingsOf(config, status());
      if (findings.length === 0) return { state: 'ok', detail: { 'zh-CN': '备份正常', en: 'copies are up to date' } };
      return {
        state: findings.some(({ isFailed }) => isFailed) ? 'failed' : 'warning',
        detail: {
          'zh-CN': findings.map((each) => each['zh-CN']).join('；'),
          en: findings.map(({ en }) => en).join('; '),
        },
      };
    },
  };
}

function findingsOf(config: BackupConfig, { sets, disks, next, candidates, lagSeconds = 0 }: Status): Finding[] {
  const found: Finding[] = [];
  const say = (isFailed: boolean, zh: string, en: string) => found.push({ isFailed, 'zh-CN': zh, en });
  if (sets.length === 0) {
    say(
      false,
      '还没有启用任何备份盘：请在“备份”页面启用一块',
      'no backup disk is prepared: prepare one on the Backup screen',
    );
    return found;
  }
  const isLate = lagSeconds > config.lagMinutes * 60;
  const wanted = next && {
    zh: next.label ?? `组 ${next.set} 的新盘`,
    en: next.label ?? `a new disk of set ${next.set}`,
  };
  if (wanted && next.why === 'none-attached') {
    say(isLate, `没有接入备份盘：请插入 ${wanted.zh}`, `no backup disk is attached: put in ${wanted.en}`);
  }
  if (wanted && next.why === 'full') {
    say(
      true,
      `组 ${next.set} 的备份盘已满：请插入 ${wanted.zh}`,
      `the attached disks of set ${next.set} are full: put in ${wanted.en}`,
    );
  }
  if (isLate) {
    const minutes = Math.round(lagSeconds / 60);
    say(true, `备份落后 ${minutes} 分钟`, `copies are ${minutes} minutes behind`);
  }
  for (const { set, daysUntilFull } of sets) {
    if (daysUntilFull !== undefined && daysUntilFull <= config.warnDaysBeforeFull) {
      say(
        false,
        `组 ${set} 将在 ${daysUntilFull} 天后写满：请准备新盘`,
        `set ${set} is full in ${daysUntilFull} days: prepare another disk`,
      );
    }
  }
  for (const { label, damaged } of disks) {
    if (damaged > 0) {
      say(
        false,
        `${label} 上有 ${damaged} 个损坏的文件，正在重新复制；若再次出现请更换此盘`,
        `${label} has ${damaged} damaged files, which are copied again; replace the disk if it happens again`,
      );
    }
  }
  for (const { root, state } of candidates) {
    if (state === 'failed') say(false, `${root} 处的备份盘读写出错`, `the backup disk at ${root} gives errors`);
    if (state === 'damaged') say(false, `${root} 处的备份盘标识已损坏`, `the marker of the disk at ${root} is damaged`);
  }
  return found;
}
