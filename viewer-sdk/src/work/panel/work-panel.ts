import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import conflict from 'lucide-static/dist/esm/icons/circle-alert.mjs';
import done from 'lucide-static/dist/esm/icons/circle-check.mjs';
import pending from 'lucide-static/dist/esm/icons/circle-dot.mjs';
import draftIcon from 'lucide-static/dist/esm/icons/rotate-ccw-clock.mjs';
import critical from 'lucide-static/dist/esm/icons/triangle-alert.mjs';
import { baseStyles } from '../../elements/base.styles.ts';
import { translator } from '../../i18n/index.ts';
import { drawIcon } from '../../objects/parts/icon.ts';
import { localTime } from '../dates.ts';
import { EMPTY_SELECTION } from '../session/save-work.ts';
import type { SaveResult, StudyWork } from '../session/study-work.ts';
import type { WorkSession } from '../session/work-session.ts';
import type { Draft } from '../store/drafts.ts';
import { type WorkText, workText } from '../texts.ts';
import { followImages } from './follow-images.ts';
import { renderKept } from './kept-list.ts';
import { renderKeyImages } from './key-images.ts';
import { KeyPictures } from './key-pictures.ts';
import { panelStyles } from './styles.ts';

const OBJECT_NAMES: Readonly<Record<SaveResult['object'], WorkText>> = {
  report: 'save.report',
  keys: 'save.keysObject',
  presentation: 'save.presentationObject',
};

/** What is saved of a study, what is not yet, and the key images. Shows the active cell's study. */
export class FilmlessWorkPanel extends LitElement {
  static override styles = [baseStyles, panelStyles];

  @property({ attribute: false }) session!: WorkSession;
  readonly #pictures = new KeyPictures(() => this.requestUpdate());
  #end: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#end = followImages(this.session, () => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
    this.#pictures.clear();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    const { viewer } = session;
    const work = session.of(viewer.active.study?.StudyInstanceUID ?? viewer.study?.StudyInstanceUID);
    if (!work) return html`<section><p class="secondary">${this.#text('noImage')}</p></section>`;
    const nothingYet = work.state === 'ready' && work.kept.length === 0 && !session.isDirty(work);
    return html`
      ${work.drafts.map((draft) => this.#draft(work, draft))}
      <section>${this.#state(work)}${this.#notices(work)}</section>
      <section>${renderKeyImages(work, session, this.#pictures)}</section>
      ${nothingYet ? html`<section><p class="secondary">${this.#text('panel.empty')}</p></section>` : nothing}
      ${work.kept.length > 0 ? html`<section>${renderKept(work, session)}</section>` : nothing}
    `;
  }

  #text(key: WorkText, parameters?: Readonly<Record<string, string | number>>): string {
    return workText(this.session.viewer.locale, key, parameters);
  }

  #state(work: StudyWork): TemplateResult {
    const { session } = this;
    const measurements = work.measuredChanged(session.measuredOf(work.study));
    const dirty = measurements || work.marksChanged;
    const failed = work.results.some(({ error }) => error);
    return html`
      ${work.state === 'loading' ? html`<p class="secondary">${this.#text('panel.loading')}</p>` : nothing}
      ${
        work.loadError
          ? html`${this.#line('critical', critical, this.#text('panel.loadFailed'), work.loadError.code)}
              <div class="actions"><button type="button" @click=${() => session.reload(work)}>${this.#text('panel.retry')}</button></div>`
          : nothing
      }
      ${measurements ? this.#line('waiting', pending, this.#text('state.measurements')) : nothing}
      ${work.marksChanged ? this.#line('waiting', pending, this.#text('state.keys')) : nothing}
      ${!dirty && work.state === 'ready' && work.kept.length > 0 ? this.#line('done', done, this.#text('state.saved')) : nothing}
      ${session.draftsFail && dirty ? this.#line('critical', conflict, this.#text('state.draftsFail')) : nothing}
      ${work.saving || !failed ? nothing : work.results.map((result) => this.#result(result))}
      <div class="actions">
        <button
          type="button"
          class="primary"
          data-action="save"
          ?disabled=${!dirty || work.saving}
          @click=${() => session.viewer.run('work-save')}
        >
          ${this.#text(work.saving ? 'state.saving' : failed ? 'save.retry' : 'save.button')}
        </button>
        <button type="button" ?disabled=${!session.viewer.active.view} @click=${() => session.viewer.run('work-presentation')}>
          ${this.#text('presentation.save')}
        </button>
      </div>
    `;
  }

  #result({ object, error }: SaveResult): TemplateResult | typeof nothing {
    if (!error) return this.#line('done', done, `${this.#text(OBJECT_NAMES[object])}: ${this.#text('save.done')}`);
    const { locale } = this.session.viewer;
    const why =
      error.detail === EMPTY_SELECTION
        ? this.#text('save.emptySelection')
        : `${this.#text('save.failed')} ${translator(locale)(`error.${error.code}.title`)}`;
    return this.#line('critical', critical, `${this.#text(OBJECT_NAMES[object])}: ${why}`, error.code);
  }

  #notices(work: StudyWork): TemplateResult[] {
    const unplaced = [...work.unplaced.values()].reduce((sum, count) => sum + count, 0);
    const all = unplaced > 0 ? [...work.notices, { kind: 'mismatch', count: unplaced } as const] : work.notices;
    return all.map(({ kind, count }) => this.#line('waiting', conflict, this.#text(`notice.${kind}`, { count })));
  }

  #draft(work: StudyWork, draft: Draft): TemplateResult {
    const time = localTime(draft.savedAt);
    const count = draft.annotations.length + (draft.keyImages?.length ?? 0);
    return html`<section class="draft" role="status">
      <h3>${drawIcon(draftIcon)}${this.#text('draft.title')}</h3>
      <p>${this.#text('draft.text', { count, time })}</p>
      <div class="actions">
        <button type="button" class="primary" data-action="restore" @click=${() => this.session.restoreDraft(work, draft)}>
          ${this.#text('draft.restore')}
        </button>
        <button type="button" data-action="discard" @click=${() => this.#discard(work, draft, time)}>${this.#text('draft.discard')}</button>
      </div>
    </section>`;
  }

  async #discard(work: StudyWork, draft: Draft, time: string): Promise<void> {
    const title = this.#text('draft.title');
    const question = { title, text: this.#text('draft.discardAsk', { time }), yes: this.#text('draft.discard') };
    if (await this.session.viewer.confirm(question)) this.session.discardDraft(work, draft);
  }

  #line(kind: 'done' | 'waiting' | 'critical', icon: string, text: string, code?: string): TemplateResult {
    return html`<div class="line ${kind}">
      ${drawIcon(icon)}<span>${text}${code ? html` <span class="secondary">${code}</span>` : nothing}</span>
    </div>`;
  }
}
