import { html, LitElement, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { noteOutput } from '../../client/note-output.ts';
import { baseStyles } from '../../elements/base.styles.ts';
import { compose } from '../export/compose.ts';
import { picture, shownPicture } from '../export/picture.ts';
import { exportStyles } from '../export/styles.ts';
import { followImages } from '../panel/follow-images.ts';
import { panelStyles } from '../panel/styles.ts';
import type { MarkedImage } from '../session/study-work.ts';
import type { WorkSession } from '../session/work-session.ts';
import { type WorkText, workText } from '../texts.ts';
import { type PerPage, type PrintedImage, printImages } from './sheet.ts';

const PER_PAGE: readonly (readonly [PerPage, WorkText])[] = [
  [1, 'print.one'],
  [4, 'print.four'],
  [6, 'print.six'],
];
const CONTENT = { size: 'enlarged', patient: false, annotations: true } as const;
/** What the server renders for images that are not open here, in pixels. */
const RENDERED = { width: 1024, height: 1024 };

/** Prints the shown image or the key images on clean sheets, by the browser. */
export class FilmlessWorkPrint extends LitElement {
  static override styles = [baseStyles, panelStyles, exportStyles];

  @property({ attribute: false }) session!: WorkSession;
  @state() private perPage: PerPage = 1;
  @state() private which: 'shown' | 'keys' = 'shown';
  @state() private busy = false;
  #end: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#end = followImages(this.session, () => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
  }

  get #marks(): readonly MarkedImage[] {
    return this.session.of(this.session.viewer.active.study?.StudyInstanceUID)?.marks ?? [];
  }

  #text(key: WorkText, parameters?: Readonly<Record<string, string | number>>): string {
    return workText(this.session.viewer.locale, key, parameters);
  }

  protected override render(): TemplateResult {
    const { view } = this.session.viewer.active;
    if (!view) return html`<section><p class="secondary">${this.#text('noImage')}</p></section>`;
    const marks = this.#marks.length;
    return html`<section>
      <label
        >${this.#text('print.which')}<select
          data-choice="print.which"
          @change=${(event: Event) => {
            this.which = (event.target as HTMLSelectElement).value === 'keys' ? 'keys' : 'shown';
          }}
        >
          <option value="shown" ?selected=${this.which === 'shown'}>${this.#text('print.shown')}</option>
          <option value="keys" ?disabled=${marks === 0} ?selected=${this.which === 'keys'}>
            ${this.#text('print.keys', { count: marks })}
          </option>
        </select></label
      >
      <label
        >${this.#text('print.count')}<select
          data-choice="print.count"
          @change=${(event: Event) => {
            this.perPage = PER_PAGE[(event.target as HTMLSelectElement).selectedIndex]?.[0] ?? 1;
          }}
        >
          ${PER_PAGE.map(([count, key]) => html`<option ?selected=${count === this.perPage}>${this.#text(key)}</option>`)}
        </select></label
      >
      <div class="actions">
        <button type="button" class="primary" data-action="print" ?disabled=${this.busy} @click=${() => this.#print()}>
          ${this.#text('print.button')}
        </button>
      </div>
    </section>`;
  }

  async #print(): Promise<void> {
    const { viewer } = this.session;
    this.busy = true;
    try {
      const images = this.which === 'keys' && this.#marks.length > 0 ? await this.#keyImages() : await this.#shown();
      await printImages(images, this.perPage, viewer.locale, viewer.t);
      const studies = images.map(({ frame }) => frame.StudyInstanceUID);
      noteOutput(viewer.client, 'print', 'images', studies);
    } catch {
      viewer.notify(this.#text('export.failed'), 'error');
    } finally {
      this.busy = false;
    }
  }

  async #shown(): Promise<PrintedImage[]> {
    const request = shownPicture(this.session, this.session.viewer.active, CONTENT);
    if (!request) return [];
    const { view } = request;
    return [{ frame: view.frame, view, picture: await compose(request).convertToBlob() }];
  }

  /** Images of the open series as they are looked at; others as the server renders them. */
  async #keyImages(): Promise<PrintedImage[]> {
    const { session } = this;
    const { client, active } = session.viewer;
    const { signal } = new AbortController();
    const images: PrintedImage[] = [];
    for (const { study, series, instance, frame } of this.#marks) {
      if (!client) break;
      const found = await session.frames.find(client, { study, series, instance, frame: frame ?? 1 });
      if (!found) continue;
      const index = active.open?.frames.indexOf(found) ?? -1;
      if (index >= 0) {
        const request = await picture(session, active, index, CONTENT, signal);
        images.push({ frame: found, view: request.view, picture: await compose(request).convertToBlob() });
      } else {
        const { blob } = await client.rendered({ study, series, instance, frame }, RENDERED, { signal });
        images.push({ frame: found, view: undefined, picture: blob });
      }
    }
    return images;
  }
}
