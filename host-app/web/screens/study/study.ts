import '@vaadin/button';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ApiError, isAbort } from '../../api/client.ts';
import type { StudyDetail, StudyRow } from '../../api/studies.ts';
import { getStudy } from '../../api/studies.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/empty-state.ts';
import '../../components/error-note.ts';
import { icon } from '../../components/icon.ts';
import { iconBack, iconHistory, iconInfo, iconShare, iconWarning } from '../../components/icons.ts';
import '../../components/menu-button.ts';
import { modalityBadges } from '../../components/modality-badges.ts';
import '../../components/patient-banner.ts';
import { formatDaTm } from '../../format/dates.ts';
import { patientName } from '../../format/patient.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { router } from '../../router.ts';
import { currentTheme, themeChanges } from '../../state/preferences.ts';
import { session } from '../../state/session.ts';
import { recallStudy, rememberStudy } from '../../state/study-memory.ts';
import { identityLine } from '../patients/person-words.ts';
import { studyStyles } from './study.styles.ts';
import { loadViewer } from './viewer-loader.ts';

/** One study: banner, viewer, the way to the patient's other exams. The viewer gets its study at the click and waits for nothing here. */
@customElement('fl-study')
export class StudyScreen extends FilmlessElement {
  @property() study = '';
  /** How the viewer element is had; for tests. */
  @property({ attribute: false }) viewerLoader: () => Promise<void> = loadViewer;
  /** What the banner shows: never of another study than the viewer. */
  @state() private row: StudyRow | undefined;
  @state() private detail: StudyDetail | undefined;
  @state() private error: unknown;
  @state() private viewerError: unknown;
  @state() private emergency = false;
  @state() private sharing = false;
  #abort: AbortController | undefined;
  readonly #themeChanged = () => this.requestUpdate();

  static override styles = studyStyles;

  override connectedCallback(): void {
    super.connectedCallback();
    themeChanges.addEventListener('change', this.#themeChanged);
    void this.#loadViewer();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    themeChanges.removeEventListener('change', this.#themeChanged);
    this.#abort?.abort();
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('study')) return;
    this.row = recallStudy(this.study);
    this.detail = undefined;
    this.error = undefined;
    void this.#load();
  }

  protected override updated(): void {
    const name = this.row ? patientName(this.row).main : '';
    document.title = name === '' ? `${t.study.title} — ${t.common.product}` : `${name} — ${t.study.title}`;
  }

