import '@vaadin/button';
import '@vaadin/password-field';
import '@vaadin/text-field';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ApiError } from '../../api/client.ts';
import { identityProvider } from '../../api/security.ts';
import { FilmlessElement } from '../../components/element.ts';
import { errorText } from '../../components/error-text.ts';
import { icon } from '../../components/icon.ts';
import { iconCritical, iconInfo, iconWaiting } from '../../components/icons.ts';
import type { Locale } from '../../i18n/index.ts';
import { currentLocale, LOCALES, setLocale, t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { signInStyles } from './sign-in.styles.ts';

/** Sign-in. After success the shell goes where the user wanted to. */
@customElement('fl-sign-in')
export class SignIn extends FilmlessElement {
  /** The session ended while working: say so. */
  @property({ type: Boolean }) ended = false;
  @state() private user = '';
  @state() private password = '';
  @state() private busy = false;
  @state() private error: ApiError | undefined;
  @state() private missing: 'user' | 'password' | undefined;
  @state() private waitSeconds = 0;
  @state() private capsLock = false;
  /** Asked for once the password was right. */
  @state() private codeNeeded = false;
  @state() private code = '';
  @state() private provider: { title: string; start: string } | undefined;
  #countdown: ReturnType<typeof setInterval> | undefined;

  static override styles = signInStyles;

  override connectedCallback(): void {
    super.connectedCallback();
    // Without an answer the password is still a way in.
    identityProvider().then(
      (provider) => {
        this.provider = provider;
      },
      () => undefined,
    );
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#countdown);
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>('vaadin-text-field')?.focus();
  }

  #wait(seconds: number): void {
    clearInterval(this.#countdown);
    this.waitSeconds = seconds;
    this.#countdown = setInterval(() => {
      this.waitSeconds = Math.max(0, this.waitSeconds - 1);
      if (this.waitSeconds === 0) clearInterval(this.#countdown);
    }, 1000);
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy || this.waitSeconds > 0) return;
    this.error = undefined;
    this.missing = this.user.trim() === '' ? 'user' : this.password === '' ? 'password' : undefined;
    if (this.missing) {
      this.renderRoot
        .querySelector<HTMLElement>(this.missing === 'user' ? 'vaadin-text-field' : 'vaadin-password-field')
        ?.focus();
      return;
    }
    this.busy = true;
    try {
      await session.signIn(this.user.trim(), this.password, this.codeNeeded ? this.code.trim() : undefined);
    } catch (error) {
      this.error = ApiError.from(error);
      const askedBefore = this.codeNeeded;
      this.codeNeeded =
        this.error.code === 'SECOND_FACTOR_NEEDED' || (askedBefore && this.error.code !== 'BAD_CREDENTIALS');
      // The first time it is a question, not a refusal.
      if (this.codeNeeded && !askedBefore) this.error = undefined;
      this.code = '';
      if (this.error?.code === 'TOO_MANY_REQUESTS') this.#wait(this.error.retryAfterSeconds ?? 60);
      await this.updateComplete;
      this.renderRoot
        .querySelector<HTMLElement>(this.codeNeeded ? 'vaadin-text-field[name="code"]' : 'vaadin-password-field')
        ?.focus();
    } finally {
      this.busy = false;
    }
  }

  #message() {
    const { error } = this;
    if (error?.code === 'TOO_MANY_REQUESTS') {
      return this.waitSeconds > 0
        ? html`<div class="note waiting" role="alert">${icon(iconWaiting, 18)}<div><strong>${t.signIn.throttled(this.waitSeconds)}</strong></div></div>`
        : html`<div class="note info" role="status">${icon(iconInfo, 18)}<div>${t.signIn.throttledNow}</div></div>`;
    }
    if (error) {
      const text = errorText(error);
      const [title, help, forIt] =
        error.code === 'SECOND_FACTOR_NEEDED'
          ? [t.security.codeWrong, t.security.codeHelp, '']
          : error.code === 'BAD_CREDENTIALS'
            ? [t.signIn.wrong, t.signIn.wrongHelp, '']
            : error.code === 'NETWORK' || error.code === 'UNAVAILABLE'
              ? [t.signIn.unreachable, t.signIn.unreachableHelp, text.forIt]
              : [text.title, text.remedy, text.forIt];
      return html`<div class="note critical" role="alert">
        ${icon(iconCritical, 18)}
        <div><strong>${title}</strong><div>${help}</div>${forIt ? html`<div class="it">${forIt}</div>` : nothing}</div>
      </div>`;
    }
    const refused = refusalOfProvider();
    if (refused)
      return html`<div class="note critical" role="alert">${icon(iconCritical, 18)}<div><strong>${refused}</strong></div></div>`;
    return this.ended
      ? html`<div class="note info" role="status">${icon(iconInfo, 18)}<div>${t.signIn.ended}</div></div>`
      : nothing;
  }

  #codeField() {
    return html`<vaadin-text-field
      .label=${t.security.code}
      .helperText=${t.security.codeHelp}
      name="code"
      inputmode="numeric"
      autocomplete="one-time-code"
      .value=${this.code}
      @input=${(event: Event & { currentTarget: HTMLElement & { value: string } }) => {
        this.code = event.currentTarget.value;
      }}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Enter') void this.#submit(event);
      }}
    ></vaadin-text-field>`;
  }

  override render() {
    type Field = Event & { currentTarget: HTMLElement & { value: string } };
    const names: Record<Locale, string> = { 'zh-CN': t.common.languageZh, en: t.common.languageEn };
    return html`<main>
      <form @submit=${(event: Event) => void this.#submit(event)} @keyup=${(event: KeyboardEvent) => {
        this.capsLock = event.getModifierState?.('CapsLock') ?? false;
      }} novalidate>
        <p class="product">${t.common.product}</p>
        <h1>${t.signIn.title}</h1>
        ${this.#message()}
        <vaadin-text-field
          .label=${t.signIn.user}
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          .value=${this.user}
          .invalid=${this.missing === 'user'}
          .errorMessage=${this.missing === 'user' ? t.signIn.userMissing : ''}
          manual-validation
          @input=${(event: Field) => {
            this.user = event.currentTarget.value;
          }}
          @change=${(event: Field) => {
            this.user = event.currentTarget.value;
          }}
        ></vaadin-text-field>
        <vaadin-password-field
          .label=${t.signIn.password}
          .i18n=${{ reveal: t.signIn.showPassword }}
          .accessibleName=${t.signIn.password}
          name="password"
          autocomplete="current-password"
          .value=${this.password}
          .helperText=${this.capsLock ? t.signIn.capsLock : ''}
          .invalid=${this.missing === 'password'}
          .errorMessage=${this.missing === 'password' ? t.signIn.passwordMissing : ''}
          manual-validation
          @input=${(event: Field) => {
            this.password = event.currentTarget.value;
          }}
          @change=${(event: Field) => {
            this.password = event.currentTarget.value;
          }}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key === 'Enter') void this.#submit(event);
          }}
        ></vaadin-password-field>
        ${this.codeNeeded ? this.#codeField() : nothing}
        <button type="submit" class="submit" ?disabled=${this.busy || this.waitSeconds > 0}>${this.busy ? t.signIn.submitting : t.signIn.submit}</button>
        ${
          this.provider
            ? html`<div class="or"><span>${t.security.or}</span></div>
                <a class="provider" href=${this.provider.start}>${t.security.withProvider(this.provider.title)}</a>`
            : nothing
        }
        <div class="languages" role="group" aria-label=${t.common.language}>
          ${LOCALES.map((locale) => html`<button type="button" lang=${locale} aria-pressed=${currentLocale() === locale} @click=${() => void setLocale(locale)}>${names[locale]}</button>`)}
        </div>
      </form>
    </main>`;
  }
}

/** The identity provider, or this node after it, did not let the user in: the address says why. */
function refusalOfProvider(): string | undefined {
  const code = new URLSearchParams(window.location.search).get('failed');
  if (code === null) return undefined;
  return code === 'FORBIDDEN'
    ? t.security.providerNoRole
    : code === 'CONFLICT'
      ? t.security.providerConflict
      : t.security.providerFailed;
}
