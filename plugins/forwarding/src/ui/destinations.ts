import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import {
  type Destination,
  getDestinations,
  getServers,
  putServer,
  removeServer,
  retry,
  type Server,
  setConnections,
  verify,
} from './api.ts';
import { ForwardingPart } from './part.ts';
import { reason } from './reasons.ts';
import { splitNames, timeText } from './texts.ts';

interface Loaded {
  destinations: Destination[];
  servers: Server[];
}
interface Draft extends Server {
  isNew: boolean;
  secret: string;
}
const EMPTY: Draft = {
  name: '',
  title: '',
  url: '',
  authorization: { kind: 'none' },
  sources: [],
  hasSecret: false,
  isNew: true,
  secret: '',
};

/** Where can be sent to, how it goes there, and the STOW-RS servers. DICOM devices are set up under Devices. */
@customElement('filmless-forwarding-destinations')
export class ForwardingDestinations extends ForwardingPart<Loaded> {
  @state() private draft: Draft | undefined;
  @state() private tried = new Map<string, { ok: boolean; text: string }>();

  protected override readonly refreshMs = 5000;

  protected override async fetch(): Promise<Loaded> {
    const [destinations, servers] = await Promise.all([getDestinations(), getServers()]);
    return { destinations, servers };
  }

  protected override content({ destinations, servers }: Loaded): TemplateResult {
    return html`<section class="panel">
        <div class="head">
          <h2>${this.t('destinations')}</h2><span class="secondary">${this.t('destinationsHelp')}</span><span class="spacer"></span>
          <button @click=${() => this.#edit(EMPTY)}>${this.t('addServer')}</button>
        </div>
        ${
          destinations.length === 0
            ? html`<p class="empty">${this.t('emptyDestinations')}</p>`
            : html`<div class="scroll"><table>
                <thead><tr>
                  <th>${this.t('destination')}</th><th>${this.t('state')}</th><th>${this.t('waiting')}</th><th>${this.t('setAside')}</th>
                  <th>${this.t('lastDelivered')}</th><th>${this.t('connections')}</th><th></th>
                </tr></thead>
                <tbody>${destinations.map((each) =>
                  this.#row(
                    each,
                    servers.find(({ name }) => each.sender === 'stow' && name === each.name),
                  ),
                )}</tbody>
              </table></div>`
        }
      </section>
      ${this.draft ? this.#form(this.draft) : nothing}`;
  }

  #row(each: Destination, server: Server | undefined): TemplateResult {
    const tried = this.tried.get(each.key);
    return html`<tr>
      <td><b>${each.name}</b> <span class="secondary">${each.title}</span><div class="secondary">${server ? server.url : this.t(each.sender === 'stow' ? 'sender.stow' : 'sender.dimse')}</div></td>
      <td class="reason">${this.#state(each)}${tried ? html`<div class=${tried.ok ? 'done' : 'bad'} role="status">${tried.text}</div>` : nothing}</td>
      <td class="num">${each.waiting}${each.waiting > 0 && each.oldestAt ? html`<div class="secondary">${this.t('since', { time: timeText(this.locale, each.oldestAt) })}</div>` : nothing}</td>
      <td class="num ${each.refused > 0 ? 'bad' : ''}">${each.refused}</td>
      <td class="num">${timeText(this.locale, each.state?.lastDeliveredAt ?? '')}</td>
      <td><input type="number" min="1" max="16" style="width:64px" aria-label=${this.t('connections')} .value=${String(each.connections)} ?disabled=${each.isGone}
        @change=${(event: Event) => void this.act(() => setConnections(each.key, Number((event.target as HTMLInputElement).value)), 'saved')} /></td>
      <td class="right">
        <button ?disabled=${this.busy || each.isGone} @click=${() => void this.#verify(each.key)}>${this.t('verify')}</button>
        <button ?disabled=${this.busy || each.waiting + each.refused === 0} @click=${() => void this.act(() => retry(each.key), 'retrying')}>${this.t('tryNow')}</button>
        ${server ? html`<button @click=${() => this.#edit({ ...server, isNew: false, secret: '' })}>${this.t('edit')}</button>` : nothing}
      </td>
    </tr>`;
  }

  #state({ state: now, isGone, isUsed, waiting }: Destination): TemplateResult {
    if (isGone) return html`<span class="bad">! ${this.t('isGone')}</span>`;
    if (now?.problem) {
      const { detail, code, since, retryAt } = now.problem;
      return html`<span class="bad">! ${this.t('unreachable', { why: reason(this.locale, detail || code) })}</span>
        <div class="secondary">${this.t('sinceAndRetry', { since: timeText(this.locale, since), time: timeText(this.locale, retryAt) })}</div>`;
    }
    if (waiting > 0 && now && now.connections > 0)
      return html`<span class="warn">… ${this.t('sendingOver', { n: now.connections })}</span>`;
    if (waiting > 0) return html`<span class="warn">… ${this.t('waiting')}</span>`;
    return isUsed
      ? html`<span class="done">✓ ${this.t('ready')}</span>`
      : html`<span class="secondary">${this.t('unused')}</span>`;
  }

  #form(draft: Draft): TemplateResult {
    const set = (change: Partial<Draft>) => {
      this.draft = { ...draft, ...change };
    };
    const value = (event: Event) => (event.target as HTMLInputElement).value;
    const { authorization } = draft;
    const kinds = ['none', 'basic', 'bearer'] as const;
    return html`<section class="panel" id="form">
      <div class="head"><h2>${draft.isNew ? this.t('addServer') : draft.name}</h2></div>
      <form class="body stack" @submit=${(event: Event) => {
        event.preventDefault();
        void this.#save(draft);
      }}>
        <div class="grid">
          <label class="field"><span>${this.t('name')}</span><input required pattern="[A-Za-z0-9][A-Za-z0-9_.\\-]{0,63}" ?disabled=${!draft.isNew} .value=${draft.name} @input=${(event: Event) => set({ name: value(event) })} /></label>
          <label class="field"><span>${this.t('serverTitle')}</span><input .value=${draft.title} @input=${(event: Event) => set({ title: value(event) })} /></label>
          <label class="field"><span>${this.t('url')}</span><input required type="url" placeholder="https://pacs.example/dicom-web" .value=${draft.url} @input=${(event: Event) => set({ url: value(event) })} /></label>
          <label class="field"><span>${this.t('authorization')}</span><select @change=${(event: Event) => {
            const kind = value(event);
            set({
              authorization: kind === 'basic' ? { kind, user: '' } : kind === 'bearer' ? { kind } : { kind: 'none' },
            });
          }}>${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === authorization.kind}>${this.t(`authorization.${kind}`)}</option>`)}</select></label>
          ${
            authorization.kind === 'basic'
              ? html`<label class="field"><span>${this.t('user')}</span><input required autocomplete="off" .value=${authorization.user} @input=${(event: Event) => set({ authorization: { kind: 'basic', user: value(event) } })} /></label>`
              : nothing
          }
          ${
            authorization.kind === 'none'
              ? nothing
              : html`<label class="field"><span>${this.t(authorization.kind === 'basic' ? 'password' : 'token')}</span><input type="password" autocomplete="new-password" ?required=${!draft.hasSecret}
                  placeholder=${draft.hasSecret ? this.t('secretKept') : ''} .value=${draft.secret} @input=${(event: Event) => set({ secret: value(event) })} /></label>`
          }
          <label class="field"><span>${this.t('sendsAs')}</span><input placeholder=${this.t('sendsAsHint')} .value=${draft.sources.join(', ')} @change=${(event: Event) => set({ sources: splitNames(value(event)) })} /></label>
        </div>
        <div class="row">
          ${draft.isNew ? nothing : html`<button type="button" ?disabled=${this.busy} @click=${() => void this.#remove(draft.name)}>${this.t('removeServer')}</button>`}
          <span class="spacer"></span>
          <button type="button" @click=${() => this.#edit(undefined)}>${this.t('cancel')}</button>
          <button class="primary" ?disabled=${this.busy}>${this.t('save')}</button>
        </div>
      </form>
    </section>`;
  }

  #edit(draft: Draft | undefined): void {
    this.draft = draft;
    this.done = '';
    if (draft)
      void this.updateComplete.then(() => this.renderRoot.querySelector('#form')?.scrollIntoView({ block: 'end' }));
  }

  async #save({ name, title, url, authorization, sources, secret }: Draft): Promise<void> {
    const settings = { title, url, authorization, sources, ...(secret && { secret }) };
    if (await this.act(() => putServer(name, settings), 'saved')) this.draft = undefined;
  }

  async #remove(name: string): Promise<void> {
    if (await this.act(() => removeServer(name), 'removed')) this.draft = undefined;
  }

  async #verify(key: string): Promise<void> {
    this.busy = true;
    try {
      const { ok, ms, detail } = await verify(key);
      this.tried = new Map(this.tried).set(key, {
        ok,
        text: ok ? this.t('answers', { ms }) : reason(this.locale, detail),
      });
    } catch (error) {
      this.error = reason(this.locale, error);
    } finally {
      this.busy = false;
    }
  }
}
