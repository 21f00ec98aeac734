import '@vaadin/button';
import { html, nothing } from 'lit';
import type { PendingDevice } from '../../api/devices.ts';
import { icon } from '../../components/icon.ts';
import { iconWarning } from '../../components/icons.ts';
import { formatInstant } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';

interface Actions {
  approve: (device: PendingDevice) => void;
  dismiss: (device: PendingDevice) => void;
}

function facts(device: PendingDevice): string {
  return t.common.joined([
    t.devices.pendingAttempts(device.attempts),
    t.devices.pendingLast(formatInstant(device.lastSeenAt)),
    t.devices.pendingCalled(device.calledAeTitle),
  ]);
}

/** Devices that were refused and wait for a yes; without actions for those who may only look. */
export function pendingList(pending: readonly PendingDevice[], actions: Actions | undefined) {
  if (pending.length === 0) return nothing;
  return html`<section class="panel pending" aria-label=${t.devices.pendingTitle}>
    <div class="panel-head"><span class="warn">${icon(iconWarning, 18)}</span><h2>${t.devices.pendingTitle}</h2><span class="secondary">${t.devices.pendingText}</span></div>
    <ul>
      ${pending.map(
        (device) => html`<li>
          <b>${device.aeTitle}</b><span class="num">${device.address}</span><span class="secondary num">${facts(device)}</span><span class="spacer"></span>
          ${
            actions
              ? html`<vaadin-button theme="primary small" @click=${() => actions.approve(device)}>${t.devices.approve}</vaadin-button>
                <vaadin-button theme="small" @click=${() => actions.dismiss(device)}>${t.devices.dismiss}</vaadin-button>`
              : nothing
          }
        </li>`,
      )}
    </ul>
  </section>`;
}
