import '@vaadin/button';
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Emergency, RestrictedPatient } from '../../api/security.ts';
import { endEmergency, listEmergencies, listRestricted, releasePatient } from '../../api/security.ts';
import type { Role } from '../../api/users.ts';
import { listRoles } from '../../api/users.ts';
import { confirmAction } from '../../components/confirm.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { icon } from '../../components/icon.ts';
import { iconDelete, iconPlus, iconX } from '../../components/icons.ts';
import { formatInstant } from '../../format/dates.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { panelStyles, SystemPanel } from '../system/panel.ts';
import './restrict-dialog.ts';

interface Access {
  restricted: RestrictedPatient[];
  emergencies: Emergency[];
  roles: Role[];
}

/** Patients that few may see, and emergency access under way. */
@customElement('fl-access')
export class AccessPanel extends SystemPanel<Access> {
  @state() private adding = false;

  static override styles = panelStyles;

  readonly #restricted: DataColumn<RestrictedPatient>[] = [
    {
      key: 'patient',
      header: () => t.security.patientId,
      width: 170,
      fixed: true,
      render: (entry) => html`<b>${entry.patientId}</b>`,
    },
    {
      key: 'users',
      header: () => t.security.allowedUsers,
      width: 240,
      grow: true,
      render: (entry) => entry.users.join(', '),
    },
    {
      key: 'roles',
      header: () => t.security.allowedRoles,
      width: 200,
      grow: true,
      render: (entry) => entry.roles.map((role) => this.#roleTitle(role)).join(', '),
    },
    { key: 'by', header: () => t.security.setBy, width: 120, render: (entry) => entry.setBy },
    { key: 'at', header: () => t.security.setAt, width: 140, render: (entry) => formatInstant(entry.setAt) },
    {
      key: 'actions',
      header: () => t.common.actions,
      width: 70,
      fixed: true,
      render: (entry) => this.#button(t.security.release, entry.patientId, iconDelete, () => void this.#release(entry)),
    },
  ];
  readonly #emergencies: DataColumn<Emergency>[] = [
    {
      key: 'user',
      header: () => t.security.user,
      width: 150,
      fixed: true,
      render: (entry) => html`<b>${entry.userName}</b>`,
    },
    {
      key: 'reason',
      header: () => t.security.reason,
      width: 320,
      grow: true,
      render: (entry) => html`<span title=${entry.reason}>${entry.reason}</span>`,
    },
    { key: 'since', header: () => t.security.auditAt, width: 140, render: (entry) => formatInstant(entry.grantedAt) },
    { key: 'until', header: () => t.security.until, width: 140, render: (entry) => formatInstant(entry.expiresAt) },
    {
      key: 'actions',
      header: () => t.common.actions,
      width: 70,
      fixed: true,
      render: (entry) =>
        this.#button(
          t.security.end,
          entry.userName,
          iconX,
          () => void this.act(() => endEmergency(entry.id), t.security.emergencyEnded),
        ),
    },
  ];

  protected override async fetch(signal: AbortSignal): Promise<Access> {
    const [restricted, emergencies, roles] = await Promise.all([
      listRestricted(signal),
      session.can('audit.read') ? listEmergencies(signal) : [],
      session.can('user.manage') ? listRoles(signal) : [],
    ]);
    return { restricted, emergencies, roles };
  }

  #roleTitle(id: string): string {
    return this.data?.roles.find((role) => role.id === id)?.title[currentLocale()] ?? t.users.roleNames[id] ?? id;
  }

  #button(label: string, what: string, source: string, act: () => void) {
    return html`<div class="cell-actions"><button class="icon-button" title=${label} aria-label=${`${label} ${what}`} @click=${act}>${icon(source, 16)}</button></div>`;
  }

  async #release({ patientId }: RestrictedPatient): Promise<void> {
    const sure = await confirmAction({
      title: t.security.releaseTitle(patientId),
      text: t.security.releaseText,
      action: t.security.release,
      destructive: true,
    });
    if (sure) await this.act(() => releasePatient(patientId), t.security.released);
  }

  protected override content({ restricted, emergencies, roles }: Access) {
    return html`<div class="intro">
        <div class="text"><h2>${t.security.restrictedTitle}</h2>${t.security.restrictedIntro}</div><span class="spacer"></span>
        <vaadin-button theme="primary" @click=${() => {
          this.adding = true;
        }}><span class="row">${icon(iconPlus, 18)}${t.security.restrict}</span></vaadin-button>
      </div>
      <section class="panel">
        ${
          restricted.length === 0
            ? html`<fl-empty-state .heading=${t.security.restrictedEmpty} .text=${t.security.restrictedEmptyText}></fl-empty-state>`
            : html`<fl-data-grid .columns=${this.#restricted} .items=${restricted} layoutKey="restricted" itemIdPath="patientId" .label=${t.security.restrictedTitle} .allRowsVisible=${restricted.length <= 200}></fl-data-grid>`
        }
      </section>
      ${
        session.can('audit.read')
          ? html`<div class="intro"><div class="text"><h2>${t.security.emergenciesTitle}</h2>${emergencies.length === 0 ? t.security.emergenciesEmpty : t.security.emergenciesIntro}</div></div>
              ${emergencies.length === 0 ? nothing : html`<section class="panel"><fl-data-grid .columns=${this.#emergencies} .items=${emergencies} layoutKey="emergencies" itemIdPath="id" .label=${t.security.emergenciesTitle} .allRowsVisible=${true}></fl-data-grid></section>`}`
          : nothing
      }
      ${
        this.adding
          ? html`<fl-restrict-dialog .roles=${roles} @done=${() => {
              this.adding = false;
              void this.load();
            }}></fl-restrict-dialog>`
          : nothing
      }`;
  }
}
