import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { type Translate, translator } from '../i18n/index.ts';
import { type Action, type ActionDefinition, allowedActions, isTool, MORE, TOOLBAR, type Tool } from './actions.ts';
import { baseStyles } from './base.styles.ts';
import { icon } from './icons.ts';
import { toolbarStyles } from './toolbar.styles.ts';

/** A window in the presets menu. */
export interface PresetChoice {
  readonly label: string;
  readonly width: number;
  readonly center: number;
}

/** What of the viewer's state the buttons show. */
export interface ToolbarState {
  readonly tool: Tool;
  readonly inverted: boolean;
  readonly playing: boolean;
  readonly overlay: boolean;
  readonly thumbnails: boolean;
  /** Whether there is an image to act upon, and more than one. */
  readonly image: boolean;
  readonly stack: boolean;
  /** The window as text, for the presets button. */
  readonly window: string;
  readonly presets: readonly PresetChoice[];
  /** Which of them is set, -1 for none. */
  readonly preset: number;
}

const NEED_IMAGE = new Set<Action>(['presets', 'fit', 'actual', 'invert', 'rotate', 'flip', 'flipVertical', 'reset']);

/**
 * The viewer's buttons. Fires `viewer-action` (detail: the action) and `preset-choose` (detail: its index); they do not leave the viewer.
 * One tab stop; arrow keys move between the buttons.
 *
 * @slot end - the page's own buttons, at the right
 */
export class FilmlessViewerToolbar extends LitElement {
  static override styles = [baseStyles, toolbarStyles];

