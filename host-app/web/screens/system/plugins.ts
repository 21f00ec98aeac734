import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { PluginStatus } from '../../api/plugins.ts';
import { listPlugins, setPluginEnabled } from '../../api/plugins.ts';
import { confirmAction } from '../../components/confirm.ts';
import { codeText } from '../../components/error-text.ts';
import '../../components/state-badge.ts';
import { formatInstant } from '../../format/dates.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { panelStyles, SystemPanel } from './panel.ts';

/** What the node is made of: state, cause of a failure, on and off. */
@customElement('fl-system-plugins')
export class SystemPlugins extends SystemPanel<PluginStatus[]> {
  static override styles = [
    ...panelStyles,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--filmless-font-size-table);
      }
      th,
      td {
        padding: 8px var(--filmless-space-4);
        text-align: left;
        vertical-align: middle;
      }
      thead th {
        height: 32px;
        padding-block: 0;
        background: var(--filmless-surface-2);
        color: var(--filmless-text-secondary);
        font-size: var(--filmless-font-size-small);
        font-weight: 500;
      }
      tbody tr + tr td {
        border-top: 1px solid var(--filmless-line);
      }
      td:last-child {
        text-align: right;
        white-space: nowrap;
      }
      .cause {
        margin-top: 3px;
        color: var(--filmless-state-critical);
        overflow-wrap: anywhere;
      }
      details {
        color: var(--filmless-text-secondary);
      }
      summary {
        cursor: pointer;
      }
      details li {
        font-size: var(--filmless-font-size-small);
        overflow-wrap: anywhere;
      }
      ul {
        margin: 4px 0 0;
        padding-left: 18px;
      }
    `,
  ];

  protected override fetch(signal: AbortSignal): Promise<PluginStatus[]> {
    return listPlugins(signal);
  }

  async #set(plugin: PluginStatus, enabled: boolean): Promise<void> {
    const title = plugin.title[currentLocale()] || plugin.id;
    if (
      !enabled &&
      !(await confirmAction({
        title: t.plugins.disableTitle(title),
        text: t.plugins.disableText,
        action: t.plugins.disable,
        destructive: true,
      }))
    )
      return;
    await this.act(
      () => setPluginEnabled(plugin.id, enabled),
      enabled ? t.plugins.enabled(title) : t.plugins.disabledNow(title),
    );
  }

  #state(plugin: PluginStatus) {
    if (plugin.state === 'active')
      return html`<fl-state-badge state="done" .label=${t.plugins.active}></fl-state-badge>`;
    if (plugin.state === 'failed')
      return html`<fl-state-badge state="critical" .label=${t.plugins.failed}></fl-state-badge>`;
    return html`<fl-state-badge state="off" .label=${t.plugins.disabled}></fl-state-badge>`;
  }

  #action(plugin: PluginStatus) {
    if (plugin.essential)
      return html`<span class="secondary" title=${t.plugins.essentialHelp}>${t.plugins.essential}</span>`;
    if (!session.can('plugin.manage')) return nothing;
    if (plugin.state === 'active')
      return html`<vaadin-button theme="small" @click=${() => void this.#set(plugin, false)}>${t.plugins.disable}</vaadin-button>`;
    return html`<vaadin-button theme="small" @click=${() => void this.#set(plugin, true)}>${plugin.state === 'failed' ? t.plugins.tryAgain : t.plugins.enable}</vaadin-button>`;
  }

  #cause({ cause }: PluginStatus) {
    if (!cause) return nothing;
    const text = codeText(cause.code, cause.detail);
    return html`<div class="cause">${text.title} — ${text.forIt} ${formatInstant(cause.at)}</div>`;
  }

  protected override content(plugins: PluginStatus[]) {
    return html`<p class="intro">${t.plugins.intro}</p>
      <section class="panel">
        <table>
          <thead>
            <tr><th>${t.plugins.name}</th><th>${t.plugins.state}</th><th>${t.plugins.provides}</th><th></th></tr>
          </thead>
          <tbody>
            ${plugins.map(
              (plugin) => html`<tr>
                <td>
                  <b>${plugin.title[currentLocale()] || plugin.id}</b> <span class="secondary mono">${plugin.id}</span>
                  ${plugin.requires.length > 0 ? html`<span class="secondary">${t.plugins.requires(plugin.requires.join(', '))}</span>` : nothing} ${this.#cause(plugin)}
                </td>
                <td>${this.#state(plugin)}</td>
                <td>
                  ${
                    plugin.contributions.length === 0
                      ? html`<span class="secondary">–</span>`
                      : html`<details>
                          <summary>${t.plugins.contributions(plugin.contributions.length)}</summary>
                          <ul>${plugin.contributions.map((entry) => html`<li><span class="mono">${entry.point} ${entry.key}</span></li>`)}</ul>
                        </details>`
                  }
                </td>
                <td>${this.#action(plugin)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </section>`;
  }
}
