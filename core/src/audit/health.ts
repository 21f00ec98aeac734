import type { HealthCheck } from '../plugins/contract.ts';
import type { AuditLog } from './audit-log.ts';

const DETAILS = {
  ok: { 'zh-CN': '正常写入', en: 'written as it should be' },
  broken: {
    'zh-CN': '启动时发现日志不完整，请运行 filmless audit verify 并通知信息安全负责人',
    en: 'it was not whole at the start: run filmless audit verify and tell whoever is responsible for security',
  },
  failing: { 'zh-CN': '无法写入，请检查磁盘', en: 'it cannot be written: check the disk' },
} as const;

/** Tells IT when the audit log is not what it should be. The node serves on: patients wait. */
export function auditHealth(audit: () => Pick<AuditLog, 'state'>): HealthCheck {
  return {
    title: { 'zh-CN': '审计日志', en: 'Audit log' },
    check: async () => {
      const { state } = audit();
      return { state: state === 'ok' ? 'ok' : state === 'failing' ? 'failed' : 'warning', detail: DETAILS[state] };
    },
  };
}
