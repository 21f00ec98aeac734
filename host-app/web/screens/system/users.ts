import '@vaadin/button';
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { removeSecondFactor } from '../../api/security.ts';
import type { Role, UserAccount } from '../../api/users.ts';
import { deleteUser, listRoles, listUsers } from '../../api/users.ts';
import '../../app/change-password.ts';
import { confirmAction } from '../../components/confirm.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { icon } from '../../components/icon.ts';
import { iconDelete, iconEdit, iconPassword, iconPlus, iconShield } from '../../components/icons.ts';
import '../../components/state-badge.ts';
import { formatInstant } from '../../format/dates.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import '../security/keys-dialog.ts';
import { panelStyles, SystemPanel } from './panel.ts';
import './user-dialog.ts';

interface Accounts {
  accounts: UserAccount[];
  roles: Role[];
}

type Dialog = { kind: 'add' } | { kind: 'edit' | 'password' | 'keys'; account: UserAccount };

/** Accounts and their roles. */
@customElement('fl-system-users')
export class SystemUsers extends SystemPanel<Accounts> {
  @state() private dialog: Dialog | undefined;

  static override styles = panelStyles;

  readonly #columns: DataColumn<UserAccount>[] = [
    {
      key: 'name',
      header: () => t.users.name,
      width: 200,
      fixed: true,
      render: (account) =>
        html`<b>${account.name}</b>${account.name === session.user?.name ? html` <span class="secondary">(${t.users.yourself})</span>` : nothing}${account.disabled ? html` <fl-state-badge state="off" .label=${t.users.stateDisabled}></fl-state-badge>` : nothing}`,
    },
    {
      key: 'displayName',
      header: () => t.users.displayName,
      width: 200,
      grow: true,
      render: (account) => account.displayName,
    },
    {
      key: 'roles',
      header: () => t.users.roles,
      width: 240,
      grow: true,
      render: (account) => account.roles.map((role) => this.#roleTitle(role)).join(', '),
    },
    {
      key: 'kind',
      header: () => t.security.kind,
      width: 150,
      render: (account) => kindOf(account),
    },
    {
      key: 'limits',
      header: () => t.security.limits,
      width: 150,
      render: (account) => html`<span title=${limitsOf(account)}>${limitsOf(account)}</span>`,
    },
    {
      key: 'created',
      header: () => t.users.created,
      width: 140,
      render: (account) => formatInstant(account.createdAt),
    },
    {
      key: 'actions',
      header: () => t.users.actions,
      width: 150,
      fixed: true,
      render: (account) => this.#actions(account),
    },
  ];

  protected override async fetch(signal: AbortSignal): Promise<Accounts> {
    const [accounts, roles] = await Promise.all([listUsers(signal), listRoles(signal)]);
    return { accounts, roles };
  }

  #roleTitle(id: string): string {
    return this.data?.roles.find((role) => role.id === id)?.title[currentLocale()] ?? id;
  }

  #actions(account: UserAccount): unknown {
    const button = (label: string, source: string, act: () => void) =>
      html`<button class="icon-button" title=${label} aria-label=${`${label} ${account.name}`} @click=${act}>${icon(source, 16)}</button>`;
    return html`<div class="cell-actions">
      ${button(t.common.edit, iconEdit, () => {
        this.dialog = { kind: 'edit', account };
      })}
      ${
        account.name === session.user?.name
          ? nothing
          : html`${
              account.kind === 'service'
                ? button(t.security.keys, iconPassword, () => {
                    this.dialog = { kind: 'keys', account };
                  })
                : account.source === 'oidc'
                  ? nothing
                  : button(t.users.reset, iconPassword, () => {
                      this.dialog = { kind: 'password', account };
                    })
            }${account.secondFactor ? button(t.security.removeFactor, iconShield, () => void this.#removeFactor(account)) : nothing}${button(t.common.delete, iconDelete, () => void this.#delete(account))}`
      }
    </div>`;
  }

  async #delete(account: UserAccount): Promise<void> {
    if (
      await confirmAction({
        title: t.users.deleteTitle(account.name),
        text: t.users.deleteText,
        action: t.common.delete,
        destructive: true,
      })
    ) {
      await this.act(() => deleteUser(account.name), t.users.deleted(account.name));
    }
  }

  async #removeFactor({ name }: UserAccount): Promise<void> {
    const sure = await confirmAction({
      title: t.security.removeFactorTitle(name),
      text: t.security.removeFactorText,
      action: t.security.removeFactor,
      destructive: true,
    });
    if (sure) await this.act(() => removeSecondFactor(name), t.security.removedFactor(name));
  }

  #dialogView(roles: readonly Role[]) {
    const { dialog } = this;
    const done = () => {
      this.dialog = undefined;
      void this.load();
    };
    if (!dialog) return nothing;
    if (dialog.kind === 'password')
      return html`<fl-change-password .user=${dialog.account.name} @done=${done}></fl-change-password>`;
    if (dialog.kind === 'keys')
      return html`<fl-keys-dialog .account=${dialog.account.name} @done=${done}></fl-keys-dialog>`;
    return html`<fl-user-dialog .account=${dialog.kind === 'edit' ? dialog.account : undefined} .roles=${roles} .own=${dialog.kind === 'edit' && dialog.account.name === session.user?.name} @done=${done}></fl-user-dialog>`;
  }

  protected override content({ accounts, roles }: Accounts) {
    return html`<div class="intro">
        <span class="text">${t.users.intro}</span><span class="spacer"></span>
        <vaadin-button theme="primary" @click=${() => {
          this.dialog = { kind: 'add' };
        }}><span class="row">${icon(iconPlus, 18)}${t.users.add}</span></vaadin-button>
      </div>
      <section class="panel">
        <fl-data-grid .columns=${this.#columns} .items=${accounts} layoutKey="users" itemIdPath="name" .label=${t.system.tabs.users} .allRowsVisible=${accounts.length <= 200}></fl-data-grid>
      </section>
      ${this.#dialogView(roles)}`;
  }
}

function kindOf({ kind, source, secondFactor, mustChangePassword }: UserAccount): string {
  return t.common.joined([
    kind === 'service' ? t.security.kindService : source === 'oidc' ? t.security.fromProvider : t.security.kindUser,
    ...(secondFactor ? [t.security.secondFactor] : []),
    ...(mustChangePassword ? [t.security.mustChangeState] : []),
  ]);
}

function limitsOf({ limits }: UserAccount): string {
  if (!limits) return t.security.limitsAll;
  const { departments, wards, patientIds, studyInstanceUids } = limits;
  return [...departments, ...wards, ...patientIds, ...studyInstanceUids].join(', ') || t.security.limited;
}
