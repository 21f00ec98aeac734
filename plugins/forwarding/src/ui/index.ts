import { css, html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import './destinations.ts';
import './rules.ts';
import './studies.ts';
import { styles } from './styles.ts';
import { text } from './texts.ts';

const TABS = ['studies', 'rules', 'destinations'] as const;
type Tab = (typeof TABS)[number];

/** The screen of forwarding: studies by destination, rules, and the destinations with their state. */
@customElement('filmless-forwarding')
export class ForwardingScreen extends LitElement {
  @property() locale = 'zh-CN';
  @state() private tab: Tab = 'studies';

  static override styles = [
    styles,
    css`
      .page {
        padding: var(--filmless-space-3) var(--filmless-space-4);
      }
    `,
  ];

  override render() {
    return html`<div class="page stack">
      <div class="row"><h1>${text(this.locale, 'title')}</h1><span class="secondary">${text(this.locale, 'help')}</span></div>
      <div role="tablist" @keydown=${this.#keys}>
        ${TABS.map(
          (tab) => html`<button
            role="tab" id=${tab} aria-selected=${this.tab === tab} tabindex=${this.tab === tab ? 0 : -1}
            @click=${() => {
              this.tab = tab;
            }}
          >${text(this.locale, tab)}</button>`,
        )}
      </div>
      <div role="tabpanel" aria-labelledby=${this.tab}>${this.#content()}</div>
    </div>`;
  }

  #content() {
    switch (this.tab) {
      case 'studies':
        return html`<filmless-forwarding-studies locale=${this.locale}></filmless-forwarding-studies>`;
      case 'rules':
        return html`<filmless-forwarding-rules locale=${this.locale}></filmless-forwarding-rules>`;
      case 'destinations':
        return html`<filmless-forwarding-destinations locale=${this.locale}></filmless-forwarding-destinations>`;
    }
  }

  #keys(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    this.tab = TABS[(TABS.indexOf(this.tab) + by + TABS.length) % TABS.length] ?? 'studies';
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#${this.tab}`)?.focus());
  }
}
