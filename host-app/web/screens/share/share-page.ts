import '@vaadin/button';
import '@vaadin/text-field';
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { ApiError } from '../../api/client.ts';
import type { OpenShare } from '../../api/shares.ts';
import { redeemShare } from '../../api/shares.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { icon } from '../../components/icon.ts';
import { iconCritical, iconWaiting } from '../../components/icons.ts';
import { formatInstant } from '../../format/dates.ts';
import { currentLocale, LOCALES, setLocale, t } from '../../i18n/index.ts';
import type { FieldEvent } from '../security/form-styles.ts';
import { loadViewer } from '../study/viewer-loader.ts';
import { linkSecret } from './link-secret.ts';
import { sharePageStyles } from './share-page.styles.ts';

/** Asked again so often, so that a page on which nobody does anything ends with its link too. */
const CHECK_MS = 2 * 60_000;

/** What a shared link opens, for somebody without an account: the code, then the one study. The code stays in this page's memory alone. */
@customElement('fl-share-page')
export class SharePage extends FilmlessElement {
  @state() private opened: OpenShare | undefined;
  @state() private asksCode = false;
  @state() private code = '';
  @state() private problem = '';
  @state() private busy = false;
  @state() private waitSeconds = 0;
  /** Why it shows nothing any more. */
  @state() private ended: string | undefined;
  @state() private error: unknown;
  readonly #id = decodeURIComponent(window.location.pathname.split('/')[2] ?? '');
  readonly #secret = linkSecret(this.#id);
  #accessCode: string | undefined;
  /** Under way; several parts of the viewer ask at the same time. An answer is never given twice: the token in it may have been refused since. */
  #redeeming: Promise<OpenShare> | undefined;
  #check: ReturnType<typeof setInterval> | undefined;
  #countdown: ReturnType<typeof setInterval> | undefined;

  static override styles = sharePageStyles;

  override connectedCallback(): void {
    super.connectedCallback();
    // Images are read in the dark, whatever this browser prefers elsewhere.
    document.documentElement.dataset['theme'] = 'dark';
    if (this.#secret === undefined) return;
    this.#check = setInterval(() => {
      if (this.opened) void this.#redeem().catch(() => undefined);
    }, CHECK_MS);
    void this.#open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#check);
    clearInterval(this.#countdown);
  }

  protected override updated(): void {
    document.title = `${t.shares.pageTitle} — ${t.common.product}`;
  }

