import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { isAbort } from '../../api/client.ts';
import type { NodeInfo } from '../../api/node.ts';
import { getNode } from '../../api/node.ts';
import { FilmlessElement } from '../../components/element.ts';
import { t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { page, shared } from '../../styles/shared.ts';

const TABS = [
  'overview',
  'alarms',
  'quarantine',
  'conflicts',
  'plugins',
  'jobs',
  'users',
  'roles',
  'sessions',
  'access',
  'embedding',
  'shares',
  'audit',
] as const;
type Tab = (typeof TABS)[number];

const LOADERS: Record<Tab, () => Promise<unknown>> = {
  overview: () => import('./overview.ts'),
  alarms: () => import('./alarms.ts'),
  quarantine: () => import('./quarantine.ts'),
  conflicts: () => import('./conflicts.ts'),
  plugins: () => import('./plugins.ts'),
  jobs: () => import('./jobs.ts'),
  users: () => import('./users.ts'),
  roles: () => import('../security/roles.ts'),
  sessions: () => import('../security/sessions.ts'),
  access: () => import('../security/access.ts'),
  embedding: () => import('../security/embedding.ts'),
  shares: () => import('../share/shares.ts'),
  audit: () => import('../audit/audit.ts'),
};

const PERMISSIONS: Partial<Record<Tab, string>> = {
  alarms: 'alarm.read',
  jobs: 'job.read',
  users: 'user.manage',
  roles: 'user.manage',
  sessions: 'user.manage',
  access: 'access.manage',
  embedding: 'user.manage',
  shares: 'share.create',
  audit: 'audit.read',
};

/** Storage, health, and what waits for a person. Each part has its own address. */
@customElement('fl-system')
export class SystemScreen extends FilmlessElement {
  @property() tab = 'overview';
  @state() private node: NodeInfo | undefined;
  @state() private shown: Tab | undefined;

  static override styles = [
    shared,
    page,
    css`
      .tabs {
        display: flex;
        flex-wrap: wrap;
        gap: 2px;
        border-bottom: 1px solid var(--filmless-line);
      }
      .tabs a {
        padding: 8px 14px 7px;
        color: var(--filmless-text-secondary);
        border-bottom: 2px solid transparent;
        margin-bottom: -1px;
      }
      .tabs a:hover {
        color: var(--filmless-text);
        text-decoration: none;
      }
      .tabs a[aria-current='page'] {
        color: var(--filmless-link);
        border-bottom-color: var(--filmless-accent);
        font-weight: 600;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#loadNode();
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('tab')) void this.#show();
  }

  get #wanted(): Tab {
    const tabs = this.#tabs();
    return tabs.find((candidate) => candidate === this.tab) ?? tabs[0] ?? 'overview';
  }

  async #show(): Promise<void> {
    const tab = this.#wanted;
    this.shown = undefined;
    await LOADERS[tab]();
    if (tab === this.#wanted) this.shown = tab;
  }

  async #loadNode(): Promise<void> {
    try {
      this.node = await getNode();
    } catch (error) {
      if (!isAbort(error)) this.node = undefined;
    }
  }

  #tabs(): Tab[] {
    return TABS.filter((tab) => session.can(PERMISSIONS[tab] ?? 'system.read'));
  }

  #uptime(seconds: number): string {
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    if (hours >= 24) return t.system.days(Math.floor(hours / 24), hours % 24);
    return hours > 0 ? t.system.hours(hours, minutes % 60) : t.system.minutes(minutes);
  }

  #panel() {
    switch (this.shown) {
      case 'overview':
        return html`<fl-system-overview></fl-system-overview>`;
      case 'alarms':
        return html`<fl-system-alarms></fl-system-alarms>`;
      case 'quarantine':
        return html`<fl-system-quarantine></fl-system-quarantine>`;
      case 'conflicts':
        return html`<fl-system-conflicts></fl-system-conflicts>`;
      case 'plugins':
        return html`<fl-system-plugins></fl-system-plugins>`;
      case 'jobs':
        return html`<fl-system-jobs></fl-system-jobs>`;
      case 'users':
        return html`<fl-system-users></fl-system-users>`;
      case 'roles':
        return html`<fl-roles></fl-roles>`;
      case 'sessions':
        return html`<fl-sessions></fl-sessions>`;
      case 'access':
        return html`<fl-access></fl-access>`;
      case 'embedding':
        return html`<fl-embedding></fl-embedding>`;
      case 'shares':
        return html`<fl-shares></fl-shares>`;
      case 'audit':
        return html`<fl-audit></fl-audit>`;
      default:
        return html`<p class="secondary">${t.common.loading}</p>`;
    }
  }

  override render() {
    const { node } = this;
    return html`<div class="page">
      <div class="page-head">
        <div>
          <h1>${t.system.title}</h1>
          <p class="num">${node ? t.common.joined([t.system.node(node.name, node.version), t.system.uptime(this.#uptime(node.uptimeSeconds))]) : ' '}</p>
        </div>
      </div>
      <nav class="tabs" aria-label=${t.system.title}>
        ${this.#tabs().map((tab) => html`<a href=${tab === 'overview' ? '/system' : `/system/${tab}`} data-route aria-current=${this.#wanted === tab ? 'page' : 'false'}>${titleOf(tab)}</a>`)}
      </nav>
      ${this.#panel()}
    </div>`;
  }
}

function titleOf(tab: Tab): string {
  const own: Partial<Record<string, string>> = t.security.tabs;
  const core: Partial<Record<string, string>> = t.system.tabs;
  return core[tab] ?? own[tab] ?? tab;
}
