import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { reason } from './reasons.ts';
import { styles } from './styles.ts';
import { type TextKey, text } from './texts.ts';

/** A part of the screen: loads what it shows, and says what went wrong or was done. */
export abstract class RetentionPart<T> extends LitElement {
  @property() locale = 'zh-CN';
  @state() protected data: T | undefined;
  @state() protected error = '';
  @state() protected done = '';
  @state() protected busy = false;

  static override styles = [styles];

  protected abstract fetch(): Promise<T>;
  protected abstract content(data: T): TemplateResult;

  protected t(key: TextKey, values?: Record<string, string | number>): string {
    return text(this.locale, key, values);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  protected async load(): Promise<void> {
    try {
      this.data = await this.fetch();
      this.error = '';
    } catch (error) {
      this.error = reason(this.locale, error);
    }
  }

  /** Does something, says that it is done or why not, and looks again. */
  protected async act(action: () => Promise<unknown>, done: TextKey): Promise<boolean> {
    this.busy = true;
    this.done = '';
    try {
      await action();
      await this.load();
      this.done = this.t(done);
      return true;
    } catch (error) {
      this.error = reason(this.locale, error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  override render() {
    return html`<div class="stack">
      ${
        this.error
          ? html`<div class="note error row" role="alert">
              <span>${this.error}</span><span class="spacer"></span>
              <button @click=${() => void this.load()}>${this.t('retry')}</button>
            </div>`
          : nothing
      }
      ${this.done ? html`<p class="note ok" role="status">${this.done}</p>` : nothing}
      ${this.data === undefined ? (this.error ? nothing : html`<p class="empty">${this.t('loading')}</p>`) : this.content(this.data)}
    </div>`;
  }
}
