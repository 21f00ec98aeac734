import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Destination, getDestinations, getRules, type Rule, type SavedRule, saveRules } from './api.ts';
import { ForwardingPart } from './part.ts';
import './rule-editor.ts';

interface Loaded {
  rules: SavedRule[];
  destinations: Destination[];
}

/** The rules, each with what it still has to send; one is open for editing. */
@customElement('filmless-forwarding-rules')
export class ForwardingRules extends ForwardingPart<Loaded> {
  @state() private editing: Rule | undefined;
  /** Asked whether it is meant, with how much would be dropped. */
  @state() private removing: SavedRule | undefined;

  protected override readonly refreshMs = 5000;

  protected override async fetch(): Promise<Loaded> {
    const [rules, destinations] = await Promise.all([getRules(), getDestinations()]);
    return { rules, destinations };
  }

  protected override content({ rules, destinations }: Loaded): TemplateResult {
    return html`<p class="secondary">${this.t('rulesHelp')}</p>
      <section class="panel">
        <div class="head">
          <h2>${this.t('rules')}</h2><span class="spacer"></span>
          <button class="primary" ?disabled=${destinations.length === 0} @click=${() => this.#edit(newRule(destinations))}>${this.t('addRule')}</button>
        </div>
        ${
          rules.length === 0
            ? html`<p class="empty">${this.t(destinations.length === 0 ? 'emptyDestinations' : 'emptyRules')}</p>`
            : html`<div class="scroll"><table>
                <thead><tr><th>${this.t('rule')}</th><th>${this.t('conditions')}</th><th>${this.t('destination')}</th><th>${this.t('priority')}</th><th>${this.t('state')}</th><th>${this.t('undelivered')}</th><th></th></tr></thead>
                <tbody>${rules.map((rule) => this.#row(rule))}</tbody>
              </table></div>`
        }
      </section>
      ${this.removing ? this.#question(this.removing) : nothing}
      ${
        this.editing
          ? html`<filmless-forwarding-rule-editor id="editor" locale=${this.locale} .rule=${this.editing} .destinations=${destinations} ?busy=${this.busy}
              @rule-save=${(event: CustomEvent<Rule>) => void this.#saveEdited(event.detail)}
              @rule-cancel=${() => this.#edit(undefined)}
            ></filmless-forwarding-rule-editor>`
          : nothing
      }`;
  }

  #row(rule: SavedRule): TemplateResult {
    return html`<tr>
      <td><b>${rule.title}</b></td>
      <td class="reason">${this.#conditions(rule)}</td>
      <td>${rule.destination}</td>
      <td>${this.t(`priority.${rule.priority}`)}</td>
      <td class="state">${
        !rule.enabled
          ? html`<span class="secondary">${this.t('off')}</span>`
          : rule.paused
            ? html`<span class="warn">… ${this.t('paused')}</span>`
            : html`<span class="done">✓ ${this.t('on')}</span>`
      }</td>
      <td class="num">${rule.undelivered}</td>
      <td class="right">
        <button ?disabled=${this.busy} title=${this.t('pauseHelp')} @click=${() => void this.#replace({ ...rule, paused: !rule.paused })}>${this.t(rule.paused ? 'goOn' : 'pause')}</button>
        <button @click=${() => this.#edit(rule)}>${this.t('edit')}</button>
        <button ?disabled=${this.busy} @click=${() => this.#ask(rule)}>${this.t('remove')}</button>
      </td>
    </tr>`;
  }

  #conditions({ when }: Rule): string {
    const lists = [when.modalities, when.sources, when.departments].flatMap((list) => (list ? [list.join(', ')] : []));
    const attributes = (when.attributes ?? []).map(({ attribute, value, from, to }) =>
      value === undefined ? `${attribute} ${from ?? ''}–${to ?? ''}` : `${attribute} = ${value}`,
    );
    return [...lists, ...attributes].join(' · ') || this.t('everything');
  }

  #question(rule: SavedRule): TemplateResult {
    return html`<div class="note warning stack" role="alertdialog" aria-label=${this.t('remove')}>
      <b>${this.t('confirmRemove', { title: rule.title })}</b>
      <span>${this.t(rule.undelivered > 0 ? 'confirmDrop' : 'confirmNoDrop', { n: rule.undelivered })}</span>
      <div class="row">
        <button
          @click=${() => {
            this.removing = undefined;
          }}
        >${this.t('cancel')}</button>
        <button class="critical" ?disabled=${this.busy} @click=${() => void this.#remove(rule)}>${this.t('remove')}</button>
      </div>
    </div>`;
  }

  #edit(rule: Rule | undefined): void {
    this.editing = rule;
    this.removing = undefined;
    this.done = '';
    if (rule)
      void this.updateComplete.then(() => this.renderRoot.querySelector('#editor')?.scrollIntoView({ block: 'end' }));
  }

  #ask(rule: SavedRule): void {
    this.editing = undefined;
    this.removing = rule;
  }

  async #saveEdited(rule: Rule): Promise<void> {
    if (await this.#replace(rule)) this.editing = undefined;
  }

  #replace(rule: Rule): Promise<boolean> {
    const rules = this.data?.rules ?? [];
    const isNew = !rules.some(({ id }) => id === rule.id);
    const items = isNew ? [...rules, rule] : rules.map((each) => (each.id === rule.id ? rule : each));
    return this.act(() => saveRules(items), 'saved');
  }

  async #remove(rule: SavedRule): Promise<void> {
    const items = (this.data?.rules ?? []).filter(({ id }) => id !== rule.id);
    if (await this.act(() => saveRules(items), 'removed')) this.removing = undefined;
  }
}

function newRule(destinations: readonly Destination[]): Rule {
  return {
    id: crypto.randomUUID(),
    title: '',
    enabled: true,
    paused: false,
    when: {},
    destination: destinations.find(({ isGone }) => !isGone)?.key ?? '',
    priority: 'normal',
    form: 'stored',
  };
}
