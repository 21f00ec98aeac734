import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { OpenSession } from '../../api/security.ts';
import { endSession, listSessions } from '../../api/security.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { icon } from '../../components/icon.ts';
import { iconSignOut } from '../../components/icons.ts';
import '../../components/state-badge.ts';
import { formatInstant } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { panelStyles, SystemPanel } from '../system/panel.ts';

/** Open sessions: everyone's for who manages users, one's own in the account dialog. */
@customElement('fl-sessions')
export class SessionsPanel extends SystemPanel<OpenSession[]> {
  @property() of: 'own' | 'all' = 'all';

  static override styles = panelStyles;

  #columns(): DataColumn<OpenSession>[] {
    const user: DataColumn<OpenSession> = {
      key: 'user',
      header: () => t.security.user,
      width: 150,
      fixed: true,
      render: (session) => html`<b>${session.userName}</b>`,
    };
    return [
      ...(this.of === 'all' ? [user] : []),
      {
        key: 'address',
        header: () => t.security.address,
        width: 230,
        fixed: true,
        render: (session) =>
          html`${session.address}${session.current ? html` <fl-state-badge state="info" .label=${t.security.thisSession}></fl-state-badge>` : ''}`,
      },
      {
        key: 'agent',
        header: () => t.security.device,
        width: 260,
        grow: true,
        render: (session) => html`<span title=${session.agent}>${browserName(session.agent)}</span>`,
      },
      {
        key: 'since',
        header: () => t.security.since,
        width: 140,
        render: (session) => formatInstant(session.createdAt),
      },
      {
        key: 'used',
        header: () => t.security.lastUsed,
        width: 140,
        render: (session) => formatInstant(session.lastUsedAt),
      },
      {
        key: 'actions',
        header: () => t.common.actions,
        width: 70,
        fixed: true,
        render: (session) =>
          session.current
            ? ''
            : html`<div class="cell-actions"><button class="icon-button" title=${t.security.end} aria-label=${`${t.security.end} ${session.userName} ${session.address}`} @click=${() => void this.act(() => endSession(session.id), t.security.ended)}>${icon(iconSignOut, 16)}</button></div>`,
      },
    ];
  }

  protected override fetch(signal: AbortSignal): Promise<OpenSession[]> {
    return listSessions(this.of, signal);
  }

  protected override content(sessions: OpenSession[]) {
    return html`<div class="intro"><span class="text">${t.security.sessionsIntro}</span></div>
      <section class="panel">
        <fl-data-grid .columns=${this.#columns()} .items=${sessions} layoutKey=${`sessions-${this.of}`} itemIdPath="id" .label=${t.security.tabs.sessions} .allRowsVisible=${sessions.length <= 200}></fl-data-grid>
      </section>`;
  }
}

/** What a person calls the browser; the whole text is in the tooltip. */
function browserName(agent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Version)\/(\d+)/.exec(agent);
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', Version: 'Safari' };
  const system = /Windows|Android|iPhone|iPad|Mac OS X|Linux/.exec(agent)?.[0] ?? '';
  if (!browser) return agent.slice(0, 80);
  const [, key = '', version = ''] = browser;
  return [`${names[key] ?? key} ${version}`, system.replace('Mac OS X', 'macOS')]
    .filter((part) => part !== '')
    .join(', ');
}
