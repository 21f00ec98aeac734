import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Share } from '../../api/shares.ts';
import { listShares, revokeShare } from '../../api/shares.ts';
import { confirmAction } from '../../components/confirm.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { icon } from '../../components/icon.ts';
import { iconX } from '../../components/icons.ts';
import type { BadgeState } from '../../components/state-badge.ts';
import '../../components/state-badge.ts';
import { formatDa, formatInstant } from '../../format/dates.ts';
import { patientName } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { panelStyles, SystemPanel } from '../system/panel.ts';

const BADGES: Record<Share['state'], BadgeState> = {
  active: 'done',
  expired: 'off',
  revoked: 'off',
  locked: 'critical',
  withdrawn: 'warning',
};

/** Studies shared by link: one's own, everybody's for who manages users. */
@customElement('fl-shares')
export class SharesPanel extends SystemPanel<Share[]> {
  static override styles = panelStyles;

  #columns(): DataColumn<Share>[] {
    const issuer: DataColumn<Share> = {
      key: 'issuer',
      header: () => t.shares.issuer,
      width: 120,
      render: (share) => share.issuer,
    };
    return [
      {
        key: 'study',
        header: () => t.shares.study,
        width: 260,
        fixed: true,
        grow: true,
        render: (share) => this.#study(share),
      },
      {
        key: 'note',
        header: () => t.shares.note,
        width: 180,
        render: (share) => html`<span title=${share.note}>${share.note}</span>`,
      },
      ...(session.can('user.manage') ? [issuer] : []),
      {
        key: 'state',
        header: () => t.shares.state,
        width: 100,
        render: ({ state }) =>
          html`<fl-state-badge title=${t.shares.stateHelp[state]} state=${BADGES[state]} .label=${t.shares.states[state]}></fl-state-badge>`,
      },
      { key: 'until', header: () => t.shares.until, width: 140, render: (share) => formatInstant(share.expiresAt) },
      {
        key: 'code',
        header: () => t.shares.code,
        width: 100,
        render: ({ hasAccessCode }) => (hasAccessCode ? t.common.yes : t.common.no),
      },
      {
        key: 'report',
        header: () => t.shares.withReport,
        width: 80,
        render: ({ report }) => (report ? t.common.yes : t.common.no),
      },
      { key: 'opened', header: () => t.shares.opened, width: 80, render: (share) => share.opened },
      {
        key: 'last',
        header: () => t.shares.lastOpened,
        width: 140,
        render: (share) => (share.lastOpenedAt === '' ? t.common.never : formatInstant(share.lastOpenedAt)),
      },
      {
        key: 'actions',
        header: () => t.common.actions,
        width: 70,
        fixed: true,
        render: (share) => this.#revokeButton(share),
      },
    ];
  }

  #study({ study, studyInstanceUid }: Share) {
    if (!study) return html`<span class="secondary" title=${studyInstanceUid}>${t.shares.studyHidden}</span>`;
    const name = patientName(study).main;
    const text = t.common.joined([formatDa(study.StudyDate), study.modalities.join('/'), study.StudyDescription]);
    return html`<a href=${`/studies/${encodeURIComponent(studyInstanceUid)}`} data-route title=${t.shares.openStudy}>${name === '' ? t.common.unnamedPatient : name}</a> <span class="secondary">${text}</span>`;
  }

  #revokeButton(share: Share) {
    if (share.state !== 'active' && share.state !== 'withdrawn') return nothing;
    return html`<div class="cell-actions"><button class="icon-button" title=${t.shares.revoke} aria-label=${`${t.shares.revoke} ${share.note}`.trim()} @click=${() => void this.#revoke(share)}>${icon(iconX, 16)}</button></div>`;
  }

  async #revoke({ id }: Share): Promise<void> {
    const sure = await confirmAction({
      title: t.shares.revokeTitle,
      text: t.shares.revokeText,
      action: t.shares.revoke,
      destructive: true,
    });
    if (sure) await this.act(() => revokeShare(id), t.shares.revoked);
  }

  protected override async fetch(signal: AbortSignal): Promise<Share[]> {
    return (await listShares(signal)).shares;
  }

  protected override content(shares: Share[]) {
    if (shares.length === 0)
      return html`<section class="panel"><fl-empty-state .heading=${t.shares.empty} .text=${t.shares.emptyText}></fl-empty-state></section>`;
    return html`<div class="intro"><span class="text">${t.shares.listIntro}</span></div>
      <section class="panel">
        <fl-data-grid .columns=${this.#columns()} .items=${shares} layoutKey="shares" itemIdPath="id" .label=${t.security.tabs.shares} .allRowsVisible=${shares.length <= 200}></fl-data-grid>
      </section>`;
  }
}
