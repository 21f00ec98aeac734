import { css, html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import './disks.ts';
import './safety.ts';
import './studies.ts';
import { styles } from './styles.ts';
import { type TextKey, text } from './texts.ts';

const TABS = { disks: 'tabDisks', studies: 'tabStudies', safety: 'tabSafety' } as const satisfies Record<
  string,
  TextKey
>;
type Tab = keyof typeof TABS;
const NAMES = Object.keys(TABS) as Tab[];

/** The screen of backups: disks and copies, which disk holds a study, snapshots, drills and restoring. */
@customElement('filmless-backup')
export class BackupScreen extends LitElement {
  @property() locale = 'zh-CN';
  @state() private tab: Tab = 'disks';

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
        ${NAMES.map(
          (tab) => html`<button
            role="tab" id=${tab} aria-selected=${this.tab === tab} tabindex=${this.tab === tab ? 0 : -1}
            @click=${() => {
              this.tab = tab;
            }}
          >${text(this.locale, TABS[tab])}</button>`,
        )}
      </div>
      <div role="tabpanel" aria-labelledby=${this.tab}>${this.#content()}</div>
    </div>`;
  }

  #content() {
    switch (this.tab) {
      case 'disks':
        return html`<filmless-backup-disks locale=${this.locale}></filmless-backup-disks>`;
      case 'studies':
        return html`<filmless-backup-studies locale=${this.locale}></filmless-backup-studies>`;
      case 'safety':
        return html`<filmless-backup-safety locale=${this.locale}></filmless-backup-safety>`;
    }
  }

  #keys(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    this.tab = NAMES[(NAMES.indexOf(this.tab) + by + NAMES.length) % NAMES.length] ?? 'disks';
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#${this.tab}`)?.focus());
  }
}
