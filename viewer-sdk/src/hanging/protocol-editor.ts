import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { baseStyles } from '../elements/base.styles.ts';
import { checkSchema } from './check-schema.ts';
import { type Hanging, hang } from './choose.ts';
import { hangingStyles } from './hanging.styles.ts';
import type { HangingRuntime } from './hanging-runtime.ts';
import { type HangingProtocol, PROTOCOL_SCHEMA } from './protocol.ts';
import type { ProtocolScope } from './protocol-store.ts';
import { type HangingText, hangingText } from './texts.ts';

export interface SaveRequest {
  readonly protocol: HangingProtocol;
  readonly scope: ProtocolScope;
}

/**
 * One hanging protocol as a form of what is changed most, and as JSON of all of it; with what it makes of the study on the screen.
 * Fires `protocol-save`, `protocol-try`, `protocol-cancel`; they do not leave the panel.
 */
export class FilmlessProtocolEditor extends LitElement {
  static override styles = [baseStyles, hangingStyles];

  @property({ attribute: false }) runtime: HangingRuntime | undefined;
  @property({ attribute: false }) protocol: HangingProtocol | undefined;
  @property({ attribute: false }) locale = '';

  /** The text is what counts: the form writes into it. */
  @state() private json = '';
  @state() private problems: readonly string[] = [];
  @state() private preview: Hanging | undefined;
  /** The last text that was right. */
  #draft: HangingProtocol | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('protocol') && this.protocol) this.#write(this.protocol);
  }

  #write(protocol: HangingProtocol): void {
    this.#read(JSON.stringify(protocol, null, 2));
  }

  #read(json: string): void {
    this.json = json;
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch (error) {
      this.problems = [this.#t('notJson', { reason: error instanceof Error ? error.message : '' })];
      return;
    }
    this.problems = checkSchema(value, PROTOCOL_SCHEMA).map(
      ({ path, rule, wanted }) => `${path}: ${this.#t(`rule.${rule}`, { wanted })}`,
    );
    if (this.problems.length > 0) return;
    // The schema has been kept to.
    this.#draft = value as HangingProtocol;
    void this.#show(this.#draft);
  }

  async #show(protocol: HangingProtocol): Promise<void> {
    const found = await this.runtime?.candidates();
    if (this.#draft === protocol) this.preview = found && hang(protocol, found.candidates);
  }

  protected override render(): TemplateResult {
    const draft = this.#draft;
    const wrong = this.problems.length > 0;
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      ${draft ? this.#form(draft, wrong) : nothing}
      <label class="tall">
        <span>${this.#t('json')}</span>
        <textarea
          spellcheck="false"
          autocomplete="off"
          aria-invalid=${wrong}
          .value=${this.json}
          @input=${(event: InputEvent) => this.#read((event.target as HTMLTextAreaElement).value)}
          @keydown=${(event: KeyboardEvent) => event.stopPropagation()}
        ></textarea>
      </label>
      ${
        wrong
          ? html`<ul class="problems" role="alert">${this.problems.slice(0, 8).map((problem) => html`<li>${problem}</li>`)}</ul>`
          : this.#preview()
      }
      <div class="actions">
        <button type="button" class="primary" ?disabled=${wrong} @click=${() => this.#save('user')}>${this.#t('save')}</button>
        <button type="button" ?disabled=${wrong} @click=${() => this.#save('site')}>${this.#t('saveSite')}</button>
        <button type="button" ?disabled=${wrong} @click=${() => this.#tell('protocol-try', this.#draft)}>${this.#t('apply')}</button>
        <button type="button" @click=${() => this.#tell('protocol-cancel', undefined)}>${this.#t('cancel')}</button>
      </div>
    </form>`;
  }

  #form(draft: HangingProtocol, wrong: boolean): TemplateResult {
    const { name, layout, matches, sync } = draft;
    const change = (values: Partial<HangingProtocol>) => this.#write({ ...draft, ...values });
    const field = (key: HangingText, value: string, set: (value: string) => void, hint = '') =>
      html`<label>
        <span>${this.#t(key)}</span>
        <input
          type="text"
          ?disabled=${wrong}
          placeholder=${hint}
          .value=${value}
          @change=${(event: Event) => set((event.target as HTMLInputElement).value.trim())}
          @keydown=${(event: KeyboardEvent) => event.stopPropagation()}
        />
      </label>`;
    const words = (key: 'modalities' | 'bodyParts' | 'keywords') =>
      field(
        key,
        (matches[key] ?? []).join(' '),
        (value) => change({ matches: withWords(matches, key, value) }),
        this.#t('separated'),
      );
    const count = (key: 'rows' | 'columns') =>
      html`<label>
        <span>${this.#t(key)}</span>
        <select
          ?disabled=${wrong}
          @change=${(event: Event) => change({ layout: { ...layout, [key]: Number((event.target as HTMLSelectElement).value) } })}
        >
          ${[1, 2, 3, 4].map((number) => html`<option value=${number} ?selected=${layout[key] === number}>${number}</option>`)}
        </select>
      </label>`;
    const check = (key: HangingText, checked: boolean, set: (checked: boolean) => void) =>
      html`<label class="check">
        <input type="checkbox" ?disabled=${wrong} .checked=${checked} @change=${(event: Event) => set((event.target as HTMLInputElement).checked)} />
        <span>${this.#t(key)}</span>
      </label>`;
    return html`
      ${field('name', name['zh-CN'], (value) => change({ name: { ...name, 'zh-CN': value } }))}
      ${field('nameEn', name.en, (value) => change({ name: { ...name, en: value } }))}
      ${words('modalities')} ${words('bodyParts')} ${words('keywords')}
      <div class="pair">${count('rows')} ${count('columns')}</div>
      <label>
        <span>${this.#t('emptyCells')}</span>
        <select
          ?disabled=${wrong}
          @change=${(event: Event) => change({ emptyCells: (event.target as HTMLSelectElement).value === 'keep' ? 'keep' : 'drop' })}
        >
          ${(['keep', 'drop'] as const).map(
            (value) =>
              html`<option value=${value} ?selected=${draft.emptyCells === value}>${this.#t(`emptyCells.${value}`)}</option>`,
          )}
        </select>
      </label>
      ${check('automatic', draft.automatic ?? false, (automatic) => change({ automatic }))}
      ${check('scroll', sync?.scroll ?? false, (scroll) => change({ sync: { ...sync, scroll } }))}
      ${check('window', sync?.window ?? false, (window) => change({ sync: { ...sync, window } }))}
      ${check('zoom', sync?.zoom ?? false, (zoom) => change({ sync: { ...sync, zoom } }))}
    `;
  }

  #preview(): TemplateResult {
    const { preview } = this;
    if (!preview) return html`<div class="note" role="status">${this.#t('previewNone')}</div>`;
    const { rows, columns, cells } = preview;
    return html`<div
      class="preview"
      role="img"
      aria-label=${this.#t('preview')}
      .style=${`grid-template: repeat(${rows}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`}
    >
      ${Array.from({ length: rows * columns }, (_, index) => cells[index]?.candidate).map((candidate) =>
        candidate
          ? html`<span>${[candidate.laterality ?? '', candidate.view ?? ''].join('') || candidate.description || candidate.modality}</span>`
          : html`<span class="empty">${this.#t('previewEmpty')}</span>`,
      )}
    </div>`;
  }

  #save(scope: ProtocolScope): void {
    if (this.#draft) this.#tell('protocol-save', { protocol: this.#draft, scope } satisfies SaveRequest);
  }

  #tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #t(key: HangingText, parameters?: Readonly<Record<string, string | number>>): string {
    return hangingText(this.locale, key, parameters);
  }
}

/** An empty list is no wish at all. */
function withWords(
  matches: HangingProtocol['matches'],
  key: 'modalities' | 'bodyParts' | 'keywords',
  value: string,
): HangingProtocol['matches'] {
  const { [key]: _before, ...rest } = matches;
  const words = value.split(/[\s,，、]+/).filter(Boolean);
  return words.length > 0 ? { ...rest, [key]: words } : rest;
}
