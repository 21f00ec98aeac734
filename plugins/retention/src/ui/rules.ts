import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import {
  type Action,
  type DryRun,
  dryRun,
  getOverview,
  getPolicies,
  type Overview,
  type Policy,
  type Rule,
  savePolicies,
} from './api.ts';
import { RetentionPart } from './part.ts';
import { reason } from './reasons.ts';
import { bytesText, type TextKey } from './texts.ts';

const ACTIONS: readonly Action[] = ['online', 'compress', 'tier', 'remove'];
const NUMBERS = [
  ['olderThanDays', 'olderThan'],
  ['notOpenedForDays', 'notOpened'],
  ['largerThanMiB', 'largerThan'],
] as const satisfies readonly (readonly [keyof Rule, TextKey])[];

interface Loaded {
  policies: Policy[];
  overview: Overview;
}

/** Rules by department, with a trial before they are saved. */
@customElement('filmless-retention-rules')
export class RetentionRules extends RetentionPart<Loaded> {
  @state() private draft: Policy[] | undefined;
  @state() private tried: DryRun | undefined;
  /** What the rules would remove, while it is asked whether that is meant. */
  @state() private asking: DryRun | undefined;

  #seen: DryRun | undefined;

  protected override async fetch(): Promise<Loaded> {
    const [policies, overview] = await Promise.all([getPolicies(), getOverview()]);
    return { policies, overview };
  }

  protected override content({ policies, overview }: Loaded): TemplateResult {
    const shown = this.draft ?? policies;
    const others = overview.departmentNames.filter((name) => name && !shown.some((each) => each.department === name));
    const hasAll = shown.some(({ department }) => department === '');
    return html`<p class="secondary">${this.t('ruleHelp')} ${overview.tier ? '' : this.t('noTier')}</p>
      ${shown.map((policy, index) => this.#policy(policy, index))}
      <div class="row">
        <select aria-label=${this.t('addDepartment')} ?hidden=${others.length === 0 && hasAll} @change=${this.#addDepartment}>
          <option value="" selected>${this.t('addDepartment')}…</option>
          ${hasAll ? nothing : html`<option value="*">${this.t('allDepartments')}</option>`}
          ${others.map((name) => html`<option value=${name}>${name}</option>`)}
        </select>
        <span class="spacer"></span>
        <button ?disabled=${this.busy} @click=${() => void this.#try()}>${this.t('tryOut')}</button>
        <button
          ?disabled=${this.busy || !this.draft}
          @click=${() => {
            this.draft = undefined;
            this.tried = undefined;
            this.asking = undefined;
          }}
        >${this.t('discard')}</button>
        <button class="primary" ?disabled=${this.busy || !this.draft} @click=${() => void this.#save()}>${this.t('save')}</button>
      </div>
      <div id="answer" class="stack">${this.asking ? this.#question(this.asking, overview) : this.tried ? this.#trial(this.tried) : nothing}</div>`;
  }

  #policy(policy: Policy, index: number): TemplateResult {
    return html`<section class="panel">
      <div class="head">
        <h2>${policy.department || this.t('allDepartments')}</h2>
        <span class="spacer"></span>
        ${
          policy.department === ''
            ? nothing
            : html`<label class="row">${this.t('quotaGiB')}
                <input type="number" min="1" style="width:110px" .value=${String(policy.quotaGiB ?? '')}
                  @change=${(event: Event) => this.#change(index, { ...policy, ...optional('quotaGiB', numberOf(event)) }, 'quotaGiB', numberOf(event))}
              /></label>`
        }
        <button @click=${() => this.#replace(index, undefined)}>${this.t('removePolicy')}</button>
      </div>
      <div class="scroll"><table>
        <thead><tr>
          ${NUMBERS.map(([, label]) => html`<th>${this.t(label)}</th>`)}<th>${this.t('modalities')}</th><th>${this.t('action')}</th><th></th>
        </tr></thead>
        <tbody>${policy.rules.map((rule, at) => this.#rule(policy, index, rule, at))}</tbody>
      </table></div>
      <div class="body"><button @click=${() => this.#replace(index, { ...policy, rules: [...policy.rules, { olderThanDays: 730, action: 'online' }] })}>${this.t('addRule')}</button></div>
    </section>`;
  }

