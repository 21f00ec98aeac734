import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import warning from 'lucide-static/dist/esm/icons/circle-alert.mjs';
import { noteOutput } from '../../client/note-output.ts';
import { cineRate } from '../../dicom/cine-rate.ts';
import { baseStyles } from '../../elements/base.styles.ts';
import { isAbort } from '../../errors.ts';
import { drawIcon } from '../../objects/parts/icon.ts';
import { saveBlob } from '../../objects/parts/save.ts';
import { panelStyles } from '../panel/styles.ts';
import type { WorkSession } from '../session/work-session.ts';
import { type WorkText, workText } from '../texts.ts';
import { writeCine } from './cine.ts';
import { compose, type PictureSize, pictureSize } from './compose.ts';
import { type CineFormat, cineFormats, EXTENSIONS, type StillFormat, stillFormats } from './formats.ts';
import { burnedIn, fileName, type PictureContent, picture, shownPicture } from './picture.ts';
import { exportStyles } from './styles.ts';

type Content = 'image' | 'cine' | 'dicom';
const FORMAT_NAMES: Readonly<Record<string, string>> = {
  'image/png': 'PNG',
  'image/jpeg': 'JPEG',
  'image/webp': 'WebP',
  'video/mp4': 'MP4',
  'video/webm': 'WebM',
};
const JPEG_QUALITY = 0.95;

/** Saves the shown image, or the run it belongs to, as a file. */
export class FilmlessWorkExport extends LitElement {
  static override styles = [baseStyles, panelStyles, exportStyles];

  @property({ attribute: false }) session!: WorkSession;
  @state() private content: Content = 'image';
  @state() private still: StillFormat = 'image/png';
  @state() private cine = '';
  @state() private size: PictureSize = 'native';
  @state() private patient = true;
  @state() private annotations = true;
  @state() private progress: { done: number; count: number } | undefined;
  @state() private stills: readonly StillFormat[] = ['image/png'];
  @state() private cines: readonly CineFormat[] = [];
  #rate: number | undefined;
  #running: AbortController | undefined;
  #end: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const { viewer } = this.session;
    this.#end = [
      viewer.on('rendered', () => this.requestUpdate()),
      viewer.on('active', () => this.requestUpdate()),
      viewer.on('closed', () => this.#stop()),
    ];
    void stillFormats().then((formats) => {
      this.stills = formats;
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
    for (const end of this.#end.splice(0)) end();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (this.#count < 2 && this.content === 'cine') this.content = 'image';
    if (this.content === 'cine') void this.#findCines();
  }

  get #count(): number {
    return this.session.viewer.active.open?.frames.length ?? 0;
  }

  #sizeKey = '';

  /** What can be encoded depends on how large the pictures are. */
  async #findCines(): Promise<void> {
    const size = this.#pixels(this.size);
    const key = `${size?.width}x${size?.height}`;
    if (!size || key === this.#sizeKey) return;
    this.#sizeKey = key;
    const formats = await cineFormats(size.width, size.height);
    if (this.#sizeKey === key) this.cines = formats;
  }

  #pixels(size: PictureSize): { width: number; height: number } | undefined {
    const { view, size: area } = this.session.viewer.active;
    return view && pictureSize({ view, size, area });
  }

  #text(key: WorkText, parameters?: Readonly<Record<string, string | number>>): string {
    return workText(this.session.viewer.locale, key, parameters);
  }

