import type { HealthCheck, HttpRoute } from '../plugin.ts';
import type { Scrub } from './scrub.ts';
import type { ScrubStore } from './scrub-store.ts';

/** What the scrub is at, and a round that somebody asks for. */
export function scrubRoutes(
  scrub: Scrub,
  store: ScrubStore,
  everyDays: number,
  total: () => Promise<number>,
): HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/maintenance/scrub',
      policy: { access: 'permission', permission: 'system.read' },
      summary: 'How far the check of all stored bytes is, how the last one ended, and what it found',
      async handle() {
        const round = await scrub.round();
        return { body: { round: round ?? null, total: await total(), everyDays, findings: await store.findings() } };
      },
    },
    {
      method: 'POST',
      path: '/api/maintenance/scrub/start',
      policy: { access: 'permission', permission: 'system.manage' },
      summary: 'Begins a check of all stored bytes now, from the first on',
      handle() {
        scrub.begin();
        return { status: 202, body: {}, audit: { action: 'change', target: 'scrub' } };
      },
    },
  ];
}

export function scrubHealth(store: ScrubStore): HealthCheck {
  return {
    title: { 'zh-CN': '数据完整性', en: 'Integrity of the data' },
    async check() {
      const findings = await store.findings();
      const open = findings.filter(({ repairedAt }) => repairedAt === undefined).length;
      const repaired = findings.length - open;
      if (open > 0) {
        return {
          state: 'failed',
          detail: {
            'zh-CN': `有 ${open} 个文件损坏或丢失，且没有可用的副本；请接入存有这些文件的节点，然后运行 filmless verify --repair`,
            en: `${open} files are damaged or lost and no good copy could be had; connect a node that has them, then run filmless verify --repair`,
          },
        };
      }
      if (repaired > 0) {
        return {
          state: 'ok',
          detail: {
            'zh-CN': `发现并修复了 ${repaired} 个损坏的文件；若反复出现，请检查磁盘`,
            en: `${repaired} damaged files were found and repaired; if it happens again, look at the disk`,
          },
        };
      }
      return { state: 'ok', detail: { 'zh-CN': '未发现损坏', en: 'no damage found' } };
    },
  };
}
