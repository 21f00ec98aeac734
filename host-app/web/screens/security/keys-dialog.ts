import '@vaadin/button';
import '@vaadin/checkbox';
import '@vaadin/dialog';
import '@vaadin/text-field';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { ServiceKey } from '../../api/security.ts';
import { createKey, listKeys, revokeKey } from '../../api/security.ts';
import { confirmAction } from '../../components/confirm.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { copyText } from '../../components/copy-text.ts';
import { icon } from '../../components/icon.ts';
import { iconDelete } from '../../components/icons.ts';
import { notifyDone } from '../../components/notify.ts';
import { formatInstant } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { type CheckEvent, type FieldEvent, formStyles } from './form-styles.ts';

/**
 * Keys of one service account: made, shown once, revoked.
 * @event done closed
 */
@customElement('fl-keys-dialog')
export class KeysDialog extends FilmlessElement {
  @property() account = '';
  @state() private keys: readonly ServiceKey[] | undefined;
  @state() private title_ = '';
  @state() private signs = false;
  @state() private fresh: { id: string; key: string; launchSecret: string } | undefined;
  @state() private error: unknown;

  static override styles = [
    shared,
    formStyles,
    css`
      .form {
        width: min(560px, 84vw);
        gap: 10px;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
        border: 1px solid var(--filmless-line);
        border-radius: var(--filmless-radius);
      }
      li {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 32px;
        padding: 0 4px 0 10px;
      }
      li + li {
        border-top: 1px solid var(--filmless-line);
      }
      .new {
        display: flex;
        align-items: end;
        gap: 8px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      this.keys = await listKeys(this.account);
    } catch (error) {
      this.error = error;
    }
  }

  async #create(): Promise<void> {
    const title = this.title_.trim();
    if (title === '') return;
    this.error = undefined;
    try {
      this.fresh = await createKey(this.account, title, this.signs);
      this.signs = false;
      this.title_ = '';
      await this.#load();
    } catch (error) {
      this.error = error;
    }
  }

  async #revoke(key: ServiceKey): Promise<void> {
    const sure = await confirmAction({
      title: t.security.keyRevokeTitle,
      text: t.security.keyRevokeText,
      action: t.security.keyRevoke,
      destructive: true,
    });
    if (!sure) return;
    try {
      await revokeKey(this.account, key.id);
      notifyDone(t.security.keyRevoked);
    } catch (error) {
      this.error = error;
    }
    await this.#load();
  }

  #fresh({ id, key, launchSecret }: { id: string; key: string; launchSecret: string }) {
    const line = (text: string) =>
      html`<div class="secret mono">${text}<span class="spacer"></span><vaadin-button theme="small" @click=${() => void copyText(text)}>${t.security.copy}</vaadin-button></div>`;
    const signing =
      launchSecret === ''
        ? nothing
        : html`<p>${t.security.launchKeyId}</p>${line(id)}<p>${t.security.launchSecret}</p>${line(launchSecret)}`;
    return html`<div role="status"><p>${t.security.keyCreated}</p>${line(key)}${signing}</div>`;
  }

  #list(keys: readonly ServiceKey[]) {
    if (keys.length === 0) return html`<p class="secondary">${t.security.keysEmpty}</p>`;
    return html`<ul>${keys.map((key) => {
      const used =
        key.lastUsedAt === '' ? t.security.keyNever : `${t.security.keyLastUsed} ${formatInstant(key.lastUsedAt)}`;
      const label = `${t.security.keyRevoke} ${key.title}`;
      return html`<li><span class="ellipsis">${key.title}</span>${key.signsLaunches ? html`<span class="secondary">${t.security.keySignsShort}</span>` : nothing}<span class="spacer"></span><span class="secondary num">${used}</span><button class="icon-button" title=${t.security.keyRevoke} aria-label=${label} @click=${() => void this.#revoke(key)}>${icon(iconDelete, 16)}</button></li>`;
    })}</ul>`;
  }

  override render() {
    return html`<vaadin-dialog opened .headerTitle=${t.security.keysTitle(this.account)} @closed=${() => this.emit('done')}>
      <div class="form">
        ${this.keys === undefined ? html`<p class="secondary">${t.common.loading}</p>` : this.#list(this.keys)}
        ${this.fresh === undefined ? nothing : this.#fresh(this.fresh)}
        <div class="new">
          <vaadin-text-field .label=${t.security.keyTitle} .placeholder=${t.security.keyTitlePlaceholder} autocomplete="off" .value=${this.title_} @input=${(
            event: FieldEvent,
          ) => {
            this.title_ = event.currentTarget.value;
          }}></vaadin-text-field>
          <vaadin-button theme="primary" ?disabled=${this.title_.trim() === ''} @click=${() => void this.#create()}>${t.security.keyCreate}</vaadin-button>
        </div>
        <vaadin-checkbox .label=${t.security.keySigns} .helperText=${t.security.keySignsHelp} .checked=${this.signs} @change=${(
          event: CheckEvent,
        ) => {
          this.signs = event.currentTarget.checked;
        }}></vaadin-checkbox>
        <fl-error-note .error=${this.error}></fl-error-note>
      </div>
      <div slot="footer"><vaadin-button @click=${() => this.emit('done')}>${t.common.close}</vaadin-button></div>
    </vaadin-dialog>`;
  }
}
