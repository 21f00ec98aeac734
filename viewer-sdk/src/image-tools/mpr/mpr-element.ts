import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { DisplayWindow, Frame } from '../../dicom/frame.ts';
import { add, dot, scale, type Vector } from '../../dicom/vector.ts';
import { toPatient, toVoxel, type VolumeGeometry } from '../../dicom/volume.ts';
import { baseStyles } from '../../elements/base.styles.ts';
import { draggedWindow } from '../../elements/window-choices.ts';
import type { PixelGrid, ViewState } from '../../engine/contract.ts';
import { greyOf } from '../paint.ts';
import { panelStyles } from '../panel.styles.ts';
import { presentationOf } from '../presentation.ts';
import { mprStyles } from './mpr.styles.ts';
import { DIRECTIONS, EDGES, PLANES, type PlaneName, type PlaneView, planeRequest, planeView } from './planes.ts';
import { type Projection, sampleAt } from './reslice.ts';
import { mprText } from './texts.ts';
import type { Volume } from './volume.ts';

const PROJECTIONS: readonly Projection[] = ['mean', 'maximum', 'minimum'];
const MOST_SLAB_MM = 200;
const WHEEL_NOTCH = 100;
const STEP_KEYS: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10 };

/** Three planes through a volume with a common cross. Fires `mpr-close`, and `mpr-window` (detail: the window) for the series behind it. */
export class FilmlessMpr extends LitElement {
  static override styles = [baseStyles, panelStyles, mprStyles];

  @property() locale = '';
  @property({ attribute: false }) frame: Frame | undefined;
  @property({ attribute: false }) view: ViewState | undefined;
  @property({ attribute: false }) geometry: VolumeGeometry | undefined;
  @property({ type: Number }) count = 0;
  @property({ type: Number }) loaded = 0;
  @state() private point: Vector = [0, 0, 0];
  @state() private slabMm = 0;
  @state() private projection: Projection = 'mean';

  #volume: Volume | undefined;
  /** The plane that was touched last: the keys go through it. */
  #last: PlaneName = 'axial';
  #slices: readonly (PixelGrid | undefined)[] = [];
  #views = new Map<PlaneName, PlaneView>();
  readonly #cuts = new Map<PlaneName, { readonly key: string; readonly data: Float32Array<ArrayBuffer> }>();
  readonly #asked = new Map<PlaneName, string>();

