import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { EmbedSettings, EmbedToken } from '../../api/embed.ts';
import { getEmbedSettings, listEmbedTokens, revokeEmbedToken } from '../../api/embed.ts';
import type { ServiceKey } from '../../api/security.ts';
import { listKeys } from '../../api/security.ts';
import type { UserAccount } from '../../api/users.ts';
import { listUsers } from '../../api/users.ts';
import { copyText } from '../../components/copy-text.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { icon } from '../../components/icon.ts';
import { iconPassword, iconX } from '../../components/icons.ts';
import '../../components/state-badge.ts';
import { formatInstant } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { panelStyles, SystemPanel } from '../system/panel.ts';
import './keys-dialog.ts';

interface ServiceAccount extends UserAccount {
  keys: ServiceKey[];
}

interface Embedding {
  settings: EmbedSettings;
  accounts: ServiceAccount[];
  tokens: EmbedToken[];
}

/** ISO times sort as text. */
const newest = (times: readonly string[]): string => [...times].sort().at(-1) ?? '';

/** How other systems show images: their accounts and keys, whose pages may, the tokens in use, and what to write. */
@customElement('fl-embedding')
export class EmbeddingPanel extends SystemPanel<Embedding> {
  @state() private keysOf: string | undefined;

  static override styles = [
    ...panelStyles,
    css`
      .origins {
        margin: 0;
        padding: 8px 12px;
        list-style: none;
      }
      .code {
        position: relative;
        margin: 0;
        padding: 10px 12px;
        overflow: auto;
        font-size: var(--filmless-font-size-small);
        line-height: 1.5;
      }
      .code-head {
        display: flex;
        align-items: center;
        padding: 4px 6px 4px 12px;
        border-bottom: 1px solid var(--filmless-line);
      }
    `,
  ];

