import '@vaadin/button';
import '@vaadin/dialog';
import '@vaadin/text-field';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { ServiceKey } from '../../api/security.ts';
import { createKey, listKeys, revokeKey } from '../../api/security.ts';
import { confirmAction } from '../../components/confirm.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { icon } from '../../components/icon.ts';
import { iconDelete } from '../../components/icons.ts';
import { notifyDone } from '../../components/notify.ts';
import { formatInstant } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { type FieldEvent, formStyles } from './form-styles.ts';

/**
 * Keys of one service account: made, shown once, revoked.
 * @event done closed
 */
@customElement('fl-keys-dialog')
export class KeysDialog extends FilmlessElement {
  @property() account = '';
  @state() private keys: readonly ServiceKey[] | undefined;
  @state() private title_ = '';
  @state() private fresh = '';
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
      this.fresh = await createKey(this.account, title, []);
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

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.fresh);
      notifyDone(t.security.keyCopied);
    } catch {
      // Not over a secure line: the text can be selected and copied by hand.
    }
  }

  #list(keys: readonly ServiceKey[]) {
    if (keys.length === 0) return html`<p class="secondary">${t.security.keysEmpty}</p>`;
    return html`<ul>${keys.map((key) => {
      const used =
        key.lastUsedAt === '' ? t.security.keyNever : `${t.security.keyLastUsed} ${formatInstant(key.lastUsedAt)}`;
      const label = `${t.security.keyRevoke} ${key.title}`;
      return html`<li><span class="ellipsis">${key.title}</span><span class="spacer"></span><span class="secondary num">${used}</span><button class="icon-button" title=${t.security.keyRevoke} aria-label=${label} @click=${() => void this.#revoke(key)}>${icon(iconDelete, 16)}</button></li>`;
    })}</ul>`;
  }

  override render() {
    return html`<vaadin-dialog opened .headerTitle=${t.security.keysTitle(this.account)} @closed=${() => this.emit('done')}>
      <div class="form">
        ${this.keys === undefined ? html`<p class="secondary">${t.common.loading}</p>` : this.#list(this.keys)}
        ${
          this.fresh === ''
            ? nothing
            : html`<div role="status"><p>${t.security.keyCreated}</p><div class="secret mono">${this.fresh}<span class="spacer"></span><vaadin-button theme="small" @click=${() => void this.#copy()}>${t.security.copy}</vaadin-button></div></div>`
        }
        <div class="new">
          <vaadin-text-field .label=${t.security.keyTitle} .placeholder=${t.security.keyTitlePlaceholder} autocomplete="off" .value=${this.title_} @input=${(
            event: FieldEvent,
          ) => {
            this.title_ = event.currentTarget.value;
          }}></vaadin-text-field>
          <vaadin-button theme="primary" ?disabled=${this.title_.trim() === ''} @click=${() => void this.#create()}>${t.security.keyCreate}</vaadin-button>
        </div>
        <fl-error-note .error=${this.error}></fl-error-note>
      </div>
      <div slot="footer"><vaadin-button @click=${() => this.emit('done')}>${t.common.close}</vaadin-button></div>
    </vaadin-dialog>`;
  }
}
