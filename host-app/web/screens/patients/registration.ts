import { html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { FilmlessElement } from '../../components/element.ts';
import { t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { registrationStyles } from './registration.styles.ts';

const TABS = ['patients', 'reconciliation', 'orders'] as const;
type Tab = (typeof TABS)[number];

const LOADERS: Record<Tab, () => Promise<unknown>> = {
  patients: () => import('./patients.ts'),
  reconciliation: () => import('./reconciliation.ts'),
  orders: () => import('../orders/orders.ts'),
};
const PERMISSIONS: Record<Tab, string> = {
  patients: 'patient.read',
  reconciliation: 'patient.manage',
  orders: 'order.read',
};

/** Patients, images that match none, orders. Each part has its own address. */
@customElement('fl-registration')
export class RegistrationScreen extends FilmlessElement {
  @property() tab = 'patients';
  @property({ attribute: false }) query = new URLSearchParams();
  @state() private shown: Tab | undefined;

  static override styles = registrationStyles;

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('tab')) void this.#show();
  }

  #tabs(): Tab[] {
    return TABS.filter((tab) => session.can(PERMISSIONS[tab]));
  }

  get #wanted(): Tab {
    const tabs = this.#tabs();
    return tabs.find((candidate) => candidate === this.tab) ?? tabs[0] ?? 'patients';
  }

  async #show(): Promise<void> {
    const tab = this.#wanted;
    this.shown = undefined;
    await LOADERS[tab]();
    if (tab === this.#wanted) this.shown = tab;
  }

  #panel() {
    const text = this.query.get('text') ?? '';
    switch (this.shown) {
      case 'patients':
        return html`<fl-patients .text=${text}></fl-patients>`;
      case 'reconciliation':
        return html`<fl-reconciliation></fl-reconciliation>`;
      case 'orders':
        return html`<fl-orders .text=${text}></fl-orders>`;
      default:
        return html`<p class="secondary">${t.common.loading}</p>`;
    }
  }

  override render() {
    return html`<div class="page whole">
      <div class="page-head"><div><h1>${t.registration.title}</h1><p>${t.registration.intro}</p></div></div>
      <nav class="tabs" aria-label=${t.registration.title}>
        ${this.#tabs().map((tab) => html`<a href=${tab === 'patients' ? '/registration' : `/registration/${tab}`} data-route aria-current=${this.#wanted === tab ? 'page' : 'false'}>${t.registration.tabs[tab]}</a>`)}
      </nav>
      ${this.#panel()}
    </div>`;
  }
}
