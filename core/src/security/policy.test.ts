import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { InMemoryDocumentStore } from '../../testing/in-memory-document-store.ts';
import { PointRegistry } from '../plugins/point-registry.ts';
import type { AccessScope, Identity } from './contract.ts';
import { EmergencyAccess } from './emergency-access.ts';
import { PatientRules } from './patient-rules.ts';
import { Policy } from './policy.ts';
import { Roles } from './roles.ts';
import { scopeCovers } from './scope.ts';
import { openSecurityDatabase } from './security-database.ts';
import { SecurityService } from './security-service.ts';
import type { UserAccount } from './users.ts';

const MINUTE_MS = 60_000;

describe('the policy', () => {
  let now: number;
  let database: DatabaseSync;
  let patients: PatientRules;
  let emergencies: EmergencyAccess;
  let service: SecurityService;

  beforeEach(() => {
    now = Date.parse('2026-03-01T08:00:00Z');
    database = openSecurityDatabase(':memory:');
    patients = new PatientRules(new InMemoryDocumentStore());
    emergencies = new EmergencyAccess(database, { now: () => now, lastsMinutes: 60 });
    const policy = new Policy({
      hiddenFrom: (identity) => patients.hiddenFrom(identity),
      emergencyScopesOf: (identity) => emergencies.scopesOf(identity),
    });
    service = new SecurityService(new Roles(new PointRegistry().viewFor('test', () => undefined)), policy, patients);
  });

  const user = (change: Partial<UserAccount> = {}): Identity =>
    service.userIdentity({
      name: 'wang',
      displayName: '王芳',
      kind: 'user',
      roles: ['clinician'],
      limits: null,
      disabled: false,
      createdAt: '',
      passwordChangedAt: '',
      mustChangePassword: false,
      secondFactor: false,
      source: 'local',
      credentialId: '1',
      ...change,
    });
  const limits = (given: object) => ({ departments: [], wards: [], patientIds: [], studyInstanceUids: [], ...given });
  const sees = (identity: Identity, PatientID: string, department = '') =>
    scopeCovers(service.scopeOf(identity), { StudyInstanceUID: `1.${PatientID.length}`, PatientID, department });

  it('lets devices and the node itself do what they may and see what they may', () => {
    const device = service.deviceIdentity('CT1');
    expect(device).toMatchObject({ kind: 'device', id: 'CT1', roles: ['device'] });
    service.require(device, 'study.import');
    expect(service.decide(device, 'device.manage')).toEqual({
      allowed: false,
      reason: 'no-permission',
      permission: 'device.manage',
    });
    expect(() => service.require(device, 'device.manage')).toThrow(/needs permission device.manage/);
    expect(service.scopeOf(device)).toEqual({ kind: 'all' });
    const limited = service.deviceIdentity('US1', { kind: 'departments', departments: ['超声科'] });
    expect([sees(limited, 'A', '超声科'), sees(limited, 'A', '放射科')]).toEqual([true, false]);
    expect(service.scopeOf({ ...device, permissions: new Set(['metrics.read']) })).toEqual({ kind: 'none' });
    service.require(service.systemIdentity(), 'study.decide');
  });

  it('shows an account with limits what any of its lists names, and nothing when they are empty', async () => {
    const limited = user({ limits: limits({ departments: ['放射科'], patientIds: ['P9'] }) });
    expect([sees(limited, 'P1', '放射科'), sees(limited, 'P9', '超声科'), sees(limited, 'P1', '超声科')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(service.scopeOf(user({ limits: limits({}) }))).toEqual({ kind: 'none' });
    const ward = () => user({ limits: limits({ wards: ['骨科一病区'] }) });
    expect(sees(ward(), 'P1')).toBe(false);
    await patients.place('P1', '骨科一病区');
    expect(sees(ward(), 'P1')).toBe(true);
    await patients.place('P1', '心内科');
    expect(sees(ward(), 'P1')).toBe(false);
    await patients.place('P1', undefined);
    expect(patients.wards()).toEqual([]);
  });

  it('hides a restricted patient from everyone who is not named, administrators too', async () => {
    const entry = { patientId: 'VIP', users: ['li'], roles: ['reviewer'], setBy: 'admin', setAt: '' };
    await patients.restrict(entry);
    const visible = (identity: Identity) => [sees(identity, 'VIP'), sees(identity, 'P1')];
    expect(visible(user())).toEqual([false, true]);
    expect(visible(user({ roles: ['admin'] }))).toEqual([false, true]);
    expect(visible(user({ name: 'li' }))).toEqual([true, true]);
    expect(visible(user({ roles: ['reviewer'] }))).toEqual([true, true]);
    // Its AE title is no user name.
    expect(visible(service.deviceIdentity('li'))).toEqual([false, true]);
    await patients.release('VIP');
    expect(visible(user())).toEqual([true, true]);
    await expect(patients.release('VIP')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('opens one patient to one user in an emergency, for a while, restricted or not', async () => {
    await patients.restrict({ patientId: 'VIP', users: [], roles: [], setBy: 'admin', setAt: '' });
    const wang = user({ limits: limits({ departments: ['放射科'] }) });
    const granted = emergencies.grant(wang, { kind: 'patients', patientIds: ['VIP'] }, '抢救');
    expect(granted).toMatchObject({ userName: 'wang', reason: '抢救', expiresAt: '2026-03-01T09:00:00.000Z' });
    expect([sees(wang, 'VIP'), sees(wang, 'P1'), sees(user({ name: 'li' }), 'VIP')]).toEqual([true, false, false]);
    // Survives a restart.
    const again = new EmergencyAccess(database, { now: () => now });
    expect(again.scopesOf(wang)).toHaveLength(1);
    now += 61 * MINUTE_MS;
    expect([sees(wang, 'VIP'), emergencies.list()]).toEqual([false, []]);
    const second = emergencies.grant(wang, { kind: 'studies', studyInstanceUids: ['1.3'] }, '会诊');
    expect(sees(wang, 'ABC')).toBe(true);
    expect([emergencies.end(second.id), emergencies.end(second.id), sees(wang, 'ABC')]).toEqual([true, false, false]);
  });

  it('never lets a scope made of others show more than they say', () => {
    const facts = { StudyInstanceUID: '1.2', PatientID: '', AccessionNumber: '', department: '' };
    const empty: AccessScope[] = [
      { kind: 'patient', patientId: '' },
      { kind: 'patients', patientIds: [''] },
      { kind: 'accession', accessionNumber: ' ' },
      { kind: 'departments', departments: [''] },
      { kind: 'any-of', scopes: [] },
    ];
    for (const scope of empty) expect(scopeCovers(scope, facts), JSON.stringify(scope)).toBe(false);
    expect(scopeCovers({ kind: 'patient', patientId: 'P', issuerOfPatientId: 'A' }, { ...facts, PatientID: 'P' })).toBe(
      false,
    );
  });
});
