import type { HealthCheck } from '@filmless/core/plugin';
import type { Archive } from './archive.ts';
import { boardOf } from './board.ts';

/** A node that starts again is away for so long; that is no reason to call somebody. */
const AWAY_MS = 60_000;

type Sources = Pick<Archive, 'role' | 'peers' | 'links' | 'holdings'>;

/** Warns when images have been missing here for too long, or another node cannot be reached. */
export function archiveHealth(archive: Sources, warnLagSeconds: number, now = () => performance.now()): HealthCheck {
  return {
    title: { 'zh-CN': '院内节点', en: 'Nodes of the hospital' },
    async check() {
      const { nodes } = boardOf(archive, warnLagSeconds, Date.now());
      const cut = archive.peers
        .list()
        .filter((peer) => {
          const { isReachable, since } = archive.links.stateOf(peer);
          return isReachable !== true && now() - since > AWAY_MS;
        })
        .map(({ name }) => name);
      const late = archive.role === 'centre' ? nodes.filter((node) => node.lagSeconds > warnLagSeconds) : [];
      if (cut.length === 0 && late.length === 0) return { state: 'ok', detail: { 'zh-CN': '正常', en: 'all is well' } };
      const minutes = (seconds: number) => Math.ceil(seconds / 60);
      return {
        state: 'warning',
        detail: {
          'zh-CN': [
            ...cut.map((name) => `无法连接 ${name}：请检查网络，恢复后自动续传`),
            ...late.map(
              ({ name, missing, lagSeconds }) => `${name} 有 ${missing} 幅图像已迟到 ${minutes(lagSeconds)} 分钟`,
            ),
          ].join('；'),
          en: [
            ...cut.map((name) => `${name} cannot be reached: check the network; sending goes on by itself`),
            ...late.map(
              ({ name, missing, lagSeconds }) => `${missing} images of ${name} are ${minutes(lagSeconds)} minutes late`,
            ),
          ].join('; '),
        },
      };
    },
  };
}
