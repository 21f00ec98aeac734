import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { shared } from '../styles/shared.ts';
import { FilmlessElement } from './element.ts';

const openMenus = new Set<object>();

/** Esc belongs to an open menu first. */
export function isMenuOpen(): boolean {
  return openMenus.size > 0;
}

/**
 * A button with a panel under it, in the browser's top layer: closes on Esc, on a click outside and on a choice.
 * @slot button what the button shows
 * @slot the panel's contents; an element with `data-close` closes it
 */
@customElement('fl-menu-button')
export class MenuButton extends FilmlessElement {
  /** Tooltip, and the accessible name where the button shows no text of its own. */
  @property() label = '';
  /** The button shows text: that is its name. */
  @property({ type: Boolean }) labelled = false;
  @state() private open = false;
  @query('button') private button!: HTMLButtonElement;
  @query('.panel') private panel!: HTMLElement;

  static override styles = [
    shared,
    css`
      :host {
        display: inline-flex;
      }
      .panel {
        position: fixed;
        inset: auto;
        margin: 0;
        padding: 4px;
        min-width: 180px;
        max-width: min(520px, 90vw);
        max-height: 70vh;
        overflow: auto;
        color: var(--filmless-text);
        background: var(--filmless-surface-2);
        border: 1px solid var(--filmless-line-strong);
        border-radius: var(--filmless-radius-l);
        box-shadow: var(--filmless-shadow);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    openMenus.delete(this);
  }

  close(): void {
    this.panel.hidePopover();
    this.button.focus();
  }

  #place(): void {
    const anchor = this.button.getBoundingClientRect();
    const width = this.panel.offsetWidth;
    this.panel.style.top = `${anchor.bottom + 4}px`;
    this.panel.style.left = `${Math.max(4, Math.min(anchor.right - width, window.innerWidth - width - 4))}px`;
  }

  override render() {
    return html`
      <button class="icon-button" popovertarget="panel" aria-haspopup="true" aria-expanded=${this.open} aria-label=${this.labelled ? nothing : this.label} title=${this.label}>
        <slot name="button"></slot>
      </button>
      <div
        id="panel"
        class="panel"
        popover
        @toggle=${(event: ToggleEvent) => {
          this.open = event.newState === 'open';
          if (this.open) {
            openMenus.add(this);
            this.#place();
          } else openMenus.delete(this);
        }}
        @click=${(event: MouseEvent) => {
          const closes = event
            .composedPath()
            .some((target) => target instanceof HTMLElement && target.hasAttribute('data-close'));
          if (closes) this.close();
        }}
      >
        <slot></slot>
      </div>
    `;
  }
}

/** Rows of a menu, for the element that fills the slot. */
export const menuStyles = css`
  .menu-item {
    font: inherit;
    display: flex;
    align-items: center;
    gap: 10px;
    width: 100%;
    min-height: 32px;
    padding: 4px 10px;
    color: var(--filmless-text);
    background: none;
    border: 0;
    border-radius: var(--filmless-radius);
    text-align: left;
    cursor: pointer;
  }
  .menu-item:hover,
  .menu-item:focus-visible {
    background: var(--filmless-surface-selected);
  }
  .menu-line {
    height: 1px;
    margin: 4px 0;
    background: var(--filmless-line);
  }
  .menu-note {
    padding: 6px 10px;
    color: var(--filmless-text-secondary);
    font-size: var(--filmless-font-size-small);
  }
`;
