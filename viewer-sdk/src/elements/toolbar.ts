import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { type Translate, translator } from '../i18n/index.ts';
import { type Layout, MOST_COLUMNS, MOST_ROWS } from '../layout/layout.ts';
import { baseStyles } from './base.styles.ts';
import { icon } from './icons.ts';
import { benchText } from './texts.ts';
import { toolbarStyles } from './toolbar.styles.ts';
import { fitButtons, type ToolbarButton } from './toolbar-items.ts';

/** A window in the presets menu. */
export interface PresetChoice {
  readonly label: string;
  readonly width: number;
  readonly center: number;
}

/** What of the active image the menus show. */
export interface ToolbarState {
  /** The window as text, for the presets button. */
  readonly window: string;
  readonly presets: readonly PresetChoice[];
  /** Which of them is set, -1 for none. */
  readonly preset: number;
  readonly layout: Layout;
}

type Menu = 'presets' | 'layout' | 'more';

/**
 * The viewer's buttons. Fires `viewer-action` (detail: the button's id), `preset-choose` (detail: its index) and `layout-choose`; they do
 * not leave the viewer. One tab stop; arrow keys move between the buttons.
 *
 * @slot end - the page's own buttons, at the right
 */
export class FilmlessViewerToolbar extends LitElement {
  static override styles = [baseStyles, toolbarStyles];

