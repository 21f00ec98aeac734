import type { HealthCheck } from '@filmless/core/plugin';
import type { Forwarder } from './forwarder.ts';

const MINUTE_MS = 60_000;

/** Warns of what waits too long, and of what was set aside. */
export function forwardingHealth(forwarder: Forwarder, warnAfterMinutes: number, now: () => number): HealthCheck {
  return {
    title: { 'zh-CN': '转发', en: 'Forwarding' },
    async check() {
      const zh: string[] = [];
      const en: string[] = [];
      for (const { destination, instances, refused, oldestAt } of forwarder.views.backlog()) {
        const minutes = oldestAt === '' ? 0 : Math.floor((now() - Date.parse(oldestAt)) / MINUTE_MS);
        if (instances > 0 && minutes >= warnAfterMinutes) {
          zh.push(`${destination}：${instances} 幅图像等待转发，最久 ${minutes} 分钟`);
          en.push(`${destination}: ${instances} instances wait, the longest ${minutes} minutes`);
        }
        if (refused > 0) {
          zh.push(`${destination}：${refused} 幅图像未被接受，请在“转发”中查看原因`);
          en.push(`${destination}: ${refused} instances were not accepted, see Forwarding for the reasons`);
        }
      }
      if (zh.length === 0) return { state: 'ok', detail: { 'zh-CN': '没有积压', en: 'nothing waits too long' } };
      return { state: 'warning', detail: { 'zh-CN': zh.join('；'), en: en.join('; ') } };
    },
  };
}
