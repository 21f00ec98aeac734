import '@vaadin/button';
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { isAbort } from '../../api/client.ts';
import type { Device, EchoResult, PendingDevice } from '../../api/devices.ts';
import { deleteDevice, dismissPendingDevice, echoDevice, listDevices, listPendingDevices } from '../../api/devices.ts';
import type { NodeInfo } from '../../api/node.ts';
import { getNode } from '../../api/node.ts';
import { confirmAction } from '../../components/confirm.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/empty-state.ts';
import '../../components/error-note.ts';
import { errorText } from '../../components/error-text.ts';
import { icon } from '../../components/icon.ts';
import { iconDelete, iconEcho, iconEdit, iconPlus, iconRefresh } from '../../components/icons.ts';
import { notifyDone, notifyError } from '../../components/notify.ts';
import '../../components/state-badge.ts';
import { formatInstant } from '../../format/dates.ts';
import { formatCount } from '../../format/figures.ts';
import { t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import './device-dialog.ts';
import type { DeviceForm } from './device-forms.ts';
import { addForm, approveForm, editForm } from './device-forms.ts';
import { devicesStyles } from './devices.styles.ts';
import { pendingList } from './pending-list.ts';

type Echo = 'testing' | EchoResult | { error: unknown };

const EVERY_MS = 10_000;

/** Devices that may send and ask, and those that wait for a yes. */
@customElement('fl-devices')
export class DevicesScreen extends FilmlessElement {
  @state() private devices: Device[] | undefined;
  @state() private pending: PendingDevice[] = [];
  @state() private node: NodeInfo | undefined;
  @state() private error: unknown;
  @state() private form: DeviceForm | undefined;
  @state() private echoes = new Map<string, Echo>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #abort = new AbortController();

  static override styles = devicesStyles;

  readonly #columns: DataColumn<Device>[] = [
    {
      key: 'aeTitle',
      header: () => t.devices.aeTitle,
      width: 140,
      fixed: true,
      render: (device) => html`<b>${device.aeTitle}</b>`,
    },
    {
      key: 'title',
      header: () => t.devices.deviceTitle,
      width: 150,
      grow: true,
      render: (device) => html`<span title=${device.title}>${device.title}</span>`,
    },
    {
      key: 'address',
      header: () => t.devices.address,
      width: 164,
      render: (device) =>
        html`<span title=${`${device.address}:${device.port}`}>${device.address}${device.port > 0 ? `:${device.port}` : ''}</span>`,
    },
    {
      key: 'department',
      header: () => t.devices.department,
      width: 100,
      render: (device) => html`<span title=${device.department}>${device.department}</span>`,
    },
    {
      key: 'characterSet',
      header: () => t.devices.characterSet,
      width: 110,
      render: (device) => device.characterSet || t.devices.characterSetNone,
    },
    {
      key: 'lastSeen',
      header: () => t.devices.lastSeen,
      width: 142,
      render: (device) => formatInstant(device.lastSeenAt) || html`<span class="secondary">${t.common.never}</span>`,
    },
    {
      key: 'received',
      header: () => t.devices.received,
      width: 84,
      align: 'end',
      render: (device) => formatCount(device.instancesReceived),
    },
    { key: 'echo', header: () => t.devices.test, width: 190, render: (device) => this.#echoCell(device) },
    {
      key: 'actions',
      header: () => t.devices.actions,
      width: 104,
      fixed: true,
      render: (device) => this.#actions(device),
    },
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#abort = new AbortController();
    void this.#load();
    this.#timer = setInterval(() => void this.#load(), EVERY_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#abort.abort();
  }

  protected override updated(): void {
    this.renderRoot.querySelector('fl-data-grid')?.redraw();
  }

  async #load(): Promise<void> {
    const { signal } = this.#abort;
    try {
      const [devices, pending, node] = await Promise.all([
        listDevices(signal),
        listPendingDevices(signal),
        getNode(signal),
      ]);
      this.devices = devices.sort((a, b) => a.aeTitle.localeCompare(b.aeTitle));
      this.pending = pending;
      this.node = node;
      this.error = undefined;
    } catch (error) {
      if (!isAbort(error)) this.error = error;
    }
  }

  async #act(action: () => Promise<void>, done: string): Promise<void> {
    try {
      await action();
      notifyDone(done);
    } catch (error) {
      notifyError(error);
    }
    await this.#load();
  }

  async #delete(device: Device): Promise<void> {
    const { aeTitle } = device;
    if (
      await confirmAction({
        title: t.devices.deleteTitle(aeTitle),
        text: t.devices.deleteText,
        action: t.common.delete,
        destructive: true,
      })
    ) {
      await this.#act(() => deleteDevice(aeTitle), t.devices.deleted(aeTitle));
    }
  }

  async #echo(device: Device): Promise<void> {
    const show = (echo: Echo) => {
      this.echoes = new Map(this.echoes).set(device.aeTitle, echo);
    };
    show('testing');
    try {
      show(await echoDevice(device.aeTitle));
    } catch (error) {
      show({ error });
    }
  }

  #echoCell(device: Device): unknown {
    const echo = this.echoes.get(device.aeTitle);
    const label = `${t.devices.test} ${device.aeTitle}`;
    if (echo === 'testing') return html`<fl-state-badge state="waiting" .label=${t.devices.testing}></fl-state-badge>`;
    if (!session.can('device.manage')) return nothing;
    if (echo === undefined)
      return html`<button class="link" aria-label=${label} @click=${() => void this.#echo(device)}>${icon(iconEcho, 16)}${t.devices.test}</button>`;
    const ok = 'ok' in echo && echo.ok;
    const detail = 'error' in echo ? errorText(echo.error).forIt : t.common.detail(echo.detail);
    return html`<div class="cell-actions">
      ${
        ok
          ? html`<fl-state-badge state="done" .label=${t.devices.testOk(Math.round(echo.ms))}></fl-state-badge>`
          : html`<fl-state-badge state="critical" .label=${t.devices.testFailed} title=${`${t.devices.testFailedHelp} ${detail}`}></fl-state-badge>`
      }
      <button class="icon-button" title=${t.devices.test} aria-label=${label} @click=${() => void this.#echo(device)}>${icon(iconRefresh, 16)}</button>
    </div>`;
  }

  #actions(device: Device): unknown {
    if (device.origin === 'config')
      return html`<span class="secondary" title=${t.devices.originConfigHelp}>${t.devices.originConfig}</span>`;
    if (!session.can('device.manage')) return nothing;
    return html`<div class="cell-actions">
      <button class="icon-button" title=${t.common.edit} aria-label=${`${t.common.edit} ${device.aeTitle}`} @click=${() => {
        this.form = editForm(device);
      }}>${icon(iconEdit, 16)}</button>
      <button class="icon-button" title=${t.common.delete} aria-label=${`${t.common.delete} ${device.aeTitle}`} @click=${() => void this.#delete(device)}>${icon(iconDelete, 16)}</button>
    </div>`;
  }

  #dialog() {
    const { form } = this;
    if (!form) return nothing;
    return html`<fl-device-dialog
      .heading=${form.heading}
      .action=${form.action}
      .device=${form.device}
      .fixedAeTitle=${form.fixedAeTitle}
      .brief=${form.brief}
      .takenAeTitles=${form.takenAeTitles}
      .save=${form.save}
      @done=${() => {
        this.form = undefined;
        void this.#load();
      }}
    ></fl-device-dialog>`;
  }

  #list() {
    const { devices } = this;
    if (!devices)
      return this.error === undefined ? html`<p class="panel-body secondary">${t.common.loading}</p>` : nothing;
    const port = this.node?.dicomPort ? String(this.node.dicomPort) : t.list.emptyNoPort;
    if (devices.length === 0) {
      return html`<fl-empty-state .heading=${t.devices.emptyTitle} .text=${t.devices.emptyText} .steps=${this.node ? t.devices.emptySteps(this.node.aeTitle, port, window.location.hostname) : []}></fl-empty-state>`;
    }
    return html`<fl-data-grid class="fit" .columns=${this.#columns} .items=${devices} layoutKey="devices" itemIdPath="aeTitle" .label=${t.devices.known} .allRowsVisible=${devices.length <= 60}></fl-data-grid>`;
  }

  override render() {
    const intro = this.node
      ? this.node.dicomPort === null
        ? t.devices.introNoPort
        : t.devices.intro(this.node.aeTitle, String(this.node.dicomPort), window.location.hostname)
      : '';
    return html`<div class="page">
      <div class="page-head">
        <div><h1>${t.devices.title}</h1><p class="num">${intro}</p></div>
        <span class="spacer"></span>
        ${
          session.can('device.manage')
            ? html`<vaadin-button theme="primary" @click=${() => {
                this.form = addForm((this.devices ?? []).map((device) => device.aeTitle));
              }}><span class="row">${icon(iconPlus, 18)}${t.devices.add}</span></vaadin-button>`
            : nothing
        }
      </div>
      ${this.error === undefined ? nothing : html`<fl-error-note .heading=${t.devices.loadFailed} .error=${this.error} retryable @retry=${() => void this.#load()}></fl-error-note>`}
      ${pendingList(
        this.pending,
        session.can('device.manage')
          ? {
              approve: (device) => {
                this.form = approveForm(device);
              },
              dismiss: ({ aeTitle }) => void this.#act(() => dismissPendingDevice(aeTitle), t.devices.dismissed),
            }
          : undefined,
      )}
      <section class="panel">
        <div class="panel-head"><h2>${t.devices.known}</h2><span class="secondary num">${this.devices ? t.devices.count(this.devices.length) : nothing}</span></div>
        ${this.#list()}
      </section>
      ${this.#dialog()}
    </div>`;
  }
}