  @property({ attribute: false }) buttons: readonly ToolbarButton[] = [];
  @property({ attribute: false }) t: Translate = translator('');
  @property() locale = '';
  @property({ attribute: false }) view: ToolbarState = {
    window: '',
    presets: [],
    preset: -1,
    layout: { rows: 1, columns: 1 },
  };
  @state() private menu: Menu | undefined;
  @state() private focused = 0;
  @state() private room = 0;
  /** The layout under the pointer in the grid chooser. */
  @state() private hovered: Layout | undefined;
  readonly #observer = new ResizeObserver(() => this.#measure());

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
    this.menu = undefined;
  }

  protected override render(): TemplateResult {
    const { bar, menu } = fitButtons(this.buttons, this.room || this.clientWidth);
    return html`<div class="bar" role="toolbar" aria-label=${this.t('toolbar.label')} @keydown=${this.#keydown} @focusout=${this.#focusout}>
      ${bar.map((button, index) => {
        const gap = index > 0 && bar[index - 1]?.group !== button.group;
        return html`${gap ? html`<span class="gap"></span>` : nothing}${this.#entry(button, index)}`;
      })}
      ${menu.length > 0 ? html`<span class="gap"></span>${this.#more(menu, bar.length)}` : nothing}
      <span class="spacer"></span>
      <slot name="end" @slotchange=${() => this.#measure()}></slot>
    </div>`;
  }

  #measure(): void {
    const slot = this.renderRoot.querySelector('slot');
    const taken = (slot?.assignedElements({ flatten: true }) ?? []).reduce(
      (sum, element) => sum + element.getBoundingClientRect().width,
      0,
    );
    this.room = Math.max(1, this.clientWidth - taken);
  }

  #entry(button: ToolbarButton, index: number): TemplateResult {
    if (button.id === 'presets') return this.#presets(button, index);
    if (button.id === 'layout') return this.#layout(button, index);
    return html`<button
      type="button"
      class=${classMap({ tool: true, first: index === 0 })}
      data-index=${index}
      data-id=${button.id}
      tabindex=${this.focused === index ? 0 : -1}
      aria-label=${button.label}
      aria-pressed=${button.pressed === undefined ? nothing : String(button.pressed)}
      ?disabled=${button.disabled}
      @click=${() => this.#act(button.id)}
    >
      ${icon(button.icon)}${this.#tip(button.label, button.shortcut)}
    </button>`;
  }

  /** A button that opens a menu below itself. */
  #opener(
    menu: Menu,
    index: number,
    button: { label: string; name: string; shortcut: string; disabled: boolean; content: unknown },
    body: () => TemplateResult,
  ): TemplateResult {
    const open = this.menu === menu;
    return html`<span class="anchor">
      <button
        type="button"
        class="tool ${menu}"
        data-index=${index}
        tabindex=${this.focused === index ? 0 : -1}
        aria-label=${button.name}
        aria-haspopup="menu"
        aria-expanded=${open}
        ?disabled=${button.disabled}
        @click=${() => this.#toggle(menu)}
      >
        ${button.content}${this.#tip(button.label, button.shortcut)}
      </button>
      ${open ? body() : nothing}
    </span>`;
  }

  #presets({ label, icon: name, shortcut }: ToolbarButton, index: number): TemplateResult {
    const { view } = this;
    const content = html`${icon(name)}<span class="value">${view.window || label}</span>${icon('expand')}`;
    const button = { label, name: `${label} ${view.window}`, shortcut, disabled: view.presets.length === 0, content };
    return this.#opener(
      'presets',
      index,
      button,
      () => html`<div class="menu windows" role="menu" aria-label=${label} @keydown=${this.#menuKeydown}>
        ${view.presets.map(
          (preset, presetIndex) =>
            html`<button
              type="button"
              role="menuitemradio"
              tabindex="-1"
              aria-checked=${presetIndex === view.preset}
              @click=${() => this.#tell('preset-choose', presetIndex)}
            >
              <span>${preset.label}</span><span class="secondary">${preset.width} / ${preset.center}</span>
              ${presetIndex < 9 ? html`<kbd>${presetIndex + 1}</kbd>` : nothing}
            </button>`,
        )}
      </div>`,
    );
  }

  #layout({ label, icon: name, shortcut, disabled }: ToolbarButton, index: number): TemplateResult {
    const marked = this.hovered ?? this.view.layout;
    const choices = Array.from({ length: MOST_ROWS * MOST_COLUMNS }, (_, at) => ({
      rows: Math.floor(at / MOST_COLUMNS) + 1,
      columns: (at % MOST_COLUMNS) + 1,
    }));
    const text = ({ rows, columns }: Layout) => benchText(this.locale, 'layoutCells', { rows, columns });
    return this.#opener(
      'layout',
      index,
      { label, name: label, shortcut, disabled, content: icon(name) },
      () => html`<div class="menu grid" role="menu" aria-label=${label} @keydown=${this.#menuKeydown} @pointerleave=${() => (this.hovered = undefined)}>
        ${choices.map((choice) => {
          const { rows, columns } = this.view.layout;
          return html`<button
            type="button"
            role="menuitemradio"
            tabindex="-1"
            class=${choice.rows <= marked.rows && choice.columns <= marked.columns ? 'marked' : ''}
            aria-label=${text(choice)}
            aria-checked=${choice.rows === rows && choice.columns === columns}
            @pointerenter=${() => (this.hovered = choice)}
            @focus=${() => (this.hovered = choice)}
            @click=${() => this.#tell('layout-choose', choice)}
          ></button>`;
        })}
        <div class="secondary">${text(marked)}</div>
      </div>`,
    );
  }

  #more(buttons: readonly ToolbarButton[], index: number): TemplateResult {
    const label = this.t('action.more');
    const groups = Map.groupBy(buttons, ({ group }) => group);
    return this.#opener(
      'more',
      index,
      { label, name: label, shortcut: '', disabled: false, content: icon('more') },
      () => html`<div class="menu end" role="menu" aria-label=${label} @keydown=${this.#menuKeydown}>
        ${[...groups].map(([group, entries]) => {
          const heading = benchText(this.locale, `group.${group}`);
          return html`<div role="group" aria-label=${heading}>
            <div class="heading" aria-hidden="true">${heading}</div>
            ${entries.map((button) => this.#menuEntry(button))}
          </div>`;
        })}
      </div>`,
    );
  }

  #menuEntry({ id, label, icon: name, shortcut, pressed, disabled }: ToolbarButton): TemplateResult {
    return html`<button
      type="button"
      role=${pressed === undefined ? 'menuitem' : 'menuitemcheckbox'}
      tabindex="-1"
      data-id=${id}
      aria-checked=${pressed === undefined ? nothing : String(pressed)}
      ?disabled=${disabled}
      @click=${() => this.#act(id)}
    >
      ${icon(name)}<span>${label}</span>${shortcut ? html`<kbd>${shortcut}</kbd>` : nothing}
    </button>`;
  }

  #tip(label: string, shortcut: string): TemplateResult {
    return html`<span class="tip" aria-hidden="true">${label}${shortcut ? html`<kbd>${shortcut}</kbd>` : nothing}</span>`;
  }

  #act(id: string): void {
    this.menu = undefined;
    this.dispatchEvent(new CustomEvent<string>('viewer-action', { detail: id }));
  }

  #tell(type: 'preset-choose' | 'layout-choose', detail: number | Layout): void {
    this.menu = undefined;
    this.hovered = undefined;
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Opens one of the menus, as its key does. */
  openMenu(menu: Menu): void {
    if (this.menu !== menu) this.#toggle(menu);
  }

  #toggle(menu: Menu): void {
    this.menu = this.menu === menu ? undefined : menu;
    this.hovered = undefined;
    void this.updateComplete.then(() => {
      const entries = this.#items();
      (entries.find((entry) => entry.getAttribute('aria-checked') === 'true') ?? entries[0])?.focus();
    });
  }

  #items(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('.menu button')].filter(
      (button) => !button.disabled,
    );
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

  /** Arrows, Home, End and Escape inside a menu. */
  readonly #menuKeydown = (event: KeyboardEvent): void => {
    const entries = this.#items();
    const at = entries.findIndex((entry) => entry.matches(':focus'));
    const row = this.menu === 'layout' ? MOST_COLUMNS : 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + row,
      ArrowUp: at - row,
      Home: 0,
      End: entries.length - 1,
      ...(this.menu === 'layout' ? { ArrowRight: at + 1, ArrowLeft: at - 1 } : {}),
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
