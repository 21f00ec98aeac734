import '@vaadin/button';
import '@vaadin/checkbox';
import '@vaadin/dialog';
import '@vaadin/select';
import '@vaadin/text-field';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { isAbort } from '../../api/client.ts';
import type { NewShare } from '../../api/shares.ts';
import { createShare, listShares } from '../../api/shares.ts';
import type { StudyRow } from '../../api/studies.ts';
import { copyText } from '../../components/copy-text.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { qrCode } from '../../components/qr-code.ts';
import { formatInstant } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { router } from '../../router.ts';
import { shared } from '../../styles/shared.ts';
import { type CheckEvent, type FieldEvent, formStyles } from '../security/form-styles.ts';

const DAYS = [1, 3, 7, 14, 30];
const DEFAULT_DAYS = 7;
/** Objects of these modalities are reports or papers: they lie among the images and go with them. */
const DOCUMENT_MODALITIES: ReadonlySet<string> = new Set(['SR', 'DOC']);

/**
 * Shares a study by link: for how long, with whom, with an access code or the report. Then shows link and code, once.
 * @event done closed
 */
@customElement('fl-share-dialog')
export class ShareDialog extends FilmlessElement {
  @property({ attribute: false }) study: StudyRow | undefined;
  @state() private days = DEFAULT_DAYS;
  @state() private maxDays = DEFAULT_DAYS;
  @state() private note = '';
  @state() private accessCode = true;
  @state() private report = false;
  @state() private fresh: NewShare | undefined;
  @state() private busy = false;
  @state() private error: unknown;
  readonly #abort = new AbortController();

  static override styles = [
    shared,
    formStyles,
    css`
      .form {
        width: min(520px, 84vw);
        gap: 10px;
      }
      vaadin-select {
        width: 160px;
      }
      .hint {
        font-size: var(--filmless-font-size-small);
        color: var(--filmless-text-secondary);
      }
      .warn {
        color: var(--filmless-state-waiting);
      }
      .made {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 172px;
        gap: 6px 16px;
        align-items: start;
      }
      .parts {
        display: flex;
        flex-direction: column;
        gap: 6px;
      }
      .qr {
        display: block;
        width: 172px;
        height: 172px;
        border-radius: var(--filmless-radius);
      }
      .code {
        font-size: var(--filmless-font-size-xl);
        letter-spacing: 0.08em;
        font-variant-numeric: tabular-nums;
      }
      .center {
        text-align: center;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#loadMaximum();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort.abort();
  }

  async #loadMaximum(): Promise<void> {
    try {
      this.maxDays = (await listShares(this.#abort.signal)).maxDays;
      this.days = Math.min(this.days, this.maxDays);
    } catch (error) {
      if (!isAbort(error)) this.error = error;
    }
  }

  async #create(): Promise<void> {
    if (this.busy || !this.study) return;
    this.busy = true;
    this.error = undefined;
    try {
      this.fresh = await createShare({
        studyInstanceUid: this.study.StudyInstanceUID,
        expiresInDays: this.days,
        note: this.note.trim(),
        accessCode: this.accessCode,
        report: this.report,
      });
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    // The button that had the focus is gone.
    if (changed.has('fresh') && this.fresh) this.renderRoot.querySelector<HTMLElement>('.made vaadin-button')?.focus();
  }

  #options() {
    const days = [...new Set([...DAYS.filter((one) => one < this.maxDays), this.maxDays])];
    return days.map((one) => ({ label: t.shares.daysOption(one), value: String(one) }));
  }

  #form() {
    const documents = this.study?.modalities.some((modality) => DOCUMENT_MODALITIES.has(modality)) ?? false;
    return html`<p class="secondary">${t.shares.intro}</p>
      <vaadin-select .label=${t.shares.days} .items=${this.#options()} .value=${String(this.days)} @value-changed=${(
        event: CustomEvent<{ value: string }>,
      ) => {
        if (event.detail.value !== '') this.days = Number(event.detail.value);
      }}></vaadin-select>
      <vaadin-text-field .label=${t.shares.note} .helperText=${t.shares.noteHelp} .placeholder=${t.shares.notePlaceholder} maxlength="200" autocomplete="off" .value=${this.note} @input=${(
        event: FieldEvent,
      ) => {
        this.note = event.currentTarget.value;
      }}></vaadin-text-field>
      <vaadin-checkbox name="code" .label=${t.shares.accessCode} .checked=${this.accessCode} @change=${(
        event: CheckEvent,
      ) => {
        this.accessCode = event.currentTarget.checked;
      }}></vaadin-checkbox>
      <p class=${this.accessCode ? 'hint' : 'hint warn'} aria-live="polite">${this.accessCode ? t.shares.accessCodeHelp : t.shares.noCode}</p>
      <vaadin-checkbox name="report" .label=${t.shares.report} .checked=${this.report} @change=${(
        event: CheckEvent,
      ) => {
        this.report = event.currentTarget.checked;
      }}></vaadin-checkbox>
      ${documents && !this.report ? html`<p class="hint warn">${t.shares.documentsNote}</p>` : nothing}`;
  }

  #made({ url, accessCode, expiresAt }: NewShare) {
    const copy = (text: string, label: string) =>
      html`<vaadin-button theme="small" @click=${() => void copyText(text)}>${label}</vaadin-button>`;
    return html`<p role="status"><strong>${t.shares.created}</strong> <span class="num secondary">${t.shares.validUntil(formatInstant(expiresAt))}</span></p>
      <p class="warn">${t.shares.once}</p>
      <div class="made">
        <div class="parts">
          <h2>${t.shares.link}</h2>
          <div class="secret mono" data-link>${url}</div>
          <div>${copy(url, t.shares.copyLink)}</div>
          ${
            accessCode === ''
              ? html`<p class="hint warn">${t.shares.noCode}</p>`
              : html`<h2>${t.shares.code}</h2>
          <div class="secret code" data-code>${accessCode}</div>
          <div class="row">${copy(accessCode, t.shares.copyCode)}<span class="hint">${t.shares.codeHint}</span></div>`
          }
        </div>
        <div>${qrCode(url, t.shares.qr)}<p class="hint center">${t.shares.qrHint}</p></div>
      </div>`;
  }

  #toList(): void {
    this.emit('done');
    router.go('/system/shares');
  }

  override render() {
    // What is shown once must not go away by a key or a click beside it.
    return html`<vaadin-dialog opened ?no-close-on-outside-click=${this.fresh !== undefined} ?no-close-on-esc=${this.fresh !== undefined} .headerTitle=${t.shares.title} @closed=${() => this.emit('done')}>
      <div class="form">
        ${this.fresh ? this.#made(this.fresh) : this.#form()}
        <fl-error-note .error=${this.error}></fl-error-note>
      </div>
      <div slot="footer">
        <vaadin-button theme="tertiary" @click=${() => this.#toList()}>${t.shares.toList}</vaadin-button>
        ${
          this.fresh
            ? html`<vaadin-button theme="primary" @click=${() => this.emit('done')}>${t.shares.done}</vaadin-button>`
            : html`<vaadin-button @click=${() => this.emit('done')}>${t.common.cancel}</vaadin-button>
        <vaadin-button theme="primary" ?disabled=${this.busy || !this.study} @click=${() => void this.#create()}>${t.shares.create}</vaadin-button>`
        }
      </div>
    </vaadin-dialog>`;
  }
}
