import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { UiEntry } from '../api/plugins.ts';
import { FilmlessElement } from '../components/element.ts';
import '../components/empty-state.ts';
import { currentLocale, t } from '../i18n/index.ts';
import { shared } from '../styles/shared.ts';

/** A screen that a plugin brings: its module is loaded and its element put here. */
@customElement('fl-plugin-screen')
export class PluginScreen extends FilmlessElement {
  @property({ attribute: false }) entry: UiEntry | undefined;
  @state() private element: HTMLElement | undefined;
  @state() private failed = false;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        height: 100%;
        overflow: auto;
      }
    `,
  ];

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('entry')) void this.#load();
  }

  async #load(): Promise<void> {
    const { entry } = this;
    this.element = undefined;
    this.failed = false;
    if (!entry) return;
    try {
      const address = new URL(entry.module, window.location.href);
      if (address.origin !== window.location.origin) throw new Error('A plugin module lies on another site');
      await import(/* @vite-ignore */ address.href);
      this.element = document.createElement(entry.element);
    } catch (error) {
      console.warn('A plugin screen could not be loaded', error instanceof Error ? error.message : '');
      this.failed = true;
    }
  }

  override render() {
    if (this.failed)
      return html`<fl-empty-state .heading=${t.shell.screenFailed} .text=${t.shell.screenFailedHelp}></fl-empty-state>`;
    if (!this.element) return nothing;
    this.element.setAttribute('locale', currentLocale());
    return html`${this.element}`;
  }
}
