import { css, html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import './holds.ts';
import './overview.ts';
import './rules.ts';
import './studies.ts';
import { styles } from './styles.ts';
import { text } from './texts.ts';

const TABS = ['overview', 'rules', 'studies', 'holds'] as const;
type Tab = (typeof TABS)[number];

/** The screen of retention: what fills the disks, the rules, what is marked, and legal holds. */
@customElement('filmless-retention')
export class RetentionScreen extends LitElement {
  @property() locale = 'zh-CN';
  @state() private tab: Tab = 'overview';

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
      case 'overview':
        return html`<filmless-retention-overview locale=${this.locale}></filmless-retention-overview>`;
      case 'rules':
        return html`<filmless-retention-rules locale=${this.locale}></filmless-retention-rules>`;
      case 'studies':
        return html`<filmless-retention-studies locale=${this.locale}></filmless-retention-studies>`;
      case 'holds':
        return html`<filmless-retention-holds locale=${this.locale}></filmless-retention-holds>`;
    }
  }

  #keys(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    this.tab = TABS[(TABS.indexOf(this.tab) + by + TABS.length) % TABS.length] ?? 'overview';
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#${this.tab}`)?.focus());
  }
}