  @property() toolset = '';
  @property({ attribute: false }) t: Translate = translator('');
  @property({ attribute: false }) view: ToolbarState = {
    tool: 'window',
    inverted: false,
    playing: false,
    overlay: true,
    thumbnails: true,
    image: false,
    stack: false,
    window: '',
    presets: [],
    preset: -1,
  };
  @state() private menu: 'presets' | 'more' | undefined;
  @state() private focused = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.menu = undefined;
  }

  protected override render(): TemplateResult {
    const allowed = allowedActions(this.toolset);
    const groups = TOOLBAR.map((group) => group.filter(({ action }) => allowed(action))).filter(
      (group) => group.length > 0,
    );
    const more = MORE.filter(({ action }) => allowed(action));
    let index = -1;
    return html`<div class="bar" role="toolbar" aria-label=${this.t('toolbar.label')} @keydown=${this.#keydown} @focusout=${this.#focusout}>
      ${groups.map((group, groupIndex) => {
        const buttons = group.map((definition) => {
          index += 1;
          return definition.action === 'presets' ? this.#presets(definition, index) : this.#button(definition, index);
        });
        return html`${groupIndex > 0 ? html`<span class="gap"></span>` : nothing}${buttons}`;
      })}
      ${more.length > 0 ? this.#more(more, index + 1) : nothing}
      <span class="spacer"></span>
      <slot name="end"></slot>
    </div>`;
  }

  #button(definition: ActionDefinition, index: number): TemplateResult {
    const { action } = definition;
    const { view, t } = this;
    const pressed = isTool(action)
      ? view.tool === action
      : action === 'invert'
        ? view.inverted
        : action === 'overlay'
          ? view.overlay
          : action === 'thumbnails'
            ? view.thumbnails
            : undefined;
    const playing = action === 'play' && view.playing;
    const label = t(playing ? 'action.pause' : definition.label);
    return html`<button
      type="button"
      class=${classMap({ tool: true, first: index === 0 })}
      data-index=${index}
      tabindex=${this.focused === index ? 0 : -1}
      aria-label=${label}
      aria-pressed=${pressed === undefined ? nothing : String(pressed)}
      ?disabled=${(NEED_IMAGE.has(action) && !view.image) || (action === 'play' && !view.stack)}
      @click=${() => this.#act(action)}
    >
      ${icon(playing ? 'pause' : definition.icon)}${this.#tip(label, definition)}
    </button>`;
  }

  #presets(definition: ActionDefinition, index: number): TemplateResult {
    const { view, t } = this;
    const open = this.menu === 'presets';
    const label = t(definition.label);
    return html`<span class="anchor">
      <button
        type="button"
        class="tool presets"
        data-index=${index}
        tabindex=${this.focused === index ? 0 : -1}
        aria-label="${label} ${view.window}"
        aria-haspopup="menu"
        aria-expanded=${open}
        ?disabled=${view.presets.length === 0}
        @click=${() => this.#toggle('presets')}
      >
        ${icon(definition.icon)}<span class="value">${view.window || label}</span>${icon('expand')}${this.#tip(label, definition)}
      </button>
      ${
        open
          ? html`<div class="menu windows" role="menu" aria-label=${label} @keydown=${this.#menuKeydown}>
              ${view.presets.map(
                (preset, presetIndex) =>
                  html`<button
                    type="button"
                    role="menuitemradio"
                    tabindex="-1"
                    aria-checked=${presetIndex === view.preset}
                    @click=${() => this.#choose(presetIndex)}
                  >
                    <span>${preset.label}</span><span class="secondary">${preset.width} / ${preset.center}</span>
                    ${presetIndex < 9 ? html`<kbd>${presetIndex + 1}</kbd>` : nothing}
                  </button>`,
              )}
            </div>`
          : nothing
      }
    </span>`;
  }

  #more(definitions: readonly ActionDefinition[], index: number): TemplateResult {
    const open = this.menu === 'more';
    const label = this.t('action.more');
    return html`<span class="anchor">
      <button
        type="button"
        class="tool"
        data-index=${index}
        tabindex=${this.focused === index ? 0 : -1}
        aria-label=${label}
        aria-haspopup="menu"
        aria-expanded=${open}
        ?disabled=${!this.view.image}
        @click=${() => this.#toggle('more')}
      >
        ${icon('more')}${this.#tip(label)}
      </button>
      ${
        open
          ? html`<div class="menu" role="menu" aria-label=${label} @keydown=${this.#menuKeydown}>
              ${definitions.map(
                (definition) =>
                  html`<button type="button" role="menuitem" tabindex="-1" @click=${() => this.#act(definition.action)}>
                    ${icon(definition.icon)}<span>${this.t(definition.label)}</span><kbd>${this.#shortcut(definition)}</kbd>
                  </button>`,
              )}
            </div>`
          : nothing
      }
    </span>`;
  }

  #tip(label: string, definition?: ActionDefinition): TemplateResult {
    const shortcut = definition && this.#shortcut(definition);
    return html`<span class="tip" aria-hidden="true">${label}${shortcut ? html`<kbd>${shortcut}</kbd>` : nothing}</span>`;
  }

  #shortcut({ shortcut }: ActionDefinition): string {
    return typeof shortcut === 'object' ? this.t(shortcut.key) : (shortcut ?? '');
  }

  #act(action: Action): void {
    this.menu = undefined;
    this.dispatchEvent(new CustomEvent<Action>('viewer-action', { detail: action }));
  }

  #choose(index: number): void {
    this.menu = undefined;
    this.dispatchEvent(new CustomEvent<number>('preset-choose', { detail: index }));
  }

  #toggle(menu: 'presets' | 'more'): void {
    this.menu = this.menu === menu ? undefined : menu;
    void this.updateComplete.then(() => this.#items()[0]?.focus());
  }

  #items(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('.menu button')];
  }

  readonly #focusout = (event: FocusEvent): void => {
    if (!(event.relatedTarget instanceof Node) || !this.renderRoot.contains(event.relatedTarget)) this.menu = undefined;
  };

  /** Left and right move along the bar. */
  readonly #keydown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...this.renderRoot.querySelectorAll<HTMLButtonElement>('.tool')].filter(
      (button) => !button.disabled,
    );
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const next = buttons[(at + (event.key === 'ArrowRight' ? 1 : -1) + buttons.length) % buttons.length];
    if (!next) return;
    this.menu = undefined;
    this.focused = Number(next.dataset['index']);
    next.focus();
  };

  /** Up, down, Home, End and Escape inside a menu. */
  readonly #menuKeydown = (event: KeyboardEvent): void => {
    const entries = this.#items();
    const at = entries.findIndex((entry) => entry.matches(':focus'));
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: entries.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) entries[(to + entries.length) % entries.length]?.focus();
    else if (event.key === 'Escape') {
      const anchor = this.renderRoot.querySelector<HTMLElement>('.tool[aria-expanded="true"]');
      this.menu = undefined;
      anchor?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
