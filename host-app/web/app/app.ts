import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { sessionEnded } from '../api/client.ts';
import type { UiEntry } from '../api/plugins.ts';
import { listUi } from '../api/plugins.ts';
import type { StudyRow } from '../api/studies.ts';
import { FilmlessElement } from '../components/element.ts';
import '../components/empty-state.ts';
import { isMenuOpen } from '../components/menu-button.ts';
import { hasOpenDialog } from '../components/open-dialog.ts';
import { t } from '../i18n/index.ts';
import type { Route } from '../router.ts';
import { router } from '../router.ts';
import { prefetchViewer } from '../screens/study/viewer-loader.ts';
import { session } from '../state/session.ts';
import { forgetStudies } from '../state/study-memory.ts';
import { shared } from '../styles/shared.ts';
import './rail.ts';
import { loadScreen } from './screens.ts';
import './top-bar.ts';
import type { TopBar } from './top-bar.ts';

/** The application: rail, bar, and the screen of the address. The study list stays alive behind a study page, at its position. */
@customElement('filmless-app')
export class FilmlessApp extends FilmlessElement {
  @state() private route: Route = router.route;
  @state() private plugins: UiEntry[] = [];
  @state() private ready = false;
  @state() private loadError: unknown;
  /** The query the list was left with. */
  #listQuery = new URLSearchParams();
  #ended = false;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        height: 100%;
      }
      .frame {
        height: 100%;
        display: grid;
        grid-template: var(--filmless-bar-height) minmax(0, 1fr) / min-content minmax(0, 1fr);
      }
      fl-top-bar {
        grid-column: 1 / -1;
      }
      main {
        position: relative;
        min-height: 0;
        min-width: 0;
      }
      .layer {
        position: absolute;
        inset: 0;
      }
      .layer[inert] {
        visibility: hidden;
      }
      .skip {
        position: absolute;
        left: 8px;
        top: -60px;
        z-index: 10;
        padding: 8px 12px;
        background: var(--filmless-surface-2);
      }
      .skip:focus {
        top: 8px;
      }
      @media print {
        .frame {
          display: block;
          height: auto;
        }
        fl-top-bar,
        fl-rail,
        .skip {
          display: none;
        }
        .layer {
          position: static;
        }
        .layer[inert] {
          display: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    router.addEventListener('change', () => this.#onRoute());
    session.addEventListener('change', () => this.#onSession());
    sessionEnded.addEventListener('ended', () => {
      if (!session.user) return;
      this.#ended = true;
      session.end();
    });
    this.addEventListener('keydown', (event) => this.#onKey(event));
    document.addEventListener('keydown', (event) => {
      if (!event.composedPath().includes(this)) this.#onKey(event);
    });
    this.#onSession();
  }

  #onSession(): void {
    if (session.user) {
      if (this.route.screen === 'sign-in') returnTo(this.route.returnTo);
      if (session.user.mustChangePassword) {
        void import('./change-password.ts').then(() => this.requestUpdate());
        this.#onRoute();
        return;
      }
      prefetchViewer();
      void this.#loadPlugins();
    } else {
      this.plugins = [];
      this.#listQuery = new URLSearchParams();
      forgetStudies();
      if (this.route.screen !== 'sign-in')
        router.go(`/sign-in?return=${encodeURIComponent(router.path)}`, { replace: true });
    }
    this.#onRoute();
  }

  async #loadPlugins(): Promise<void> {
    try {
      this.plugins = (await listUi()).filter((entry) => entry.slot === 'rail' && entry.element.includes('-'));
    } catch (error) {
      // Screens of plugins are extra: without them the application is whole.
      console.warn('Plugin screens could not be listed', error instanceof Error ? error.message : '');
      this.plugins = [];
    }
  }

  #onRoute(): void {
    const back = this.route.screen === 'study' && router.route.screen === 'studies';
    this.route = router.route;
    // The keyboard goes on where it was.
    if (back) void this.updateComplete.then(() => this.#focusList());
    if (this.route.screen === 'studies') this.#listQuery = this.route.query;
    void this.#loadScreen(this.route);
  }

  async #loadScreen(route: Route): Promise<void> {
    try {
      await loadScreen(route.screen === 'study' && !customElements.get('fl-study-list') ? 'studies' : route.screen);
      await loadScreen(route.screen);
      this.loadError = undefined;
    } catch (error) {
      this.loadError = error;
    }
    this.ready = true;
    this.requestUpdate();
    if (route.screen !== 'study') document.title = t.common.product;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !session.user) return;
    const typing = event
      .composedPath()
      .some(
        (target) =>
          target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable),
      );
    if (event.key === '/' && !typing) {
      event.preventDefault();
      this.renderRoot.querySelector<TopBar>('fl-top-bar')?.focusSearch();
    }
    if (event.key === 'Escape' && !typing && this.route.screen === 'study' && !this.#overlayOpen(event))
      router.back('/studies');
  }

  /** Esc closes what lies on top first. */
  #overlayOpen(event: Event): boolean {
    // It may have closed by this very key.
    const inDialog = event
      .composedPath()
      .some((target) => target instanceof Element && target.matches('vaadin-confirm-dialog, vaadin-dialog'));
    return inDialog || isMenuOpen() || hasOpenDialog(document);
  }

  #search(text: string): void {
    const query = new URLSearchParams(this.#listQuery);
    if (text.trim() === '') query.delete('text');
    else query.set('text', text.trim());
    const path = query.size > 0 ? `/studies?${query}` : '/studies';
    router.go(path, { replace: this.route.screen === 'studies' });
  }

  #focusList(): void {
    this.renderRoot.querySelector<HTMLElement & { focusRows(): void }>('fl-study-list')?.focusRows();
  }

  #open(row: StudyRow): void {
    router.go(`/studies/${encodeURIComponent(row.StudyInstanceUID)}`);
  }

  #screen() {
    const { route } = this;
    if (this.loadError !== undefined) {
      return html`<fl-empty-state class="layer" .heading=${t.shell.screenFailed} .text=${t.shell.screenFailedHelp}>
        <button slot="actions" class="icon-button" @click=${() => window.location.reload()}>${t.shell.reload}</button>
      </fl-empty-state>`;
    }
    switch (route.screen) {
      case 'studies':
        return nothing;
      case 'study':
        return html`<fl-study class="layer" .study=${route.studyInstanceUid}></fl-study>`;
      case 'registration':
        return html`<fl-registration class="layer" .tab=${route.tab} .query=${route.query}></fl-registration>`;
      case 'person':
        return html`<fl-person class="layer" .key=${route.key}></fl-person>`;
      case 'import':
        return html`<fl-import class="layer"></fl-import>`;
      case 'devices':
        return html`<fl-devices class="layer"></fl-devices>`;
      case 'system':
        return html`<fl-system class="layer" .tab=${route.tab}></fl-system>`;
      case 'plugin': {
        const entry = this.plugins.find((plugin) => plugin.element === route.element);
        if (entry) return html`<fl-plugin-screen class="layer" .entry=${entry}></fl-plugin-screen>`;
      }
    }
    return html`<fl-empty-state class="layer" .heading=${t.shell.notFound} .text=${t.shell.notFoundHelp}>
      <a slot="actions" href="/studies" data-route>${t.shell.toStudies}</a>
    </fl-empty-state>`;
  }

  override render() {
    if (!this.ready) return nothing;
    const { route } = this;
    if (route.screen === 'sign-in' || !session.user) return html`<fl-sign-in .ended=${this.#ended}></fl-sign-in>`;
    this.#ended = false;
    // The node answers nothing else until there is a password of one's own.
    if (session.user.mustChangePassword)
      return html`<fl-change-password .user=${session.user.name} ownPassword forced></fl-change-password>`;
    const listKept = route.screen === 'studies' || route.screen === 'study';
    return html`
      <a class="skip" href="#content" @click=${(event: Event) => {
        event.preventDefault();
        this.renderRoot.querySelector<HTMLElement>('main')?.focus();
      }}>${t.shell.skip}</a>
      <div class="frame">
        <fl-top-bar
          .text=${this.#listQuery.get('text') ?? ''}
          @search=${(event: CustomEvent<string>) => this.#search(event.detail)}
          @search-done=${() => this.#focusList()}
          .live=${route.screen === 'studies'}
        ></fl-top-bar>
        <fl-rail .route=${route} .plugins=${this.plugins}></fl-rail>
        <main id="content" tabindex="-1">
          ${listKept ? html`<fl-study-list class="layer" .query=${this.#listQuery} ?inert=${route.screen !== 'studies'} @study-open=${(event: CustomEvent<StudyRow>) => this.#open(event.detail)}></fl-study-list>` : nothing}
          ${this.#screen()}
        </main>
      </div>
    `;
  }
}

/** Back to where sign-in was asked for: a screen, or an address that the node itself answers. */
function returnTo(path: string): void {
  if (/^\/(IHEInvokeImageDisplay\?|sdk\/)/.test(path)) window.location.replace(path);
  else router.go(path, { replace: true });
}