  /** What the link opens now. Throws when it shows nothing. */
  async #redeem(): Promise<OpenShare> {
    const code = this.#accessCode === undefined ? {} : { accessCode: this.#accessCode };
    this.#redeeming ??= redeemShare({ id: this.#id, secret: this.#secret ?? '', ...code }).finally(() => {
      this.#redeeming = undefined;
    });
    try {
      return await this.#redeeming;
    } catch (error) {
      const ended = ApiError.from(error).code;
      if (ended in t.shares.ended) this.#end(ended);
      throw error;
    }
  }

  readonly #token = async (): Promise<string> => (await this.#redeem()).token;

  #end(code: string): void {
    this.opened = undefined;
    this.#accessCode = undefined;
    this.ended = code;
  }

  async #open(): Promise<void> {
    if (this.busy || this.waitSeconds > 0) return;
    this.busy = true;
    this.problem = '';
    this.error = undefined;
    try {
      const opened = await this.#redeem();
      await loadViewer();
      this.opened = opened;
    } catch (error) {
      await this.#refused(error);
    } finally {
      this.busy = false;
    }
  }

  async #refused(thrown: unknown): Promise<void> {
    const error = ApiError.from(thrown);
    if (this.ended !== undefined) return;
    const wrong = error.code === 'SHARE_CODE_WRONG';
    if (error.code === 'TOO_MANY_REQUESTS') this.#wait(error.retryAfterSeconds ?? 60);
    else if (!wrong && error.code !== 'SHARE_CODE_NEEDED') this.error = thrown;
    if (wrong || error.code === 'SHARE_CODE_NEEDED') this.asksCode = true;
    if (!wrong) return this.#focusCode();
    this.problem = t.shares.codeWrong;
    this.code = '';
    await this.#focusCode();
  }

  async #focusCode(): Promise<void> {
    await this.updateComplete;
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

  #submit(event: Event): void {
    event.preventDefault();
    const code = this.code.replaceAll(/\D/g, '');
    if (code.length !== 8) {
      this.problem = t.shares.codeMissing;
      void this.#focusCode();
      return;
    }
    this.#accessCode = code;
    void this.#open();
  }

  #said(kind: 'critical' | 'waiting', title: string, help: string) {
    return html`<div class="box" role="alert">
      <div class="mark ${kind}">${icon(kind === 'critical' ? iconCritical : iconWaiting, 24)}<h1>${title}</h1></div>
      <p>${help}</p>
    </div>`;
  }

  #codeForm() {
    return html`<form class="box" @submit=${(event: Event) => this.#submit(event)}>
      <h1>${t.shares.pageHeading}</h1>
      <p class="secondary">${t.shares.pageIntro}</p>
      <vaadin-text-field
        .label=${t.shares.code}
        .helperText=${t.shares.codeLimit}
        inputmode="numeric"
        autocomplete="one-time-code"
        autofocus
        maxlength="12"
        manual-validation
        .value=${this.code}
        .invalid=${this.problem !== ''}
        .errorMessage=${this.problem}
        @input=${(event: FieldEvent) => {
          this.code = event.currentTarget.value;
          this.problem = '';
        }}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key === 'Enter') this.#submit(event);
        }}
      ></vaadin-text-field>
      ${this.waitSeconds > 0 ? html`<p class="row" role="alert">${icon(iconWaiting, 18)} ${t.shares.wait(this.waitSeconds)}</p>` : nothing}
      <fl-error-note .error=${this.error}></fl-error-note>
      <vaadin-button theme="primary" ?disabled=${this.busy || this.waitSeconds > 0} @click=${(event: Event) => this.#submit(event)}>${t.shares.pageOpen}</vaadin-button>
      <p class="secondary">${t.shares.privacy}</p>
    </form>`;
  }

  #content() {
    const { ended, opened } = this;
    if (this.#secret === undefined)
      return html`<main>${this.#said('waiting', t.shares.incomplete, t.shares.incompleteHelp)}</main>`;
    if (ended !== undefined) {
      const { title = '', help = '' } = t.shares.ended[ended] ?? {};
      return html`<main>${this.#said('critical', title, help)}</main>`;
    }
    if (opened)
      return html`<div class="viewer"><filmless-viewer
        .server=${window.location.origin}
        .study=${opened.studyInstanceUid}
        .locale=${currentLocale()}
        theme="dark"
        .tokenProvider=${this.#token}
      ></filmless-viewer></div>`;
    if (this.asksCode) return html`<main>${this.#codeForm()}</main>`;
    if (this.waitSeconds > 0 || this.error !== undefined)
      return html`<main><div class="box">
        ${this.waitSeconds > 0 ? html`<p class="row" role="alert">${icon(iconWaiting, 18)} ${t.shares.wait(this.waitSeconds)}</p>` : nothing}
        <fl-error-note .error=${this.error}></fl-error-note>
        <vaadin-button theme="primary" ?disabled=${this.busy || this.waitSeconds > 0} @click=${() => void this.#open()}>${t.shares.tryAgain}</vaadin-button>
      </div></main>`;
    return html`<main><p class="secondary" role="status">${t.shares.opening}</p></main>`;
  }

  override render() {
    const { opened } = this;
    return html`<header>
        <span class="product">${t.common.product}</span>
        ${opened ? html`<span class="secondary num">${t.shares.validUntil(formatInstant(opened.linkExpiresAt))}</span><span class="secondary wide">${t.shares.privacy}</span>` : nothing}
        <span class="spacer"></span>
        <div class="languages" role="group" aria-label=${t.common.language}>
          ${LOCALES.map(
            (locale) =>
              html`<button class="icon-button" lang=${locale} aria-pressed=${currentLocale() === locale} @click=${() => void setLocale(locale)}>${locale === 'en' ? t.common.languageEn : t.common.languageZh}</button>`,
          )}
        </div>
      </header>
      ${this.#content()}`;
  }
}
