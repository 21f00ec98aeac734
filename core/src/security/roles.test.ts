import { describe, expect, it } from 'vitest';
import { InMemoryDocumentStore } from '../../testing/in-memory-document-store.ts';
import { PointRegistry } from '../plugins/point-registry.ts';
import { Roles } from './roles.ts';

const title = { 'zh-CN': '打印', en: 'Print' };

describe('Roles', () => {
  const start = () => {
    const points = new PointRegistry().viewFor('print', () => undefined);
    return { points, roles: new Roles(points) };
  };

  it('gives each role its permissions of core, and the administrator all', () => {
    const { roles } = start();
    expect([...roles.permissionsOf(['clinician'])].sort()).toEqual([
      'access.break-glass',
      'order.read',
      'patient.read',
      'study.read',
      'study.search',
    ]);
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

  it('lets the holders of the one role there was before do what they could, and what its successors can', () => {
    const { points, roles } = start();
    const before = [
      'study.search',
      'study.read',
      'study.import',
      'study.decide',
      'device.read',
      'system.read',
      'job.read',
    ];
    for (const permission of before) expect(roles.permissionsOf(['radiology']), permission).toContain(permission);
    points.contribute('Permission', 'report.write', { id: 'report.write', title, defaultRoles: ['radiologist'] });
    expect(roles.permissionsOf(['radiology'])).toContain('report.write');
    expect(roles.permissionsOf(['technician'])).not.toContain('report.write');
    expect(roles.list().find(({ id }) => id === 'radiology')?.retired).toBe(true);
  });

  it('takes what an administrator sets for a role, until he lets it follow again', async () => {
    const { roles } = start();
    const documents = new InMemoryDocumentStore();
    await roles.set(documents, 'clinician', ['study.search']);
    expect([...roles.permissionsOf(['clinician'])]).toEqual(['study.search']);
    expect(roles.isSet('clinician')).toBe(true);
    await expect(roles.set(documents, 'admin', [])).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(roles.set(documents, 'king', [])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(roles.set(documents, 'clinician', ['no.such'])).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    const elsewhere = start().roles;
    await elsewhere.load(documents);
    expect([...elsewhere.permissionsOf(['clinician'])]).toEqual(['study.search']);
    await roles.set(documents, 'clinician', undefined);
    expect(roles.permissionsOf(['clinician'])).toContain('study.read');
  });
});