  readonly #accounts: DataColumn<ServiceAccount>[] = [
    {
      key: 'name',
      header: () => t.security.embedService,
      width: 160,
      fixed: true,
      render: ({ name }) => html`<b>${name}</b>`,
    },
    { key: 'title', header: () => t.security.embedName, width: 200, grow: true, render: (entry) => entry.displayName },
    { key: 'keys', header: () => t.security.embedKeys, width: 90, render: ({ keys }) => keys.length },
    {
      key: 'used',
      header: () => t.security.embedLastUsed,
      width: 150,
      render: ({ keys }) => {
        const at = newest(keys.map(({ lastUsedAt }) => lastUsedAt));
        return at === '' ? t.security.keyNever : formatInstant(at);
      },
    },
    {
      key: 'state',
      header: () => t.security.embedState,
      width: 110,
      render: ({ disabled }) =>
        html`<fl-state-badge state=${disabled ? 'off' : 'done'} .label=${disabled ? t.security.embedOff : t.security.embedActive}></fl-state-badge>`,
    },
    {
      key: 'actions',
      header: () => t.common.actions,
      width: 70,
      fixed: true,
      render: ({ name }) =>
        this.#button(t.security.embedManageKeys(name), iconPassword, () => {
          this.keysOf = name;
        }),
    },
  ];
  readonly #tokens: DataColumn<EmbedToken>[] = [
    {
      key: 'service',
      header: () => t.security.embedService,
      width: 160,
      fixed: true,
      render: (token) => html`<b>${token.service}</b>`,
    },
    { key: 'user', header: () => t.security.embedUser, width: 180, grow: true, render: ({ user }) => user },
    {
      key: 'issued',
      header: () => t.security.embedIssued,
      width: 150,
      render: (token) => formatInstant(token.issuedAt),
    },
    {
      key: 'expires',
      header: () => t.security.embedExpires,
      width: 150,
      render: (token) => formatInstant(token.expiresAt),
    },
    {
      key: 'actions',
      header: () => t.common.actions,
      width: 100,
      fixed: true,
      render: ({ id, user, revokedAt }) =>
        revokedAt === ''
          ? this.#button(
              `${t.security.embedRevokeToken} ${user}`,
              iconX,
              () => void this.act(() => revokeEmbedToken(id), t.security.embedTokenRevoked),
            )
          : html`<span class="secondary">${t.security.embedRevoked}</span>`,
    },
  ];

  protected override async fetch(signal: AbortSignal): Promise<Embedding> {
    const [settings, users, tokens] = await Promise.all([
      getEmbedSettings(signal),
      listUsers(signal),
      listEmbedTokens(signal),
    ]);
    const accounts = users
      .filter(({ kind }) => kind === 'service')
      .map(async (account) => ({ ...account, keys: await listKeys(account.name, signal) }));
    return { settings, accounts: await Promise.all(accounts), tokens };
  }

  #button(label: string, source: string, act: () => void) {
    return html`<div class="cell-actions"><button class="icon-button" title=${label} aria-label=${label} @click=${act}>${icon(source, 16)}</button></div>`;
  }

  #code(title: string, text: string) {
    return html`<section class="panel">
      <div class="code-head"><span class="secondary">${title}</span><span class="spacer"></span><vaadin-button theme="small tertiary" aria-label=${`${t.security.copy} ${title}`} @click=${() => void copyText(text)}>${t.security.copy}</vaadin-button></div>
      <pre class="code mono" tabindex="0">${text}</pre>
    </section>`;
  }

  #origins({ origins }: EmbedSettings) {
    return html`<div class="intro"><div class="text"><h2>${t.security.embedOrigins}</h2>${origins.length === 0 ? t.security.embedOriginsEmpty : t.security.embedOriginsIntro}</div></div>
      ${origins.length === 0 ? nothing : html`<section class="panel"><ul class="origins mono">${origins.map((origin) => html`<li>${origin}</li>`)}</ul></section>`}`;
  }

  protected override content({ settings, accounts, tokens }: Embedding) {
    const minutes = Math.max(1, Math.round(settings.maxTtlSeconds / 60));
    return html`<div class="intro"><div class="text"><h2>${t.security.embedAccounts}</h2>${t.security.embedIntro}</div></div>
      <section class="panel">
        ${
          accounts.length === 0
            ? html`<fl-empty-state .heading=${t.security.embedAccountsEmpty} .text=${t.security.embedAccountsEmptyText}></fl-empty-state>`
            : html`<fl-data-grid .columns=${this.#accounts} .items=${accounts} layoutKey="embed-accounts" itemIdPath="name" .label=${t.security.embedAccounts} .allRowsVisible=${accounts.length <= 50}></fl-data-grid>`
        }
      </section>
      <div class="intro"><div class="text"><h2>${t.security.embedTokens}</h2>${tokens.length === 0 ? t.security.embedTokensEmpty : t.security.embedTokensIntro(minutes)}</div></div>
      ${tokens.length === 0 ? nothing : html`<section class="panel"><fl-data-grid .columns=${this.#tokens} .items=${tokens} layoutKey="embed-tokens" itemIdPath="id" .label=${t.security.embedTokens} .allRowsVisible=${tokens.length <= 50}></fl-data-grid></section>`}
      ${this.#origins(settings)}
      <div class="intro"><div class="text"><h2>${t.security.embedHow}</h2>${t.security.embedHowText}</div></div>
      ${this.#code(t.security.embedServerCode, serverCode('tokens'))}
      ${this.#code(t.security.embedPageCode, pageCode())}
      ${this.#code(t.security.embedLaunchCode, serverCode('launches'))}
      ${
        this.keysOf === undefined
          ? nothing
          : html`<fl-keys-dialog .account=${this.keysOf} @done=${() => {
              this.keysOf = undefined;
              void this.load();
            }}></fl-keys-dialog>`
      }`;
  }
}

const serverCode = (what: 'tokens' | 'launches'): string => `curl -X POST ${location.origin}/api/embed/${what} \\
  -H 'Authorization: Bearer flk_…' -H 'Content-Type: application/json' \\
  -d '{"user":"zhang","patientId":"0002148367","ttlSeconds":300}'`;

const pageCode = (): string => `<script type="module" src="${location.origin}/sdk/filmless-viewer.js"></script>
<filmless-viewer server="${location.origin}" patient="0002148367"></filmless-viewer>
<script>
  document.querySelector('filmless-viewer').tokenProvider =
    async () => (await fetch('/his/pacs-token')).text();
</script>`;
