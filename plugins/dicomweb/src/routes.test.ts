import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conformance } from './conformance.ts';
import { openRig, type Rig } from './rig.test-util.ts';
import { httpRoutes, ROUTES } from './routes.ts';

describe('routes', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  afterAll(() => rig.close());

  it('all need a permission, searching, reading or importing', () => {
    for (const [key, route] of httpRoutes(rig.web)) {
      expect(route.policy, key).toMatchObject({ access: 'permission' });
      const permission = route.policy.access === 'permission' && route.policy.permission;
      const isStore = route.method === 'POST';
      expect(permission, key).toBe(
        isStore
          ? 'study.import'
          : /(studies|\/series|\/instances|dicom-web)$/.test(route.path)
            ? 'study.search'
            : 'study.read',
      );
      expect(route.summary.length, key).toBeGreaterThan(10);
    }
  });

  it('are described, in JSON and in WADL', async () => {
    const json = JSON.parse((await rig.request('/dicom-web')).body.toString());
    expect(json.resources.base).toBe('http://rig/dicom-web');
    expect(json.resource.map((resource: { path: string }) => resource.path)).toContain(
      'studies/{study}/series/{series}/metadata',
    );
    const wadl = (
      await rig.request('/dicom-web', { method: 'OPTIONS', headers: { accept: 'application/vnd.sun.wadl+xml' } })
    ).body.toString();
    const { application } = new XMLParser({ ignoreAttributes: false }).parse(wadl);
    expect(application.resources.resource.length).toBe(new Set(ROUTES.map((route) => route.path)).size);
    expect(conformance().routes).toHaveLength(ROUTES.length);
  });
});