  #rule(policy: Policy, index: number, rule: Rule, at: number): TemplateResult {
    const put = (changed: Rule | undefined) =>
      this.#replace(index, {
        ...policy,
        rules: policy.rules.flatMap((each, n) => (n !== at ? [each] : changed ? [changed] : [])),
      });
    const up = () => {
      const rules = policy.rules.filter((_, n) => n !== at);
      rules.splice(at - 1, 0, rule);
      this.#replace(index, { ...policy, rules });
    };
    return html`<tr>
      ${NUMBERS.map(
        ([key, label]) => html`<td>
          <input type="number" min="0" style="width:110px" aria-label=${this.t(label)} .value=${String(rule[key] ?? '')}
            @change=${(event: Event) => put(withField(rule, key, numberOf(event)))} />
        </td>`,
      )}
      <td><input aria-label=${this.t('modalities')} placeholder=${this.t('modalitiesHint')} .value=${rule.modalities?.join(', ') ?? ''}
        @change=${(event: Event) => put(withField(rule, 'modalities', modalitiesOf(event)))} /></td>
      <td><select aria-label=${this.t('action')} @change=${(event: Event) => put({ ...rule, action: (event.target as HTMLSelectElement).value as Action })}>
        ${ACTIONS.map((action) => html`<option value=${action} ?selected=${action === rule.action}>${this.t(`action.${action}`)}</option>`)}
      </select></td>
      <td class="num">
        <button ?disabled=${at === 0} aria-label=${this.t('moveUp')} title=${this.t('moveUp')} @click=${up}>↑</button>
        <button aria-label=${this.t('removeRule')} title=${this.t('removeRule')} @click=${() => put(undefined)}>×</button>
      </td>
    </tr>`;
  }

  #trial(tried: DryRun): TemplateResult {
    const names = [...ACTIONS, 'held'] as const;
    return html`<section class="panel" role="status">
      <div class="head"><h2>${this.t('tried')}</h2></div>
      <dl class="figures">${names.map(
        (name) => html`<div>
          <dt>${this.t(`action.${name}`)}</dt>
          <dd>${tried[name].studies} <span class="secondary" style="font-size:13px">${bytesText(tried[name].bytes)}</span></dd>
        </div>`,
      )}</dl>
    </section>`;
  }

  #question(tried: DryRun, { settings }: Overview): TemplateResult {
    return html`${this.#trial(tried)}
      <div class="note warning stack" role="alertdialog" aria-label=${this.t('save')}>
        <b>${this.t('confirmRemove', { n: tried.remove.studies, bytes: bytesText(tried.remove.bytes) })}</b>
        <span>${this.t('confirmRemoveHelp', { days: settings.graceDays, copies: settings.copiesNeeded })}</span>
        <div class="row">
          <button
            @click=${() => {
              this.asking = undefined;
            }}
          >${this.t('cancel')}</button>
          <button class="critical" ?disabled=${this.busy} @click=${() => void this.#saveNow()}>${this.t('save')}</button>
        </div>
      </div>`;
  }

  /** Figures and question stand below the rules: whoever asked for them must see them. */
  override updated(): void {
    if (this.tried !== this.#seen) this.renderRoot.querySelector('#answer')?.scrollIntoView({ block: 'end' });
    this.#seen = this.tried;
  }

  #addDepartment(event: Event): void {
    const select = event.target as HTMLSelectElement;
    const department = select.value === '*' ? '' : select.value;
    select.selectedIndex = 0;
    this.#edit([...this.#current, { department, rules: [{ olderThanDays: 730, action: 'tier' }] }]);
  }

  #change(index: number, policy: Policy, key: 'quotaGiB', value: number | undefined): void {
    const { [key]: _, ...rest } = policy;
    this.#replace(index, value === undefined ? rest : policy);
  }

  #replace(index: number, policy: Policy | undefined): void {
    this.#edit(this.#current.flatMap((each, at) => (at !== index ? [each] : policy ? [policy] : [])));
  }

  #edit(policies: Policy[]): void {
    this.draft = policies;
    this.tried = undefined;
    this.asking = undefined;
    this.done = '';
  }

  get #current(): Policy[] {
    return this.draft ?? this.data?.policies ?? [];
  }

  async #try(): Promise<DryRun | undefined> {
    this.busy = true;
    try {
      this.tried = await dryRun(this.#current);
      this.error = '';
      return this.tried;
    } catch (error) {
      this.error = reason(this.locale, error);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  /** What lets images be removed is asked once more, with the figures. */
  async #save(): Promise<void> {
    if (!this.#current.some(({ rules }) => rules.some(({ action }) => action === 'remove'))) return this.#saveNow();
    this.asking = await this.#try();
  }

  async #saveNow(): Promise<void> {
    const policies = this.#current;
    if (!(await this.act(() => savePolicies(policies), 'saved'))) return;
    this.draft = undefined;
    this.asking = undefined;
    this.tried = undefined;
  }
}

const optional = <K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, number>);

function withField<K extends Exclude<keyof Rule, 'action'>>(rule: Rule, key: K, value: Rule[K] | undefined): Rule {
  const { [key]: _, ...rest } = rule;
  return (value === undefined ? rest : { ...rest, [key]: value }) as Rule;
}

function numberOf(event: Event): number | undefined {
  const { value } = event.target as HTMLInputElement;
  return value === '' ? undefined : Number(value);
}

function modalitiesOf(event: Event): string[] | undefined {
  const names = (event.target as HTMLInputElement).value
    .toUpperCase()
    .split(/[\s,，、]+/)
    .filter((name) => name !== '');
  return names.length === 0 ? undefined : names;
}
