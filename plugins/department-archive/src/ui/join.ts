import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { join, makeCode, type Role } from './api.ts';
import { reason } from './reasons.ts';
import { styles } from './styles.ts';
import { type TextKey, text } from './texts.ts';

/** Makes a join code at the centre; takes one at any other node. @fires joined with the name of the centre */
@customElement('filmless-archive-join')
export class JoinWizard extends LitElement {
  @property() locale = 'zh-CN';
  @property({ attribute: false }) ownRole: Role | null = null;
  @state() private code = '';
  @state() private makes = false;
  @state() private problem = '';
  @state() private copied = false;
  @state() private busy = false;

  static override styles = [
    styles,
    css`
      dialog {
        width: 520px;
        padding: 0;
        color: var(--filmless-text);
        background: var(--filmless-surface-1);
        border: 1px solid var(--filmless-line-strong);
        border-radius: var(--filmless-radius-l);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
    `,
  ];

  #t(key: TextKey): string {
    return text(this.locale, key);
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.problem = '';
    try {
      await work();
    } catch (error) {
      this.problem = text(this.locale, 'failed', { reason: reason(this.locale, error) });
    }
    this.busy = false;
  }

  #make(role: 'department' | 'gateway'): Promise<void> {
    this.code = '';
    this.copied = false;
    this.makes = true;
    this.#dialog?.showModal();
    return this.#try(async () => {
      this.code = await makeCode(role);
    });
  }

  #join(): Promise<void> {
    return this.#try(async () => {
      const { name } = await join(this.code);
      this.#dialog?.close();
      this.dispatchEvent(new CustomEvent('joined', { detail: name }));
    });
  }

  override render() {
    const isCentre = this.ownRole === 'centre';
    const mayBeCentre = isCentre || this.ownRole === null;
    return html`<div class="row">
        ${
          mayBeCentre
            ? html`<button @click=${() => this.#make('department')}>${this.#t('addDepartment')}</button>
                <button @click=${() => this.#make('gateway')}>${this.#t('addGateway')}</button>`
            : nothing
        }
        ${
          isCentre
            ? nothing
            : html`<button
                @click=${() => {
                  this.code = '';
                  this.problem = '';
                  this.makes = false;
                  this.#dialog?.showModal();
                }}
              >
                ${this.#t('join')}
              </button>`
        }
      </div>
      <dialog aria-labelledby="title">
        <div class="panel-head"><h2 id="title">${this.#t(this.makes ? 'code' : 'join')}</h2></div>
        <div class="panel-body">
          <p class="secondary">${this.#t(this.makes ? 'codeHelp' : 'joinHelp')}</p>
          <textarea
            class="mono"
            aria-label=${this.#t('code')}
            ?readonly=${this.makes}
            .value=${this.code}
            @input=${(event: Event) => {
              this.code = (event.target as HTMLTextAreaElement).value;
            }}
          ></textarea>
          ${this.problem ? html`<p class="note error" role="alert">${this.problem}</p>` : nothing}
          <div class="row">
            <span class="spacer"></span>
            ${
              this.makes
                ? html`<button
                    class="primary"
                    ?disabled=${!this.code}
                    @click=${async () => {
                      await navigator.clipboard.writeText(this.code);
                      this.copied = true;
                    }}
                  >
                    ${this.#t(this.copied ? 'copied' : 'copy')}
                  </button>`
                : html`<button class="primary" ?disabled=${this.busy || !this.code.trim()} @click=${() => this.#join()}>
                    ${this.#t('joinNow')}
                  </button>`
            }
            <button @click=${() => this.#dialog?.close()}>${this.#t('close')}</button>
          </div>
        </div>
      </dialog>`;
  }
}