  override connectedCallback(): void {
    super.connectedCallback();
    this.tabIndex = 0;
    this.setAttribute('role', 'group');
    this.addEventListener('keydown', this.#key);
  }

  /** All slices are in the volume. */
  begin(volume: Volume, slices: readonly (PixelGrid | undefined)[]): void {
    const { geometry } = this;
    if (!geometry) return;
    this.#volume = volume;
    this.#slices = slices;
    for (const name of PLANES) this.#views.set(name, planeView(geometry, name));
    const [columns, rows, count] = geometry.size;
    this.point = toPatient(geometry, [Math.floor(columns / 2), Math.floor(rows / 2), Math.floor(count / 2)]);
    this.requestUpdate();
  }

  /** The value at the cross, between the voxels; exact at the middle of one. */
  get valueAtCross(): number | undefined {
    const { geometry } = this;
    if (!geometry || this.#slices.length === 0) return undefined;
    const [i, j, k] = toVoxel(geometry, this.point).map((place) => {
      // Millimetres go through fractions: what is meant for the middle of a voxel is taken for it.
      const whole = Math.round(place);
      return Math.abs(place - whole) < 1e-6 ? whole : place;
    });
    const [columns, rows] = geometry.size;
    const below = Math.min(geometry.size[2] - 1, Math.max(0, Math.floor(k ?? 0)));
    const share = Math.min(1, Math.max(0, (k ?? 0) - below));
    const of = (slice: number) => {
      const grid = this.#slices[slice];
      return grid && sampleAt(grid.data, [columns, rows, 1], i ?? 0, j ?? 0, 0);
    };
    if ((k ?? 0) < -0.5 || (k ?? 0) > geometry.size[2] - 0.5) return undefined;
    const first = of(below);
    const second = share > 0 ? of(Math.min(geometry.size[2] - 1, below + 1)) : first;
    return first === undefined || second === undefined ? undefined : first * (1 - share) + second * share;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.#volume) for (const name of PLANES) this.#draw(name);
  }

  protected override render(): TemplateResult {
    const t = (key: Parameters<typeof mprText>[1], parameters?: Record<string, string | number>) =>
      mprText(this.locale, key, parameters);
    if (!this.#volume)
      return html`<div class="loading" role="status">${t('loading', { loaded: this.loaded, count: this.count })}</div>`;
    const value = this.valueAtCross;
    const unit = this.frame?.modality === 'CT' ? ' HU' : '';
    const shown = value === undefined ? t('outside') : t('value', { value: `${Math.round(value * 100) / 100}${unit}` });
    const [x, y, z] = this.point.map((place) => (Math.round(place * 10) / 10).toFixed(1));
    return html`
      ${PLANES.map((name) => this.#pane(name, t(name)))}
      <div class="controls">
        <h2>${t('title')}</h2>
        <div class="row">
          <label
            >${t('thickness')}
            <input
              type="number"
              name="slab"
              min="0"
              max=${MOST_SLAB_MM}
              step="1"
              .value=${String(this.slabMm)}
              @change=${({ target }: Event) => {
                const typed = (target as HTMLInputElement).valueAsNumber;
                this.slabMm = Number.isFinite(typed) ? Math.min(MOST_SLAB_MM, Math.max(0, typed)) : 0;
              }}
          /></label>
          ${PROJECTIONS.map(
            (projection) =>
              html`<button
                type="button"
                name=${projection}
                aria-pressed=${projection === this.projection}
                @click=${() => {
                  this.projection = projection;
                }}
              >
                ${t(projection)}
              </button>`,
          )}
        </div>
        <p class="value">${shown}</p>
        <p>${t('place', { x: x ?? '', y: y ?? '', z: z ?? '' })}</p>
        <p>${t('window', { width: Math.round(this.view?.window.width ?? 0), center: Math.round(this.view?.window.center ?? 0) })}</p>
        <p>${t('hint')}</p>
        <div class="row"><button type="button" name="close" @click=${this.#close}>${t('close')}</button></div>
      </div>
    `;
  }

  #pane(name: PlaneName, label: string): TemplateResult | typeof nothing {
    const view = this.#views.get(name);
    if (!view) return nothing;
    const [left, top, right, bottom] = EDGES[name];
    const { right: along, down, through } = DIRECTIONS[name];
    const x = (dot(this.point, along) - view.right[0]) / view.pixelMm + 0.5;
    const y = (dot(this.point, down) - view.down[0]) / view.pixelMm + 0.5;
    const place = (Math.round(dot(this.point, through) * 10) / 10).toFixed(1);
    return html`<section
      class="pane"
      data-plane=${name}
      aria-label=${label}
      @pointerdown=${(event: PointerEvent) => this.#press(event, name)}
      @wheel=${(event: WheelEvent) => this.#wheel(event, name)}
      @contextmenu=${(event: Event) => event.preventDefault()}
    >
      <div class="picture" style="aspect-ratio: ${view.width} / ${view.height}; inline-size: min(100cqw, ${(100 * view.width) / view.height}cqh)">
        <canvas width=${view.width} height=${view.height}></canvas>
        <svg viewBox="0 0 ${view.width} ${view.height}" preserveAspectRatio="none" aria-hidden="true">
          <path class="cross" d="M${x},0V${view.height}M0,${y}H${view.width}" vector-effect="non-scaling-stroke"></path>
        </svg>
      </div>
      <span class="name">${label} ${place} mm</span>
      <span class="edge left">${left}</span><span class="edge top">${top}</span>
      <span class="edge right">${right}</span><span class="edge bottom">${bottom}</span>
    </section>`;
  }

  /** Asks for what is not there yet, and puts what is there onto the canvas. */
  #draw(name: PlaneName): void {
    const { geometry, view: shown } = this;
    const view = this.#views.get(name);
    if (!geometry || !view || !shown) return;
    const depth = dot(this.point, DIRECTIONS[name].through);
    const key = `${depth}/${this.slabMm}/${this.projection}`;
    const cut = this.#cuts.get(name);
    if (cut?.key !== key && this.#asked.get(name) !== key) {
      this.#asked.set(name, key);
      const plane = planeRequest(geometry, name, view, this.point, this.slabMm, this.projection);
      this.#volume?.cut(name, plane, (data) => {
        this.#cuts.set(name, { key, data });
        this.requestUpdate();
      });
    }
    if (!cut) return;
    const canvas = this.renderRoot.querySelector<HTMLCanvasElement>(`[data-plane="${name}"] canvas`);
    const context = canvas?.getContext('2d');
    if (!context) return;
    const grey = greyOf(presentationOf(shown, this.#slices[0]?.padding));
    const picture = context.createImageData(view.width, view.height);
    const words = new Uint32Array(picture.data.buffer);
    for (let index = 0; index < words.length; index += 1) {
      const value = cut.data[index] ?? Number.NaN;
      words[index] = Number.isNaN(value) ? 0xff000000 : (0xff000000 | (grey(value) * 0x010101)) >>> 0;
    }
    context.putImageData(picture, 0, 0);
  }

  #press(event: PointerEvent, name: PlaneName): void {
    const pane = event.currentTarget;
    if (!(pane instanceof HTMLElement) || event.button === 1) return;
    event.preventDefault();
    this.focus();
    this.#last = name;
    pane.setPointerCapture(event.pointerId);
    const windowing = event.button === 2;
    let { clientX, clientY } = event;
    const move = (next: PointerEvent) => {
      if (!windowing) this.#moveTo(next, name, pane);
      else if (this.view) {
        const { center, width } = draggedWindow(this.view, next.clientX - clientX, next.clientY - clientY);
        const window = { center, width: Math.max(1, width) };
        this.view = { ...this.view, window };
        this.dispatchEvent(new CustomEvent<DisplayWindow>('mpr-window', { detail: window }));
      }
      ({ clientX, clientY } = next);
    };
    if (!windowing) this.#moveTo(event, name, pane);
    pane.addEventListener('pointermove', move);
    pane.addEventListener('lostpointercapture', () => pane.removeEventListener('pointermove', move), { once: true });
  }

