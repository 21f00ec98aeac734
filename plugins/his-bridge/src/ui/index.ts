import { css, html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import './dry-run.ts';
import './queues.ts';
import { styles } from './styles.ts';
import { type TextKey, text } from './texts.ts';

type Tab = 'queues' | 'dryRun';
const TABS: readonly Tab[] = ['queues', 'dryRun'];

/** The screen of the HIS bridge: queues with their errors, and the dry run. */
@customElement('filmless-his-bridge')
export class HisBridgeScreen extends LitElement {
  @property() locale = 'zh-CN';
  @state() private tab: Tab = 'queues';
  @state() private tried = { message: '', connection: '' };

  static override styles = [
    styles,
    css`
      .page {
        display: flex;
        flex-direction: column;
        gap: var(--filmless-space-3);
        padding: var(--filmless-space-3) var(--filmless-space-4);
      }
    `,
  ];

  override render() {
    const t = (key: TextKey) => text(this.locale, key);
    return html`<div
      class="page"
      @try-message=${(event: CustomEvent<{ message: string; connection: string }>) => {
        this.tried = event.detail;
        this.tab = 'dryRun';
      }}
    >
      <div class="row">
        <h1>${t('title')}</h1>
        <span class="secondary">${t('help')}</span>
      </div>
      <div role="tablist" @keydown=${this.#keys}>
        ${TABS.map(
          (tab) => html`<button
            role="tab"
            id=${tab}
            aria-selected=${this.tab === tab}
            tabindex=${this.tab === tab ? 0 : -1}
            @click=${() => {
              this.tab = tab;
            }}
          >
            ${t(tab)}
          </button>`,
        )}
      </div>
      <div role="tabpanel" aria-labelledby=${this.tab}>
        ${
          this.tab === 'queues'
            ? html`<filmless-his-queues locale=${this.locale}></filmless-his-queues>`
            : html`<filmless-his-dry-run
                locale=${this.locale}
                .message=${this.tried.message}
                .connection=${this.tried.connection}
              ></filmless-his-dry-run>`
        }
      </div>
    </div>`;
  }

  #keys(event: KeyboardEvent): void {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    this.tab = this.tab === 'queues' ? 'dryRun' : 'queues';
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#${this.tab}`)?.focus());
  }
}