  protected override render(): TemplateResult {
    const { view } = this.session.viewer.active;
    if (!view) return html`<section><p class="secondary">${this.#text('noImage')}</p></section>`;
    const burned = burnedIn(view.frame.dataset);
    return html`<section>
      ${this.#choice<Content>('export.what', this.content, this.#contents(), (value) => {
        this.content = value;
      })}
      ${this.content === 'dicom' ? html`<p class="secondary note">${this.#text('export.dicomNote')} ${this.#text('export.zipNote')}</p>` : this.#options()}
      ${
        burned === 'no' || this.content === 'dicom' || this.patient
          ? nothing
          : html`<div class="line waiting">
              ${drawIcon(warning)}<span>${this.#text(burned === 'yes' ? 'export.burnedInYes' : 'export.burnedIn')}</span>
            </div>`
      }
      <div class="actions">
        ${
          this.progress
            ? html`<progress max=${this.progress.count} value=${this.progress.done}></progress>
                <span class="secondary">${this.#text('export.progress', this.progress)}</span>
                <button type="button" @click=${() => this.#stop()}>${this.#text('export.cancel')}</button>`
            : html`<button type="button" class="primary" data-action="export" ?disabled=${!this.#ready} @click=${() => this.#export()}>
                ${this.#text('export.save')}
              </button>`
        }
      </div>
    </section>`;
  }

  #contents(): [Content, string][] {
    const contents: [Content, string][] = [['image', this.#text('export.image')]];
    if (this.#count > 1) contents.push(['cine', this.#text('export.cine', { count: this.#count })]);
    contents.push(['dicom', this.#text('export.dicom')]);
    return contents;
  }

  get #ready(): boolean {
    return this.content !== 'cine' || this.cines.length > 0;
  }

  get #cineFormat(): CineFormat | undefined {
    return this.cines.find(({ mime }) => mime === this.cine) ?? this.cines[0];
  }

  #options(): TemplateResult {
    const moving = this.content === 'cine';
    const formats = moving ? this.cines.map(({ mime }) => mime) : this.stills;
    const chosen = moving ? (this.#cineFormat?.mime ?? '') : this.still;
    const sizes = this.#sizes().map((size): [PictureSize, string] => [
      size,
      this.#text(`export.${size}`, this.#pixels(size) ?? { width: 0, height: 0 }),
    ]);
    return html`
      ${this.#choice(
        'export.format',
        chosen,
        formats.map((mime): [string, string] => [mime, FORMAT_NAMES[mime] ?? mime]),
        (value) => {
          if (moving) this.cine = value;
          else this.still = value as StillFormat;
        },
      )}
      ${this.#choice('export.size', this.size, sizes, (value) => {
        this.size = value;
      })}
      ${
        moving
          ? html`<label
              >${this.#text('export.rate')}<input
                type="number"
                min="1"
                max="60"
                .value=${String(Math.round(this.#cineRate))}
                @change=${(event: Event) => {
                  const value = Number((event.target as HTMLInputElement).value);
                  this.#rate = value >= 1 && value <= 60 ? value : undefined;
                  this.requestUpdate();
                }}
            /></label>`
          : nothing
      }
      ${this.#check('export.patient', this.patient, (value) => {
        this.patient = value;
      })}
      ${this.#check('export.annotations', this.annotations, (value) => {
        this.annotations = value;
      })}
    `;
  }

  /** Large images need no enlarging. */
  #sizes(): PictureSize[] {
    const [native, enlarged] = [this.#pixels('native'), this.#pixels('enlarged')];
    return native?.width === enlarged?.width ? ['native', 'screen'] : ['native', 'enlarged', 'screen'];
  }

  get #cineRate(): number {
    const frame = this.session.viewer.active.view?.frame;
    return this.#rate ?? (frame ? cineRate(frame) : 1);
  }

  #choice<T extends string>(
    name: WorkText,
    value: T,
    options: readonly [T, string][],
    set: (value: T) => void,
  ): TemplateResult {
    return html`<label
      >${this.#text(name)}<select
        data-choice=${name}
        @change=${(event: Event) => {
          const chosen = options[(event.target as HTMLSelectElement).selectedIndex];
          if (chosen) set(chosen[0]);
        }}
      >
        ${options.map(([key, text]) => html`<option value=${key} ?selected=${key === value}>${text}</option>`)}
      </select></label
    >`;
  }

  #check(name: WorkText, value: boolean, set: (value: boolean) => void): TemplateResult {
    return html`<label class="check"
      ><input
        type="checkbox"
        data-check=${name}
        .checked=${value}
        @change=${(event: Event) => set((event.target as HTMLInputElement).checked)}
      />${this.#text(name)}</label
    >`;
  }

  #stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.progress = undefined;
  }

  async #export(): Promise<void> {
    const { viewer } = this.session;
    this.#stop();
    const running = new AbortController();
    this.#running = running;
    const study = viewer.active.view?.frame.StudyInstanceUID ?? '';
    try {
      const file = await this.#make(running.signal);
      if (!file || running.signal.aborted) return;
      saveBlob(file.blob, file.name);
      noteOutput(viewer.client, 'export', 'images', [study]);
      viewer.notify(this.#text('export.done'), 'done');
    } catch (error) {
      if (!isAbort(error)) viewer.notify(this.#text('export.failed'), 'error');
    } finally {
      if (this.#running === running) this.#stop();
    }
  }

  async #make(signal: AbortSignal): Promise<{ blob: Blob; name: string } | undefined> {
    const { viewer } = this.session;
    const cell = viewer.active;
    const { view } = cell;
    if (!view) return undefined;
    if (this.content === 'dicom') {
      const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = view.frame;
      const blob = await viewer.client?.instanceFile(StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, { signal });
      return blob && { blob, name: `${SOPInstanceUID}.dcm` };
    }
    const content: PictureContent = { size: this.size, patient: this.patient, annotations: this.annotations };
    if (this.content === 'image') {
      const request = shownPicture(this.session, cell, content);
      if (!request) return undefined;
      const blob = await compose(request).convertToBlob({ type: this.still, quality: JPEG_QUALITY });
      return { blob, name: fileName(view, EXTENSIONS[blob.type] ?? 'png', this.patient) };
    }
    const format = this.#cineFormat;
    const size = this.#pixels(this.size);
    const count = this.#count;
    if (!format || !size) return undefined;
    this.progress = { done: 0, count };
    const canvas = new OffscreenCanvas(1, 1);
    const source = {
      ...size,
      count,
      rate: this.#cineRate,
      draw: async (index: number) => compose(await picture(this.session, cell, index, content, signal), canvas),
    };
    const blob = await writeCine(source, format, {
      signal,
      done: (done) => {
        if (!signal.aborted) this.progress = { done, count };
      },
    });
    return { blob, name: fileName(view, EXTENSIONS[format.mime] ?? format.container, this.patient) };
  }
}
