import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Attribute, type Destination, type DryRun, dryRun, type Rule } from './api.ts';
import { reason } from './reasons.ts';
import { styles } from './styles.ts';
import { dateText, nameText, splitNames, type TextKey, text } from './texts.ts';

const LISTS = [
  ['modalities', 'modalities', 'modalitiesHint'],
  ['sources', 'sources', 'sourcesHint'],
  ['departments', 'departments', 'departmentsHint'],
] as const satisfies readonly (readonly [keyof Rule['when'], TextKey, TextKey])[];

/**
 * One rule, with a trial over the last instances before it is saved.
 * @event rule-save the rule as it is now
 * @event rule-cancel
 */
@customElement('filmless-forwarding-rule-editor')
export class RuleEditor extends LitElement {
  @property() locale = 'zh-CN';
  @property({ attribute: false }) rule: Rule | undefined;
  @property({ attribute: false }) destinations: readonly Destination[] = [];
  @property({ type: Boolean }) busy = false;
  @state() private draft: Rule | undefined;
  @state() private tried: DryRun | undefined;
  @state() private error = '';
  @state() private isTrying = false;

  static override styles = [styles];

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('rule')) return;
    this.draft = this.rule;
    this.tried = undefined;
    this.error = '';
  }

  override render(): TemplateResult | typeof nothing {
    const rule = this.draft;
    if (!rule) return nothing;
    const value = (event: Event) => (event.target as HTMLInputElement).value;
    return html`<section class="panel">
      <div class="head"><h2>${rule.title || this.#t('addRule')}</h2></div>
      <form class="body stack" @submit=${(event: Event) => {
        event.preventDefault();
        this.#tell('rule-save');
      }}>
        <div class="grid">
          <label class="field"><span>${this.#t('rule')}</span><input required maxlength="100" .value=${rule.title} @input=${(event: Event) => this.#set({ title: value(event) })} /></label>
          <label class="field"><span>${this.#t('destination')}</span><select @change=${(event: Event) => this.#set({ destination: value(event) })}>
            ${this.destinations.map(({ key, title }) => html`<option value=${key} ?selected=${key === rule.destination}>${key} ${title}</option>`)}
          </select></label>
          <label class="field"><span>${this.#t('priority')}</span><select @change=${(event: Event) => this.#set({ priority: value(event) as Rule['priority'] })}>
            ${(['high', 'normal', 'low'] as const).map((each) => html`<option value=${each} ?selected=${each === rule.priority}>${this.#t(`priority.${each}`)}</option>`)}
          </select></label>
          <label class="field"><span>${this.#t('form')}</span><select @change=${(event: Event) => this.#set({ form: value(event) as Rule['form'] })}>
            ${(['stored', 'uncompressed'] as const).map((each) => html`<option value=${each} ?selected=${each === rule.form}>${this.#t(`form.${each}`)}</option>`)}
          </select></label>
        </div>
        <p class="secondary">${this.#t('conditionsHelp')}</p>
        <div class="grid">
          ${LISTS.map(
            ([
              key,
              label,
              hint,
            ]) => html`<label class="field"><span>${this.#t(label)}</span><input placeholder=${this.#t(hint)} .value=${rule.when[key]?.join(', ') ?? ''}
              @change=${(event: Event) => this.#setList(key, splitNames(key === 'modalities' ? value(event).toUpperCase() : value(event)))} /></label>`,
          )}
        </div>
        ${(rule.when.attributes ?? []).map((attribute, index) => this.#attribute(attribute, index))}
        <div class="row"><button type="button" @click=${() => this.#setAttributes([...(rule.when.attributes ?? []), { attribute: '' }])}>${this.#t('addAttribute')}</button></div>
        <div class="row">
          <label class="row"><input type="checkbox" style="height:auto" .checked=${rule.enabled} @change=${(event: Event) => this.#set({ enabled: (event.target as HTMLInputElement).checked })} />${this.#t('enabled')}</label>
          <span class="spacer"></span>
          <button type="button" ?disabled=${this.isTrying} @click=${() => void this.#try()}>${this.#t('tryOut')}</button>
          <button type="button" @click=${() => this.#tell('rule-cancel')}>${this.#t('cancel')}</button>
          <button class="primary" ?disabled=${this.busy}>${this.#t('save')}</button>
        </div>
        ${this.error ? html`<p class="note error" role="alert">${this.error}</p>` : nothing}
        ${this.tried ? this.#trial(this.tried) : nothing}
      </form>
    </section>`;
  }

  #attribute(condition: Attribute, index: number): TemplateResult {
    const put = (changed: Attribute | undefined) =>
      this.#setAttributes(
        (this.draft?.when.attributes ?? []).flatMap((each, at) => (at !== index ? [each] : changed ? [changed] : [])),
      );
    const value = (event: Event) => (event.target as HTMLInputElement).value.trim();
    const { attribute, value: wanted, from, to } = condition;
    const number = (
      key: 'from' | 'to',
      now: number | undefined,
    ) => html`<input type="number" step="any" style="width:100px" aria-label=${this.#t(key)} placeholder=${this.#t(key)}
      ?disabled=${wanted !== undefined} .value=${String(now ?? '')} @change=${(event: Event) => {
        const { [key]: _, ...rest } = condition;
        put(value(event) === '' ? rest : { ...rest, [key]: Number(value(event)) });
      }} />`;
    return html`<div class="row">
      <input required aria-label=${this.#t('attribute')} placeholder=${this.#t('attributeHint')} style="width:230px" .value=${attribute} @change=${(event: Event) => put({ ...condition, attribute: value(event) })} />
      <input aria-label=${this.#t('value')} placeholder=${this.#t('valueHint')} style="flex:1" ?disabled=${from !== undefined || to !== undefined} .value=${wanted ?? ''}
        @change=${(event: Event) => {
          const { value: _, ...rest } = condition;
          put(value(event) === '' ? rest : { ...rest, value: value(event) });
        }} />
      ${number('from', from)} ${number('to', to)}
      <button type="button" aria-label=${this.#t('remove')} title=${this.#t('remove')} @click=${() => put(undefined)}>×</button>
    </div>`;
  }

  #trial({ looked, matched, studies, items }: DryRun): TemplateResult {
    return html`<div class="stack" role="status">
      <b>${this.#t('tried', { looked, matched, studies })}</b>
      ${
        items.length === 0
          ? nothing
          : html`<div class="scroll"><table><tbody>${items.map(
              (item) => html`<tr>
                <td>${nameText(item.PatientName ?? '')} <span class="secondary num">${item.PatientID ?? ''}</span></td>
                <td>${item.modalities?.join(', ')} ${item.StudyDescription ?? ''}</td>
                <td class="num">${dateText(item.StudyDate ?? '')}</td>
                <td class="num">${this.#t('instances', { n: item.instances })}</td>
              </tr>`,
            )}</tbody></table></div>`
      }
    </div>`;
  }

  override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('tried') && this.tried) this.scrollIntoView({ block: 'end' });
  }

  async #try(): Promise<void> {
    if (!this.draft) return;
    this.isTrying = true;
    try {
      this.tried = await dryRun({ ...this.draft, title: this.draft.title || this.#t('rule') });
      this.error = '';
    } catch (error) {
      this.tried = undefined;
      this.error = reason(this.locale, error);
    } finally {
      this.isTrying = false;
    }
  }

  #set(change: Partial<Rule>): void {
    if (!this.draft) return;
    this.draft = { ...this.draft, ...change };
    this.tried = undefined;
  }

  #setList(key: 'modalities' | 'sources' | 'departments', names: string[]): void {
    const { [key]: _, ...rest } = this.draft?.when ?? {};
    this.#set({ when: names.length === 0 ? rest : { ...rest, [key]: names } });
  }

  #setAttributes(attributes: Attribute[]): void {
    const { attributes: _, ...rest } = this.draft?.when ?? {};
    this.#set({ when: attributes.length === 0 ? rest : { ...rest, attributes } });
  }

  #tell(type: 'rule-save' | 'rule-cancel'): void {
    this.dispatchEvent(new CustomEvent(type, { detail: this.draft }));
  }

  #t(key: TextKey, values?: Record<string, string | number>): string {
    return text(this.locale, key, values);
  }
}
