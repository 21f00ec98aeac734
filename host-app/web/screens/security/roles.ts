import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Permission } from '../../api/security.ts';
import { listPermissions, setRole } from '../../api/security.ts';
import type { Role } from '../../api/users.ts';
import { listRoles } from '../../api/users.ts';
import { icon } from '../../components/icon.ts';
import { iconHistory } from '../../components/icons.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { panelStyles, SystemPanel } from '../system/panel.ts';
import type { CheckEvent } from './form-styles.ts';

interface Matrix {
  roles: Role[];
  permissions: Permission[];
}

/** What each role may do: one line a permission, one column a role. */
@customElement('fl-roles')
export class RolesPanel extends SystemPanel<Matrix> {
  static override styles = [
    ...panelStyles,
    css`
      .scroll {
        overflow: auto;
      }
      table {
        border-collapse: collapse;
        font-size: var(--filmless-font-size-table);
        min-width: 100%;
      }
      th,
      td {
        padding: 0 10px;
        height: 32px;
        border-bottom: 1px solid var(--filmless-line);
        text-align: center;
        white-space: nowrap;
      }
      thead th {
        height: 44px;
        font-weight: 600;
        background: var(--filmless-surface-1);
        vertical-align: middle;
      }
      tbody th,
      thead th:first-child {
        position: sticky;
        left: 0;
        text-align: left;
        font-weight: 400;
        background: var(--filmless-surface-1);
      }
      tbody tr:hover td,
      tbody tr:hover th {
        background: var(--filmless-surface-2);
      }
      .changed {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 2px;
        font-weight: 400;
        font-size: var(--filmless-font-size-small);
        color: var(--filmless-state-waiting);
      }
      .changed .icon-button {
        min-width: 24px;
        height: 24px;
        padding: 0;
      }
      input {
        width: 16px;
        height: 16px;
        accent-color: var(--filmless-accent);
      }
    `,
  ];

  protected override async fetch(signal: AbortSignal): Promise<Matrix> {
    const [roles, permissions] = await Promise.all([listRoles(signal), listPermissions(signal)]);
    return { roles: roles.filter(({ retired }) => !retired), permissions };
  }

  #toggle(role: Role, permission: string, allowed: boolean): void {
    const others = role.permissions.filter((one) => one !== permission);
    const next = allowed ? [...others, permission] : others;
    void this.act(() => setRole(role.id, next), t.security.roleSaved(role.title[currentLocale()]));
  }

  #head(role: Role) {
    const title = role.title[currentLocale()];
    const label = `${t.security.roleFollow} (${title})`;
    return html`<th scope="col">${title}
      ${
        role.set
          ? html`<span class="changed">${t.security.roleCustom}<button class="icon-button" title=${label} aria-label=${label} @click=${() => void this.act(() => setRole(role.id, undefined), t.security.roleSaved(title))}>${icon(iconHistory, 14)}</button></span>`
          : nothing
      }</th>`;
  }

  protected override content({ roles, permissions }: Matrix) {
    const locale = currentLocale();
    return html`<div class="intro"><span class="text">${t.security.rolesIntro}</span></div>
      <section class="panel">
        <div class="scroll" tabindex="0" role="region" aria-label=${t.security.tabs.roles}>
          <table>
            <thead><tr><th scope="col">${t.security.permission}</th>${roles.map((role) => this.#head(role))}</tr></thead>
            <tbody>
              ${permissions.map(
                (permission) => html`<tr>
                  <th scope="row" title=${permission.id}>${permission.title[locale]}</th>
                  ${roles.map(
                    (role) =>
                      html`<td><input type="checkbox" aria-label=${t.security.roleAllow(permission.title[locale], role.title[locale])} .checked=${role.permissions.includes(permission.id)} ?disabled=${role.id === 'admin'} @change=${(event: CheckEvent) => this.#toggle(role, permission.id, event.currentTarget.checked)} /></td>`,
                  )}
                </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>`;
  }
}
