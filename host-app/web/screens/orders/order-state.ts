import { html } from 'lit';
import type { BadgeState } from '../../components/state-badge.ts';
import '../../components/state-badge.ts';
import { t } from '../../i18n/index.ts';

const BADGES: Record<string, BadgeState> = {
  ordered: 'waiting',
  scheduled: 'waiting',
  'in-progress': 'info',
  completed: 'done',
  cancelled: 'off',
};

export function orderState(status: string) {
  return html`<fl-state-badge .state=${BADGES[status] ?? 'info'} .label=${t.registration.statuses[status] ?? status}></fl-state-badge>`;
}