  /** The cross goes to the middle of the pixel under the pointer. */
  #moveTo({ clientX, clientY }: PointerEvent, name: PlaneName, pane: HTMLElement): void {
    const view = this.#views.get(name);
    const box = pane.querySelector('canvas')?.getBoundingClientRect();
    if (!view || !box) return;
    const { right, down, through } = DIRECTIONS[name];
    const pixel = (share: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    const column = pixel((clientX - box.left) / box.width, view.width);
    const row = pixel((clientY - box.top) / box.height, view.height);
    this.point = add(
      add(scale(right, view.right[0] + column * view.pixelMm), scale(down, view.down[0] + row * view.pixelMm)),
      scale(through, dot(this.point, through)),
    );
  }

  #wheel(event: WheelEvent, name: PlaneName): void {
    event.preventDefault();
    event.stopPropagation();
    this.#step(name, Math.sign(event.deltaY) * Math.max(1, Math.round(Math.abs(event.deltaY) / WHEEL_NOTCH)));
  }

  /** Through the volume by its own steps: voxel by voxel where the plane lies along them. */
  #step(name: PlaneName, by: number): void {
    const view = this.#views.get(name);
    const { geometry } = this;
    if (!view || !geometry) return;
    const { through } = DIRECTIONS[name];
    const along = geometry.axes.map((axis) => Math.abs(dot(axis, through)));
    const stepMm = geometry.spacingMm[along.indexOf(Math.max(...along))] ?? 1;
    const [least, most] = view.through;
    const before = dot(this.point, through);
    const after = Math.min(most, Math.max(least, before + by * stepMm));
    this.point = add(this.point, scale(through, after - before));
  }

  readonly #key = (event: KeyboardEvent): void => {
    const [target] = event.composedPath();
    const by = STEP_KEYS[event.key];
    if (event.key !== 'Escape' && (by === undefined || target instanceof HTMLInputElement)) return;
    event.preventDefault();
    // The series behind stays where it is.
    event.stopPropagation();
    if (by === undefined) this.#close();
    else this.#step(this.#last, by);
  };

  readonly #close = (): void => {
    this.dispatchEvent(new CustomEvent('mpr-close'));
  };
}
