import { describe, expect, it } from 'vitest';
import { PointRegistry } from '../plugins/point-registry.ts';
import { Roles } from './roles.ts';
import { SecurityService } from './security-service.ts';

const title = { 'zh-CN': '打印', en: 'Print' };

describe('Roles', () => {
  const start = () => {
    const points = new PointRegistry().viewFor('print', () => undefined);
    return { points, roles: new Roles(points) };
  };

  it('gives each role its permissions of core, and the administrator all', () => {
    const { roles } = start();
    expect([...roles.permissionsOf(['clinician'])].sort()).toEqual(['study.read', 'study.search']);
    expect([...roles.permissionsOf(['device'])].sort()).toEqual(['study.import', 'study.read', 'study.search']);
    expect(roles.permissionsOf(['radiology']).has('user.manage')).toBe(false);
    expect([...roles.permissionsOf(['admin'])].sort()).toEqual(
      roles
        .permissions()
        .map(({ id }) => id)
        .sort(),
    );
    expect(roles.permissionsOf(['nobody', '__proto__']).size).toBe(0);
  });

  it("follows plugins' permissions as they come and go", () => {
    const { points, roles } = start();
    expect(roles.permissionsOf(['admin']).has('film.print')).toBe(false);
    const permission = points.contribute('Permission', 'film.print', {
      id: 'film.print',
      title,
      defaultRoles: ['radiology'],
    });
    expect(roles.permissionsOf(['admin']).has('film.print')).toBe(true);
    expect(roles.permissionsOf(['radiology']).has('film.print')).toBe(true);
    expect(roles.permissionsOf(['clinician']).has('film.print')).toBe(false);
    void permission.dispose();
    expect(roles.permissionsOf(['admin']).has('film.print')).toBe(false);
  });

  it('does not let a plugin hand out a permission of core', () => {
    const { points, roles } = start();
    points.contribute('Permission', 'user.manage', { id: 'user.manage', title, defaultRoles: ['clinician'] });
    expect(roles.permissionsOf(['clinician']).has('user.manage')).toBe(false);
  });

  it('lets identities do what they may and see what they may', () => {
    const service = new SecurityService(start().roles);
    const device = service.deviceIdentity('CT1');
    expect(device).toMatchObject({ kind: 'device', id: 'CT1', roles: ['device'] });
    service.require(device, 'study.import');
    expect(() => service.require(device, 'device.manage')).toThrow(/needs permission device.manage/);
    expect(service.scopeOf(device)).toEqual({ kind: 'all' });
    expect(service.scopeOf({ ...device, permissions: new Set(['metrics.read']) })).toEqual({ kind: 'none' });
    service.require(service.systemIdentity(), 'study.decide');
  });
});
