import type { CorePermission, EmbedAction, PermissionDefinition } from './contract.ts';

const permission = (
  id: CorePermission,
  zh: string,
  en: string,
  defaultRoles: readonly string[],
  embedAction?: EmbedAction,
): PermissionDefinition => ({
  id,
  title: { 'zh-CN': zh, en },
  defaultRoles,
  ...(embedAction ? { embedAction } : {}),
});

const DEPARTMENT = ['registrar', 'technician', 'radiologist', 'reviewer'] as const;
const READERS = [...DEPARTMENT, 'clinician', 'service', 'device'] as const;

/** What core's own routes and services ask for. Row limits come on top: see `Policy.scopeOf`. */
export const CORE_PERMISSIONS: readonly PermissionDefinition[] = [
  permission('study.search', '检索检查', 'Search studies', READERS, 'view'),
  permission('study.read', '查看检查', 'Open studies', READERS, 'view'),
  permission('study.import', '导入检查', 'Import studies', [...DEPARTMENT, 'service', 'device'], 'store'),
  permission('study.decide', '处理冲突与隔离文件', 'Decide on conflicts and quarantine', DEPARTMENT),
  permission('patient.read', '查看患者登记', 'See registered patients', [...DEPARTMENT, 'clinician', 'service']),
  permission('patient.manage', '管理患者身份', 'Manage the identity of patients', ['registrar']),
  permission('order.read', '查看检查申请', 'See orders', [...DEPARTMENT, 'clinician', 'service']),
  permission('device.read', '查看设备', 'See devices', DEPARTMENT),
  permission('device.manage', '管理设备', 'Manage devices', []),
  permission('system.read', '查看系统状态', 'See the state of the system', DEPARTMENT),
  permission('plugin.manage', '管理插件', 'Manage plugins', []),
  permission('user.manage', '管理用户', 'Manage users', []),
  permission('access.manage', '管理访问范围与受限患者', 'Manage row limits and restricted patients', []),
  permission('access.break-glass', '紧急访问', 'Emergency access', [
    'technician',
    'radiologist',
    'reviewer',
    'clinician',
  ]),
  permission('audit.read', '查看审计记录', 'Read the audit log', ['auditor']),
  permission('embed.issue', '签发嵌入令牌', 'Issue embed tokens', ['service']),
  permission('share.create', '分享检查', 'Share studies by link', ['radiologist', 'reviewer']),
  permission('report.deliver', '递交报告', 'Deliver reports', ['radiologist', 'reviewer', 'service']),
  permission('job.read', '查看任务', 'See jobs', DEPARTMENT),
  permission('job.manage', '管理任务', 'Manage jobs', []),
  permission('metrics.read', '读取指标', 'Read metrics', ['service']),
];
