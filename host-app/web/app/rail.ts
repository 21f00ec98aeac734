import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { UiEntry } from '../api/plugins.ts';
import { FilmlessElement } from '../components/element.ts';
import { icon } from '../components/icon.ts';
import {
  iconArchive,
  iconBackup,
  iconBell,
  iconChart,
  iconDevices,
  iconHospital,
  iconImport,
  iconPrint,
  iconPuzzle,
  iconRegistration,
  iconSend,
  iconStudies,
  iconSwap,
  iconSystem,
} from '../components/icons.ts';
import { currentLocale, t } from '../i18n/index.ts';
import type { Route } from '../router.ts';
import { session } from '../state/session.ts';
import { shared } from '../styles/shared.ts';

/** Those a plugin may name for its place. */
const PLUGIN_ICONS: Readonly<Record<string, string>> = {
  alarm: iconBell,
  archive: iconArchive,
  backup: iconBackup,
  exchange: iconSwap,
  hospital: iconHospital,
  print: iconPrint,
  send: iconSend,
  statistics: iconChart,
};

/** The places of the application; only those the user may enter. */
@customElement('fl-rail')
export class Rail extends FilmlessElement {
  @property({ attribute: false }) route: Route = { screen: 'studies', query: new URLSearchParams() };
  @property({ attribute: false }) plugins: readonly UiEntry[] = [];

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-width: var(--filmless-rail-width);
        max-width: 96px;
        min-height: 0;
        overflow: auto;
        scrollbar-width: none;
        background: var(--filmless-surface-1);
        border-right: 1px solid var(--filmless-line);
      }
      nav {
        display: flex;
        flex-direction: column;
        gap: 2px;
        padding: 6px 4px;
      }
      a {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 3px;
        padding: 8px 2px 6px;
        border-radius: var(--filmless-radius);
        color: var(--filmless-text-secondary);
        font-size: var(--filmless-font-size-small);
        line-height: 1.2;
        text-align: center;
        overflow-wrap: break-word;
      }
      a:hover {
        color: var(--filmless-text);
        background: var(--filmless-surface-2);
        text-decoration: none;
      }
      a[aria-current='page'] {
        color: var(--filmless-link);
        background: var(--filmless-accent-surface);
      }
    `,
  ];

  #entry(href: string, label: string, source: string, current: boolean) {
    return html`<a href=${href} data-route title=${label} aria-current=${current ? 'page' : 'false'}>${icon(source)}<span>${label}</span></a>`;
  }

  override render() {
    const { screen } = this.route;
    const element = this.route.screen === 'plugin' ? this.route.element : '';
    return html`<nav aria-label=${t.shell.navigation}>
      ${session.can('study.search') ? this.#entry('/studies', t.shell.studies, iconStudies, screen === 'studies' || screen === 'study') : nothing}
      ${session.can('patient.read') || session.can('order.read') ? this.#entry('/registration', t.registration.rail, iconRegistration, screen === 'registration' || screen === 'person') : nothing}
      ${session.can('study.import') ? this.#entry('/import', t.shell.import, iconImport, screen === 'import') : nothing}
      ${session.can('device.read') ? this.#entry('/devices', t.shell.devices, iconDevices, screen === 'devices') : nothing}
      ${session.can('system.read') || session.can('audit.read') || session.can('user.manage') || session.can('share.create') ? this.#entry('/system', t.shell.system, iconSystem, screen === 'system') : nothing}
      ${this.plugins.map((entry) => this.#entry(`/screens/${encodeURIComponent(entry.element)}`, entry.title[currentLocale()], PLUGIN_ICONS[entry.icon] ?? iconPuzzle, element === entry.element))}
    </nav>`;
  }
}
