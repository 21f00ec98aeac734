import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { isAbort } from '../../api/client.ts';
import type { Person } from '../../api/patients.ts';
import { searchPersons } from '../../api/patients.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { formatDa } from '../../format/dates.ts';
import { sexLabel } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { idsOf, nameOf } from './person-words.ts';
import { searchStyles } from './registration.styles.ts';

const LIMIT = 20;
const TYPING_PAUSE_MS = 200;

/**
 * A field and the persons it finds, to choose one from.
 * @event choose detail: the person
 */
@customElement('fl-person-search')
export class PersonSearch extends FilmlessElement {
  /** Left out of what is found. */
  @property() without = '';
  @property() label = '';
  @state() private found: Person[] | undefined;
  @state() private error: unknown;
  #abort = new AbortController();
  #typing: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    shared,
    searchStyles,
    css`
      ul {
        list-style: none;
        margin: 6px 0 0;
        padding: 0;
        max-height: 232px;
        overflow: auto;
      }
      .search input {
        width: 100%;
      }
    `,
    personRowStyles(),
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#typing);
    this.#abort.abort();
  }

  #typed(text: string): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.#search(text.trim()), TYPING_PAUSE_MS);
  }

  async #search(text: string): Promise<void> {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    if (text === '') {
      this.found = undefined;
      return;
    }
    try {
      const { items } = await searchPersons(text, LIMIT, abort.signal);
      this.found = items.filter(({ key, merged }) => key !== this.without && !merged);
      this.error = undefined;
    } catch (error) {
      if (!isAbort(error)) this.error = error;
    }
  }

  override render() {
    return html`<div class="search"><input type="search" aria-label=${this.label} placeholder=${`${this.label}: ${t.registration.search}`} @input=${(event: Event & { currentTarget: HTMLInputElement }) => this.#typed(event.currentTarget.value)} /></div>
      ${this.error === undefined ? nothing : html`<fl-error-note .error=${this.error}></fl-error-note>`}
      ${
        this.found === undefined
          ? nothing
          : this.found.length === 0
            ? html`<p class="secondary">${t.registration.nothingFound}</p>`
            : html`<ul>${this.found.map((person) => html`<li>${personRow(person, () => this.emit('choose', person))}</li>`)}</ul>`
      }`;
  }
}

/** One person to choose, with what tells him from others of his name. */
export function personRow(person: Person, choose: () => void) {
  const { demographics } = person;
  return html`<button class="person" @click=${choose}>
    <b>${nameOf(demographics)}</b>
    <span class="secondary num">${t.common.joined([sexLabel(demographics.sex), formatDa(demographics.birthDate)])}</span>
    <span class="num ellipsis">${idsOf(person)}</span>
  </button>`;
}

export function personRowStyles() {
  return css`
    .person {
      font: inherit;
      font-size: var(--filmless-font-size-table);
      display: grid;
      grid-template-columns: minmax(70px, auto) auto minmax(0, 1fr);
      gap: 12px;
      align-items: center;
      width: 100%;
      min-height: 32px;
      padding: 2px 10px;
      color: var(--filmless-text);
      background: none;
      border: 1px solid transparent;
      border-radius: var(--filmless-radius);
      text-align: left;
      cursor: pointer;
    }
    .person:hover {
      background: var(--filmless-surface-selected);
    }
    .person span:last-child {
      text-align: right;
    }
  `;
}
