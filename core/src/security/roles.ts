import type { DocumentStore } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import type { Points } from '../plugins/contract.ts';
import type { CorePermission, PermissionDefinition } from './contract.ts';
import { CORE_PERMISSIONS } from './core-permissions.ts';

export interface RoleDefinition {
  id: string;
  title: { 'zh-CN': string; en: string };
  /** Of an earlier version: works as before, but is not given out any more. */
  retired?: true;
}

const ROLES: readonly RoleDefinition[] = [
  { id: 'admin', title: { 'zh-CN': '管理员', en: 'Administrator' } },
  { id: 'registrar', title: { 'zh-CN': '登记员', en: 'Registrar' } },
  { id: 'technician', title: { 'zh-CN': '技师', en: 'Technician' } },
  { id: 'radiologist', title: { 'zh-CN': '报告医生', en: 'Radiologist' } },
  { id: 'reviewer', title: { 'zh-CN': '审核医生', en: 'Reviewing radiologist' } },
  { id: 'clinician', title: { 'zh-CN': '临床医生', en: 'Clinician' } },
  { id: 'auditor', title: { 'zh-CN': '审计员', en: 'Auditor' } },
  { id: 'service', title: { 'zh-CN': '服务账户', en: 'Service account' } },
  { id: 'device', title: { 'zh-CN': '设备', en: 'Device' } },
  { id: 'radiology', title: { 'zh-CN': '放射科', en: 'Radiology' }, retired: true },
];

/** The one role for all of a department's staff that there was before. */
const RADIOLOGY = ['radiologist', 'reviewer', 'technician', 'registrar'] as const;

interface RoleDocument {
  permissions: string[];
}

/**
 * Which role may do what: core's permissions and those plugins contribute, as they come, or as an administrator set them for a role.
 * `admin` has every permission there is.
 */
export class Roles {
  readonly #points: Points;
  #byRole: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** Roles that an administrator set himself. */
  #set: ReadonlyMap<string, readonly string[]> = new Map();
  readonly #without: ReadonlySet<string>;

  /** `without`: permissions of core that nobody has, because the configuration switches off what they are for. */
  constructor(points: Points, { without = [] }: { without?: readonly CorePermission[] } = {}) {
    this.#points = points;
    this.#without = new Set(without);
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

  /** True when the role's permissions were set here and no longer follow core and the plugins. */
  isSet(id: string): boolean {
    return this.#set.has(id);
  }

  /** Core's first. A plugin cannot redefine who has a permission of core. */
  permissions(): PermissionDefinition[] {
    const core = new Set(CORE_PERMISSIONS.map(({ id }) => id));
    const contributed = this.#points.entries('Permission').map(({ value }) => value);
    return [...CORE_PERMISSIONS, ...contributed.filter(({ id }) => !core.has(id))].filter(
      ({ id }) => !this.#without.has(id),
    );
  }

  permissionsOf(roles: readonly string[]): ReadonlySet<string> {
    const byRole = this.#table();
    return new Set(roles.flatMap((role) => [...(byRole.get(role) ?? [])]));
  }

  /** Reads what administrators set; to be called again when another node may have changed it. */
  async load(documents: DocumentStore): Promise<void> {
    const kept = await documents.list<RoleDocument>('role:');
    this.#set = new Map(kept.map(({ id, permissions }) => [id.slice('role:'.length), permissions]));
    this.#byRole = undefined;
  }

  /** Sets what a role may do; undefined lets it follow core and the plugins again. @throws NOT_FOUND, INVALID_REQUEST */
  async set(documents: DocumentStore, role: string, permissions: readonly string[] | undefined): Promise<void> {
    if (!this.isRole(role)) throw new FilmlessError('NOT_FOUND', 'no such role');
    if (role === 'admin') throw new FilmlessError('INVALID_REQUEST', 'the administrator has every permission');
    const known = new Set(this.permissions().map(({ id }) => id));
    const unknown = permissions?.filter((id) => !known.has(id)) ?? [];
    if (unknown.length > 0) throw new FilmlessError('INVALID_REQUEST', 'permissions: some are not known');
    const before = await documents.get<RoleDocument>(`role:${role}`);
    if (permissions) await documents.put(`role:${role}`, { permissions: [...new Set(permissions)] }, before?.rev);
    else if (before) await documents.remove(`role:${role}`, before.rev);
    await this.load(documents);
  }

  #table(): ReadonlyMap<string, ReadonlySet<string>> {
    this.#byRole ??= this.#build();
    return this.#byRole;
  }

  #build(): ReadonlyMap<string, ReadonlySet<string>> {
    const all = this.permissions();
    const table = new Map<string, ReadonlySet<string>>();
    for (const { id: role } of ROLES) {
      const granted = all.filter(({ defaultRoles }) => role === 'admin' || isDefault(defaultRoles, role));
      const set = this.#set.get(role)?.filter((id) => !this.#without.has(id));
      table.set(role, new Set(set ?? granted.map(({ id }) => id)));
    }
    // What the old role could do, its holders can still do: whatever its successors can.
    table.set('radiology', new Set(RADIOLOGY.flatMap((role) => [...(table.get(role) ?? [])])));
    return table;
  }
}

/** `radiology` of a plugin that knows no finer roles means all of the department. */
function isDefault(defaultRoles: readonly string[], role: string): boolean {
  if (defaultRoles.includes(role)) return true;
  return RADIOLOGY.some((one) => one === role) && defaultRoles.includes('radiology');
}
