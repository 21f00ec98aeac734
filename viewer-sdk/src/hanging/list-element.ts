import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { baseStyles } from '../elements/base.styles.ts';
import { ViewerError } from '../errors.ts';
import type { ViewerContext } from '../extension/contract.ts';
import { hangingStyles } from './hanging.styles.ts';
import type { HangingRuntime } from './hanging-runtime.ts';
import { hangingIcon } from './icons.ts';
import type { HangingProtocol } from './protocol.ts';
import type { SaveRequest } from './protocol-editor.ts';
import type { OwnedProtocol, ProtocolScope, ProtocolStore } from './protocol-store.ts';
import { type HangingText, hangingText } from './texts.ts';

/** The hanging protocols, those for the study on the screen first. Lives in a panel of the viewer. */
export class FilmlessHangingList extends LitElement {
  static override styles = [baseStyles, hangingStyles];

  @property({ attribute: false }) viewer: ViewerContext | undefined;
  @property({ attribute: false }) runtime: HangingRuntime | undefined;
  @property({ attribute: false }) store: ProtocolStore | undefined;
  /** The study on the screen: another one has other protocols. */
  @property({ attribute: false }) study = '';
  @property({ attribute: false }) applied = '';
  @property({ attribute: false }) locale = '';

  @state() private lists: Awaited<ReturnType<HangingRuntime['fitting']>> | undefined;
  @state() private edited: { readonly protocol: HangingProtocol; readonly scope: ProtocolScope } | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('study') || changed.has('store')) {
      this.lists = undefined;
      void this.#sort();
    }
  }

  async #sort(): Promise<void> {
    const { study } = this;
    const lists = await this.runtime?.fitting();
    if (this.study === study) this.lists = lists;
  }

  protected override render(): TemplateResult {
    const { edited, lists } = this;
    if (edited)
      return html`<filmless-protocol-editor
        .runtime=${this.runtime}
        .locale=${this.locale}
        .protocol=${edited.protocol}
        @protocol-save=${(event: CustomEvent<SaveRequest>) => void this.#save(event.detail)}
        @protocol-try=${(event: CustomEvent<HangingProtocol>) => void this.runtime?.apply(event.detail)}
        @protocol-cancel=${() => (this.edited = undefined)}
      ></filmless-protocol-editor>`;
    if (!lists) return html`<div class="note" role="status">${this.#t('loading')}</div>`;
    return html`${this.#list('fitting', lists.fitting)} ${this.#list('others', lists.others)}`;
  }

  #list(title: 'fitting' | 'others', protocols: readonly OwnedProtocol[]): TemplateResult | typeof nothing {
    if (protocols.length === 0) return nothing;
    return html`<h3>${this.#t(title)}</h3>
      <ul>
        ${protocols.map((owned) => this.#entry(owned))}
      </ul>`;
  }

  #entry({ protocol, owner }: OwnedProtocol): TemplateResult {
    const name = this.#name(protocol);
    const { rows, columns } = protocol.layout;
    const applied = protocol.id === this.applied;
    const small = (icon: Parameters<typeof hangingIcon>[0], key: HangingText, run: () => void) =>
      html`<button type="button" class="small" title=${this.#t(key)} aria-label="${this.#t(key)} ${name}" @click=${run}>
        ${hangingIcon(icon)}
      </button>`;
    return html`<li class=${applied ? 'applied' : ''}>
      <button type="button" class="apply" data-id=${protocol.id} title=${name} aria-pressed=${applied} @click=${() => void this.runtime?.apply(protocol)}>
        <span class="grid" aria-hidden="true" .style=${`grid-template: repeat(${rows}, 1fr) / repeat(${columns}, 1fr)`}>
          ${Array.from({ length: rows * columns }, () => html`<i></i>`)}
        </span>
        <span class="name">${name}</span>
        <span class="owner">${this.#t(applied ? 'applied' : `owner.${owner}`)}</span>
      </button>
      ${
        owner === 'built-in'
          ? small('copy', 'copy', () => this.#edit(protocol, 'user'))
          : html`${small('edit', 'edit', () => this.#edit(protocol, owner))}
            ${small('remove', 'remove', () => void this.#remove(protocol, owner))}`
      }
    </li>`;
  }

  #edit(protocol: HangingProtocol, scope: ProtocolScope): void {
    this.edited = { protocol, scope };
  }

  async #save({ protocol, scope }: SaveRequest): Promise<void> {
    const { store } = this;
    if (!store) return;
    await this.#keep(
      () => store.save(protocol, scope),
      () => {
        this.edited = undefined;
      },
    );
  }

  async #remove(protocol: HangingProtocol, scope: ProtocolScope): Promise<void> {
    const { store, viewer } = this;
    const question = { title: this.#t('removeTitle'), text: this.#t('removeText', { name: this.#name(protocol) }) };
    if (store && (await viewer?.confirm({ ...question, yes: this.#t('remove') })))
      await this.#keep(
        () => store.remove(protocol.id, scope),
        () => undefined,
      );
  }

  async #keep(write: () => Promise<void>, done: () => void): Promise<void> {
    const { viewer, store } = this;
    try {
      await write();
      done();
      viewer?.notify(this.#t(store?.place === 'browser' ? 'savedBrowser' : 'saved'), 'done');
    } catch (error) {
      if (!(error instanceof ViewerError)) throw error;
      const conflict = error.detail?.includes('CONFLICT') ?? false;
      const code = error.detail ?? error.code;
      viewer?.notify(
        conflict
          ? this.#t('conflict')
          : error.code === 'VIEWER_FORBIDDEN'
            ? this.#t('forbidden')
            : this.#t('saveFailed', { code }),
        'error',
      );
    }
    await this.#sort();
  }

  #name({ name }: HangingProtocol): string {
    return this.locale.startsWith('en') ? name.en : name['zh-CN'];
  }

  #t(key: HangingText, parameters?: Readonly<Record<string, string | number>>): string {
    return hangingText(this.locale, key, parameters);
  }
}
