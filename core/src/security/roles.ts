import type { Points } from '../plugins/contract.ts';
import type { CorePermission, PermissionDefinition } from './contract.ts';

export interface RoleDefinition {
  id: string;
  title: { 'zh-CN': string; en: string };
}

const ROLES: readonly RoleDefinition[] = [
  { id: 'admin', title: { 'zh-CN': '管理员', en: 'Administrator' } },
  { id: 'radiology', title: { 'zh-CN': '放射科', en: 'Radiology' } },
  { id: 'clinician', title: { 'zh-CN': '临床医生', en: 'Clinician' } },
  { id: 'device', title: { 'zh-CN': '设备', en: 'Device' } },
];

const corePermission = (
  id: CorePermission,
  zh: string,
  en: string,
  defaultRoles: readonly string[],
): PermissionDefinition => ({ id, title: { 'zh-CN': zh, en }, defaultRoles });

const CORE_PERMISSIONS: readonly PermissionDefinition[] = [
  corePermission('study.search', '检索检查', 'Search studies', ['radiology', 'clinician', 'device']),
  corePermission('study.read', '查看检查', 'Open studies', ['radiology', 'clinician', 'device']),
  corePermission('study.import', '导入检查', 'Import studies', ['radiology', 'device']),
  corePermission('study.decide', '处理冲突与隔离文件', 'Decide on conflicts and quarantine', ['radiology']),
  corePermission('device.read', '查看设备', 'See devices', ['radiology']),
  corePermission('device.manage', '管理设备', 'Manage devices', []),
  corePermission('system.read', '查看系统状态', 'See the state of the system', ['radiology']),
  corePermission('plugin.manage', '管理插件', 'Manage plugins', []),
  corePermission('user.manage', '管理用户', 'Manage users', []),
  corePermission('job.read', '查看任务', 'See jobs', ['radiology']),
  corePermission('job.manage', '管理任务', 'Manage jobs', []),
  corePermission('metrics.read', '读取指标', 'Read metrics', []),
];

/** Which role may do what: core's permissions and those plugins contribute. `admin` has every permission there is. */
export class Roles {
  readonly #points: Points;
  #byRole: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(points: Points) {
    this.#points = points;
    points.onChange('Permission', () => {
      this.#byRole = undefined;
    });
  }

  list(): readonly RoleDefinition[] {
    return ROLES;
  }

  isRole(id: string): boolean {
    return ROLES.some((role) => role.id === id);
  }

  /** Core's first. A plugin cannot redefine who has a permission of core. */
  permissions(): PermissionDefinition[] {
    const core = new Set(CORE_PERMISSIONS.map(({ id }) => id));
    const contributed = this.#points.entries('Permission').map(({ value }) => value);
    return [...CORE_PERMISSIONS, ...contributed.filter(({ id }) => !core.has(id))];
  }

  permissionsOf(roles: readonly string[]): ReadonlySet<string> {
    const byRole = this.#table();
    return new Set(roles.flatMap((role) => [...(byRole.get(role) ?? [])]));
  }

  #table(): ReadonlyMap<string, ReadonlySet<string>> {
    this.#byRole ??= new Map(
      ROLES.map(({ id: role }) => {
        const granted = this.permissions().filter(
          ({ defaultRoles }) => role === 'admin' || defaultRoles.includes(role),
        );
        return [role, new Set(granted.map(({ id }) => id))];
      }),
    );
    return this.#byRole;
  }
}
