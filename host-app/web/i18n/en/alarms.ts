import type { zhCN } from '../zh-CN/index.ts';

export const alarms: (typeof zhCN)['alarms'] = {
  bell: (open, active) =>
    open > 0
      ? `${open} ${open === 1 ? 'alarm' : 'alarms'} not acknowledged`
      : active > 0
        ? `${active} acknowledged ${active === 1 ? 'alarm lasts' : 'alarms last'}`
        : 'No alarms',
  intro:
    'What the node finds wrong with itself, and what backup, archive and others report. An alarm ends by itself when all is well again; to acknowledge it says that somebody sees to it.',
  now: 'Now',
  past: 'Past',
  noneNow: 'No alarms: all is well',
  nonePast: 'No alarms yet',
  severity: 'Severity',
  what: 'What',
  since: 'Since',
  fromTo: 'From and until',
  who: 'Acknowledged',
  warning: 'Warning',
  critical: 'Critical',
  over: 'Over',
  acknowledge: 'Acknowledge',
  acknowledged: 'Alarm acknowledged.',
  acknowledgedBy: (by, time) => `${by}, ${time}`,
  notAcknowledged: 'Not acknowledged',
  channels: 'Sent by',
  noChannels:
    'Alarms are shown on the screen alone. Mail and webhooks are set in the configuration, under plugins.alarms.',
  working: 'Working',
  failing: 'Failing',
  lastSent: (time) => `Last ${time}`,
  neverSent: 'Nothing sent yet',
  test: 'Send a test',
  tested: 'The test was delivered.',
};
