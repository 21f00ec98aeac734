import { sampleNode, sampleOrder, samplePerson, sampleStudy, sampleToReconcile } from './samples.ts';
import type { StubNode } from './stub-node.ts';

const AT = '2026-01-02T02:20:00Z';
const both = (text: string) => ({ 'zh-CN': text, en: text });

/** Answers every read with something on every screen. */
export function answersOfEverything(node: StubNode): StubNode {
  return node
    .on('GET /api/node', sampleNode)
    .on('GET /readyz', { ready: true })
    .on('GET /api/health', {
      state: 'warning',
      checks: [
        { key: 'storage', title: both('存储'), state: 'ok', detail: both('fine') },
        { key: 'backup', title: both('备份'), state: 'failed', detail: both('not mounted') },
      ],
    })
    .on('GET /api/alarms/summary', { active: 1, unacknowledged: 1, worst: 'critical' })
    .on('GET /api/alarms/channels', [])
    .on('GET /api/alarms', {
      active: [{ id: '1', severity: 'critical', title: both('备份盘'), detail: both('damaged'), raisedAt: AT }],
      past: [],
    })
    .on('GET /api/facets', { modalities: { CT: 3 }, departments: { 放射科: 3 } })
    .on('GET /api/studies', {
      total: 3,
      items: [sampleStudy(1), sampleStudy(2, { modalities: ['MR', 'PR'] }), sampleStudy(3)],
    })
    .on('GET /api/studies/*', {
      study: sampleStudy(1),
      series: [
        {
          SeriesInstanceUID: '1.2.3.1.1',
          Modality: 'CT',
          SeriesNumber: 1,
          SeriesDescription: '平扫',
          instanceCount: 120,
        },
      ],
      earlier: [sampleStudy(9)],
    })
    .on('GET /api/patients', { total: 2, items: [samplePerson('1', '张^建国'), samplePerson('2', '李秀英')] })
    .on('GET /api/patients/*', {
      patient: {
        ...samplePerson('1', '张^建国'),
        history: [{ at: AT, by: 'hl7:HIS', what: 'registered', detail: '' }],
      },
      merged: [{ ...samplePerson('3', '张建国'), status: 'merged' }],
      studies: [sampleStudy(1)],
      orders: [sampleOrder],
    })
    .on('GET /api/orders', { total: 1, items: [sampleOrder] })
    .on('GET /api/reconciliation', { items: [sampleToReconcile], studies: 900, nextOffset: 400 })
    .on('GET /api/reconciliation/count', { found: 7, studies: 900 })
    .on('GET /api/reconciliation/*', { ...sampleToReconcile, suggestions: [samplePerson('2', '李秀英')] })
    .on('GET /api/storage', {
      totalBytes: 8e12,
      freeBytes: 1e11,
      floorBytes: 2e11,
      usedByBlobsBytes: 6e12,
      blobCount: 10,
      totals: { patients: 2, studies: 3, series: 4, instances: 5, bytes: 6 },
      quarantineCount: 1,
      conflictCount: 1,
    })
    .on('GET /api/maintenance/scrub', {
      round: {
        running: true,
        startedAt: AT,
        checked: 3,
        repaired: 1,
        damaged: 1,
        last: { finishedAt: AT, checked: 5, bytes: 6, repaired: 0, damaged: 0 },
      },
      total: 5,
      everyDays: 30,
      findings: [
        { SOPInstanceUID: '1.2.3.4', sha256: 'ab', damage: 'corrupt', foundAt: AT },
        {
          SOPInstanceUID: '1.2.3.5',
          sha256: 'cd',
          damage: 'missing',
          foundAt: AT,
          repairedAt: AT,
          repairedFrom: 'backup',
        },
      ],
    })
    .on('GET /api/quarantine', [
      {
        id: 'q1',
        code: 'NOT_DICOM',
        reason: 'No DICM',
        sizeBytes: 30_000,
        receivedAt: AT,
        via: 'import',
        source: 'admin',
        fileName: 'README.TXT',
      },
    ])
    .on('GET /api/conflicts', [
      {
        id: 'c1',
        SOPInstanceUID: '1.2.3.4',
        status: 'open',
        existing: { receivedAt: AT, source: 'CT01' },
        received: { received: { at: AT, source: 'CT01' } },
        summary: {
          existing: { PatientName: '张伟', PatientID: 'P1' },
          received: { PatientName: '张玮', PatientID: 'P2' },
        },
      },
      {
        id: 'c2',
        SOPInstanceUID: '1.2.3.5',
        status: 'kept-existing',
        decidedBy: 'admin',
        decidedAt: AT,
        summary: { existing: null, received: {} },
      },
    ])
    .on('GET /api/plugins', [
      {
        id: 'dimse',
        title: both('DICOM 网络收发'),
        state: 'active',
        essential: false,
        requires: [],
        contributions: [{ point: 'HttpRoute', key: 'GET /api/devices' }],
      },
      {
        id: 'backup',
        title: both('备份'),
        state: 'failed',
        essential: false,
        requires: [],
        cause: { code: 'CONFIG_INVALID', detail: 'target', at: AT },
        contributions: [],
      },
      { id: 'store', title: both('存储'), state: 'active', essential: true, requires: [], contributions: [] },
    ])
    .on('GET /api/jobs', [
      {
        id: 'j1',
        kind: 'index.rebuild',
        title: '重建查询索引',
        state: 'running',
        progress: { done: 1, total: 9 },
        attempts: 1,
        maxAttempts: 3,
        createdAt: AT,
        createdBy: 'admin',
      },
      {
        id: 'j2',
        kind: 'backup.run',
        title: '备份',
        state: 'failed',
        progress: { done: 0, total: 0 },
        attempts: 3,
        maxAttempts: 3,
        error: { code: 'STORAGE_FAILED', detail: 'x' },
        createdAt: AT,
        finishedAt: AT,
        createdBy: 'system',
      },
    ])
    .on('GET /api/roles', [{ id: 'admin', title: both('管理员') }])
    .on('GET /api/users', [
      { name: 'admin', displayName: '管理员', roles: ['admin'], createdAt: AT },
      { name: 'li.ming', displayName: '李明', roles: ['admin'], disabled: true, createdAt: AT },
      { name: 'his', displayName: 'HIS', roles: ['service'], kind: 'service', createdAt: AT },
    ])
    .on('GET /api/embed/settings', { origins: ['https://his.hospital'], maxTtlSeconds: 900 })
    .on('GET /api/embed/tokens', [
      { id: 't1', service: 'his', user: '张医生', issuedAt: AT, expiresAt: AT, revokedAt: null },
      { id: 't2', service: 'his', user: '李医生', issuedAt: AT, expiresAt: AT, revokedAt: AT },
    ])
    .on('GET /api/shares', {
      maxDays: 14,
      shares: (['active', 'locked', 'revoked', 'withdrawn'] as const).map((state, n) => ({
        id: `s${n}`,
        studyInstanceUid: '1.2.3.1',
        ...(state === 'active' ? { study: sampleStudy(1) } : {}),
        issuer: 'li.ming',
        note: '省医院会诊',
        state,
        hasAccessCode: n > 0,
        report: n === 0,
        createdAt: AT,
        expiresAt: AT,
        opened: n,
        lastOpenedAt: n === 0 ? null : AT,
      })),
    })
    .on('GET /api/users/his/keys', [{ id: 'k1', title: 'HIS', signsLaunches: true, createdAt: AT, lastUsedAt: AT }])
    .on('GET /api/permissions', [
      { id: 'study.search', title: both('检索检查') },
      { id: 'study.read', title: both('查看检查') },
    ])
    .on('GET /api/sign-in', { password: true, oidc: { title: '院内账号', start: '/api/oidc/start' } })
    .on('GET /api/sessions', [
      { id: 's1', userName: 'admin', createdAt: AT, lastUsedAt: AT, address: '192.168.1.5', agent: 'x', current: true },
      {
        id: 's2',
        userName: 'li.ming',
        createdAt: AT,
        lastUsedAt: AT,
        address: '192.168.1.6',
        agent: 'Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36',
      },
    ])
    .on('GET /api/restricted-patients', [
      { patientId: 'P0009', users: ['li.ming'], roles: ['admin'], setBy: 'admin', setAt: AT },
    ])
    .on('GET /api/emergencies', [{ id: 'e1', userName: 'li.ming', reason: '急诊抢救', grantedAt: AT, expiresAt: AT }])
    .on('GET /api/audit', {
      total: 3,
      items: ['success', 'refused', 'failed'].map((outcome, n) => ({
        seq: 3 - n,
        at: AT,
        action: 'open',
        outcome,
        actorKind: 'user',
        actor: 'li.ming',
        address: '192.168.1.6',
        studyInstanceUid: '1.2.3',
      })),
    })
    .on('GET /api/devices', [
      {
        aeTitle: 'CT01',
        address: '192.168.1.2',
        port: 104,
        title: '1号CT',
        department: '放射科',
        characterSet: 'GB18030',
        origin: 'rest',
        lastSeenAt: AT,
        instancesReceived: 1200,
      },
    ])
    .on('GET /api/devices/pending', [
      {
        aeTitle: 'CT64_NEW',
        address: '192.168.1.9',
        firstSeenAt: AT,
        lastSeenAt: AT,
        attempts: 3,
        calledAeTitle: 'FILMLESS',
      },
    ]);
}
