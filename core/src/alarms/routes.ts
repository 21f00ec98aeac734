import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { HttpRoute } from '../http/contract.ts';
import { identityOf, param } from '../http/route-parts.ts';
import type { NodeInfo, Points } from '../plugins/contract.ts';
import type { AccessPolicy, PermissionDefinition } from '../security/contract.ts';
import type { AlarmList } from './alarm-list.ts';
import { sendTest } from './sending.ts';

const DEPARTMENT = ['registrar', 'technician', 'radiologist', 'reviewer'] as const;
export const ALARM_READ = 'alarm.read';
const READ: AccessPolicy = { access: 'permission', permission: ALARM_READ };
const MANAGE: AccessPolicy = { access: 'permission', permission: 'alarm.manage' };

export const alarmPermissions: readonly PermissionDefinition[] = [
  { id: ALARM_READ, title: { 'zh-CN': '查看报警', en: 'See alarms' }, defaultRoles: DEPARTMENT },
  { id: 'alarm.manage', title: { 'zh-CN': '确认报警', en: 'Acknowledge alarms' }, defaultRoles: [] },
];

/** Past alarms that a person is shown. */
const SHOWN = 500;
const acknowledgeBody = z.strictObject({
  note: z
    .string()
    .trim()
    .max(500)
    .regex(/^\P{Cc}*$/u, 'no control characters')
    .default(''),
});

export function alarmRoutes(parts: {
  list: AlarmList;
  points: Points;
  node: Pick<NodeInfo, 'name'>;
  clock: Clock;
}): HttpRoute[] {
  const { list, points, clock } = parts;
  return [
    {
      method: 'GET',
      path: '/api/alarms',
      policy: READ,
      summary: 'What is wrong now, and what was',
      handle: () => ({ body: { active: list.active(), past: list.past(SHOWN) } }),
    },
    {
      method: 'GET',
      path: '/api/alarms/summary',
      policy: READ,
      audit: 'none',
      summary: 'How much is wrong now, and how much of it nobody has acknowledged',
      handle: () => ({ body: list.summary() }),
    },
    {
      method: 'POST',
      path: '/api/alarms/:id/acknowledge',
      policy: MANAGE,
      summary: 'Somebody has seen it and sees to it',
      requestSchema: z.toJSONSchema(acknowledgeBody, { io: 'input' }),
      async handle(request) {
        const { note } = acknowledgeBody.parse(await request.json());
        const alarm = list.acknowledge(param(request, 'id'), identityOf(request).id, note);
        return { body: alarm, audit: { action: 'change', target: `alarm ${alarm.key}`, detail: 'acknowledged' } };
      },
    },
    {
      method: 'GET',
      path: '/api/alarms/channels',
      policy: READ,
      summary: 'How alarms reach people who do not look at the screen, and how the last one went',
      handle: () => ({
        body: points
          .entries('AlarmChannel')
          .map(({ key, value }) => ({ key, title: value.title, ...list.channel(key) })),
      }),
    },
    {
      method: 'POST',
      path: '/api/alarms/channels/:key/test',
      policy: MANAGE,
      summary: 'Sends a test; answers when it was taken, or says why it was not',
      async handle(request) {
        const key = param(request, 'key');
        await sendTest(parts, key, new Date(clock.now()).toISOString(), request.signal);
        return { body: {}, audit: { action: 'change', target: `test of alarm channel ${key}` } };
      },
    },
  ];
}
