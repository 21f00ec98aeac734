import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { FilmlessElement } from '../components/element.ts';
import { icon } from '../components/icon.ts';
import {
  iconCheck,
  iconLanguage,
  iconMoon,
  iconPassword,
  iconSearch,
  iconShield,
  iconSignOut,
  iconSun,
  iconUser,
  iconX,
} from '../components/icons.ts';
import '../components/menu-button.ts';
import { menuStyles } from '../components/menu-button.ts';
import { notifyError } from '../components/notify.ts';
import { currentLocale, LOCALES, setLocale, t } from '../i18n/index.ts';
import { router } from '../router.ts';
import { currentTheme, setTheme } from '../state/preferences.ts';
import { session } from '../state/session.ts';
import { shared } from '../styles/shared.ts';
import './alarm-bell.ts';
import './health-dot.ts';
import { topBarStyles } from './top-bar.styles.ts';

const TYPING_PAUSE_MS = 200;

/**
 * Name of the product, the one search field, the node's health, language, theme, user.
 * @event search detail: the text
 * @event search-done the user wants into the results
 */
@customElement('fl-top-bar')
export class TopBar extends FilmlessElement {
  @property() text = '';
  /** The list is on the screen: it follows while typing. Elsewhere Enter leads to it. */
  @property({ type: Boolean }) live = false;
  @state() private passwordOpen = false;
  @state() private securityOpen = false;
  @query('input') private input!: HTMLInputElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [shared, menuStyles, topBarStyles];

  focusSearch(): void {
    this.input.focus();
    this.input.select();
  }

  #search(text: string): void {
    clearTimeout(this.#timer);
    this.emit('search', text);
  }

  #onInput(event: InputEvent): void {
    if (!this.live || event.isComposing) return;
    clearTimeout(this.#timer);
    const { value } = this.input;
    this.#timer = setTimeout(() => this.#search(value), TYPING_PAUSE_MS);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === 'Enter') this.#search(this.input.value);
    else if (event.key === 'ArrowDown' && this.live) {
      event.preventDefault();
      this.emit('search-done');
    } else if (event.key === 'Escape') {
      if (this.input.value !== '') {
        this.input.value = '';
        if (this.live) this.#search('');
      } else {
        this.input.blur();
        this.emit('search-done');
      }
    }
  }

  async #changePassword(): Promise<void> {
    await import('./change-password.ts');
    this.passwordOpen = true;
  }

  async #security(): Promise<void> {
    await import('../screens/security/own-security.ts');
    this.securityOpen = true;
  }

  async #signOut(): Promise<void> {
    try {
      await session.signOut();
      // Whoever comes next does not start where this user was.
      router.go('/sign-in', { replace: true });
    } catch (error) {
      notifyError(error);
    }
  }

  override render() {
    const theme = currentTheme();
    const themeLabel = theme === 'dark' ? t.shell.toLight : t.shell.toDark;
    return html`
      <span class="product">${t.common.product}</span>
      <div class="search" role="search">
        ${icon(iconSearch, 18)}
        <input
          type="text"
          aria-label=${t.shell.search}
          placeholder=${t.shell.searchPlaceholder}
          autocomplete="off"
          spellcheck="false"
          .value=${this.text}
          @input=${(event: InputEvent) => this.#onInput(event)}
          @compositionend=${() => this.live && this.#search(this.input.value)}
          @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
        />
        ${this.text === '' ? html`<kbd aria-hidden="true">/</kbd>` : html`<button class="plain-button" title=${t.shell.searchClear} aria-label=${t.shell.searchClear} @click=${() => this.#search('')}>${icon(iconX, 16)}</button>`}
      </div>
      <span class="spacer"></span>
      <fl-alarm-bell></fl-alarm-bell>
      <fl-health-dot></fl-health-dot>
      <fl-menu-button .label=${t.common.language}>
        <span slot="button">${icon(iconLanguage)}</span>
        ${LOCALES.map(
          (
            locale,
          ) => html`<button class="menu-item" data-close lang=${locale} aria-pressed=${currentLocale() === locale} @click=${() => void setLocale(locale)}>
            <span class="tick">${currentLocale() === locale ? icon(iconCheck, 16) : nothing}</span>${locale === 'en' ? t.common.languageEn : t.common.languageZh}
          </button>`,
        )}
      </fl-menu-button>
      <button
        class="icon-button"
        title=${themeLabel}
        aria-label=${themeLabel}
        @click=${() => {
          setTheme(theme === 'dark' ? 'light' : 'dark');
          this.requestUpdate();
        }}
      >
        ${icon(theme === 'dark' ? iconSun : iconMoon)}
      </button>
      <fl-menu-button labelled .label=${t.shell.userMenu}>
        <span slot="button" class="user">${icon(iconUser)}<span class="ellipsis">${session.user?.displayName ?? ''}</span></span>
        <div class="menu-note">${t.common.joined([session.user?.name ?? '', ...(session.user?.roles.map((role) => t.users.roleNames[role] ?? role) ?? [])])}</div>
        <button class="menu-item" data-close @click=${() => void this.#changePassword()}>${icon(iconPassword, 18)}${t.shell.changePassword}</button>
        <button class="menu-item" data-close @click=${() => void this.#security()}>${icon(iconShield, 18)}${t.security.own}</button>
        <button class="menu-item" data-close @click=${() => void this.#signOut()}>${icon(iconSignOut, 18)}${t.shell.signOut}</button>
      </fl-menu-button>
      ${
        this.passwordOpen
          ? html`<fl-change-password .user=${session.user?.name ?? ''} ownPassword @done=${() => {
              this.passwordOpen = false;
            }}></fl-change-password>`
          : nothing
      }
      ${
        this.securityOpen
          ? html`<fl-own-security .user=${session.user?.name ?? ''} @done=${() => {
              this.securityOpen = false;
            }}></fl-own-security>`
          : nothing
      }
    `;
  }
}