  async #loadViewer(): Promise<void> {
    this.viewerError = undefined;
    try {
      await this.viewerLoader();
    } catch (error) {
      this.viewerError = error;
    }
  }

  async #load(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const detail = await getStudy(this.study, abort.signal);
      if (abort.signal.aborted) return;
      this.detail = detail;
      this.row = detail.study;
      for (const row of [detail.study, ...detail.earlier]) rememberStudy(row);
    } catch (error) {
      if (!abort.signal.aborted && !isAbort(error)) this.error = error;
    }
  }

  #exam(row: StudyRow, current: boolean) {
    return html`<a class="menu-item" data-close data-route aria-current=${current ? 'page' : 'false'} href=${`/studies/${encodeURIComponent(row.StudyInstanceUID)}`}>
      <span class="num when">${formatDaTm(row.StudyDate, row.StudyTime)}</span>${modalityBadges(row.modalities)}<span class="exam">${row.StudyDescription}</span>
      ${current ? html`<span class="secondary">${t.study.current}</span>` : nothing}
    </a>`;
  }

  #earlier() {
    const { detail } = this;
    if (!detail) return nothing;
    return html`<fl-menu-button labelled .label=${t.study.earlier}>
      <span slot="button" class="history">${icon(iconHistory, 18)}<span>${t.study.earlier}</span><b class="num">${detail.earlier.length}</b></span>
      ${this.#exam(detail.study, true)} ${detail.earlier.map((row) => this.#exam(row, false))}
      ${detail.earlier.length === 0 ? html`<div class="menu-note">${t.preview.earlierNone}</div>` : nothing}
    </fl-menu-button>`;
  }

  /** Whose images these are is in doubt, or was corrected: said where it cannot be missed. */
  #notices() {
    const { sameUid = [], received } = this.detail ?? {};
    return html`${
      sameUid.length > 0
        ? html`<div class="notice critical" role="alert">${icon(iconWarning, 18)}<span>${t.registration.sameUid(sameUid.map((row) => `${patientName(row).main} ${row.PatientID}`.trim()).join('; '))}</span></div>`
        : nothing
    }${
      received
        ? html`<div class="notice" role="status">${icon(iconInfo, 18)}<span class="num">${t.registration.receivedAs(identityLine(received))}</span></div>`
        : nothing
    }`;
  }

  /** Whoever sees some patients alone may be before one of the others: in an emergency he can open it, and says why. */
  #notFound() {
    const hidden = session.user?.limited === true && session.can('access.break-glass');
    return html`<fl-empty-state class="middle" .heading=${hidden ? t.security.maybeHidden : t.study.notFound} .text=${hidden ? t.security.emergencyText : t.study.notFoundHelp}>
        <vaadin-button slot="actions" @click=${() => router.back('/studies')}>${t.study.back}</vaadin-button>
        ${hidden ? html`<vaadin-button slot="actions" theme="error" @click=${() => void this.#askEmergency()}>${t.security.emergency}</vaadin-button>` : nothing}
      </fl-empty-state>
      ${
        this.emergency
          ? html`<fl-emergency-dialog .study=${this.study} @done=${() => {
              this.emergency = false;
            }} @opened=${() => {
              this.emergency = false;
              this.error = undefined;
              void this.#load();
            }}></fl-emergency-dialog>`
          : nothing
      }`;
  }

  async #askEmergency(): Promise<void> {
    await import('../security/emergency-dialog.ts');
    this.emergency = true;
  }

  #share() {
    if (!this.detail || !session.can('share.create')) return nothing;
    return html`<button class="icon-button share" title=${t.shares.actionHint} @click=${() => void this.#openShare()}>${icon(iconShare, 18)}<span>${t.shares.action}</span></button>
      ${
        this.sharing
          ? html`<fl-share-dialog .study=${this.detail.study} @done=${() => {
              this.sharing = false;
            }}></fl-share-dialog>`
          : nothing
      }`;
  }

  async #openShare(): Promise<void> {
    await import('../share/share-dialog.ts');
    this.sharing = true;
  }

  #body() {
    if (this.error instanceof ApiError && this.error.status === 404) {
      return this.#notFound();
    }
    if (this.viewerError !== undefined) {
      return html`<fl-empty-state class="middle" .heading=${t.study.viewerFailed} .text=${t.study.viewerFailedHelp}>
        <vaadin-button slot="actions" @click=${() => window.location.reload()}>${t.shell.reload}</vaadin-button>
      </fl-empty-state>`;
    }
    return html`<filmless-viewer
      .server=${window.location.origin}
      .study=${this.study}
      .locale=${currentLocale()}
      .theme=${currentTheme()}
      server=${window.location.origin}
      study=${this.study}
      locale=${currentLocale()}
      theme=${currentTheme()}
    ></filmless-viewer>`;
  }

  override render() {
    return html`
      <header>
        <button class="icon-button back" title=${`${t.study.back} (${t.study.backHint})`} aria-label=${t.study.back} @click=${() => router.back('/studies')}>${icon(iconBack)}</button>
        <fl-patient-banner .study=${this.row}></fl-patient-banner>
        ${this.#share()} ${this.#earlier()}
      </header>
      ${
        this.error !== undefined && !(this.error instanceof ApiError && this.error.status === 404)
          ? html`<fl-error-note .heading=${t.study.detailsFailed} .error=${this.error} retryable @retry=${() => {
              this.error = undefined;
              void this.#load();
            }}></fl-error-note>`
          : nothing
      }
      ${this.#notices()}
      <div class="viewer">${this.#body()}</div>
    `;
  }
}
