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
import { renderControls } from './controls.ts';
import { mprStyles } from './mpr.styles.ts';
import { renderPane } from './pane.ts';
import { depthOf, type MprTool, PaneHand, type PaneHost, type PaneState } from './pane-hand.ts';
import { FITTED, type PaneSize, type PaneZoom, picturePlace, zoomedAt } from './plane-map.ts';
import { isShownAt, type PlaneMeasure } from './plane-measure.ts';
import { DIRECTIONS, PLANES, type PlaneName, type PlaneView, planeRequest, planeView } from './planes.ts';
import type { Projection, VoxelValue } from './reslice.ts';
import { mprText } from './texts.ts';
import type { Volume } from './volume.ts';

const WHEEL_NOTCH = 100;
const ZOOM_STEP = 1.15;
const STEP_KEYS: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10 };
/** The letters of the same tools on images. */
const TOOL_KEYS: Readonly<Record<string, MprTool>> = { c: 'cross', d: 'length', n: 'angle', p: 'pan' };

/** Three planes through a volume with a common cross. Fires `mpr-close`, and `mpr-window` (detail: the window) for the series behind it. */
export class FilmlessMpr extends LitElement implements PaneHost {
  static override styles = [baseStyles, panelStyles, mprStyles];

  @property() locale = '';
  @property({ attribute: false }) frame: Frame | undefined;
  @property({ attribute: false }) view: ViewState | undefined;
  @property({ attribute: false }) geometry: VolumeGeometry | undefined;
  @property({ type: Number }) count = 0;
  @property({ type: Number }) loaded = 0;
  /** What was measured in the planes. */
  @property({ attribute: false }) measures: readonly PlaneMeasure[] = [];
  @state() tool: MprTool = 'cross';
  @state() draft: PlaneMeasure | undefined;
  @state() slabMm = 0;
  @state() projection: Projection = 'mean';
  @state() private point: Vector = [0, 0, 0];
  @state() private read: { readonly at: Vector; readonly value: VoxelValue } | undefined;

  #volume: Volume | undefined;
  #padding: PixelGrid['padding'];
  /** The plane that was touched last: the keys go through it. */
  #last: PlaneName = 'axial';
  readonly #hand = new PaneHand(this);
  readonly #views = new Map<PlaneName, PlaneView>();
  readonly #zooms = new Map<PlaneName, PaneZoom>();
  readonly #cuts = new Map<PlaneName, { readonly key: string; readonly data: Float32Array<ArrayBuffer> }>();
  readonly #asked = new Map<PlaneName | 'value', string>();
  readonly #observer = new ResizeObserver(() => this.requestUpdate());

  override connectedCallback(): void {
    super.connectedCallback();
    this.tabIndex = 0;
    this.setAttribute('role', 'group');
    this.setAttribute('aria-label', mprText(this.locale, 'title'));
    this.addEventListener('keydown', this.#key);
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('keydown', this.#key);
    this.#observer.disconnect();
  }

  /** All slices are in the volume. */
  begin(volume: Volume, padding: PixelGrid['padding']): void {
    const { geometry } = this;
    if (!geometry) return;
    this.#volume = volume;
    this.#padding = padding;
    for (const name of PLANES) this.#views.set(name, planeView(geometry, name));
    const [columns, rows, count] = geometry.size;
    this.point = toPatient(geometry, [Math.floor(columns / 2), Math.floor(rows / 2), Math.floor(count / 2)]);
  }

  /** The value at the cross, between the voxels; exact at the middle of one. */
  get valueAtCross(): number | undefined {
    const value = this.read?.at === this.point ? this.read.value : undefined;
    return typeof value === 'number' ? value : undefined;
  }

  pane(name: PlaneName): PaneState | undefined {
    const view = this.#views.get(name);
    if (!view) return undefined;
    const size = this.#size;
    const zoom = this.#zooms.get(name) ?? FITTED;
    return { name, view, size, zoom, place: picturePlace(view, size, zoom), depth: depthOf(name, this.point) };
  }

  moveCross(point: Vector): void {
    this.point = point;
  }

  dragWindow(deltaX: number, deltaY: number): void {
    if (!this.view) return;
    const { center, width } = draggedWindow(this.view, deltaX, deltaY);
    const window = { center, width: Math.max(1, width) };
    this.view = { ...this.view, window };
    this.dispatchEvent(new CustomEvent<DisplayWindow>('mpr-window', { detail: window }));
  }

  setZoom(name: PlaneName, zoom: PaneZoom): void {
    this.#zooms.set(name, zoom);
    this.requestUpdate();
  }

  keep(measure: PlaneMeasure): void {
    this.measures = [...this.measures, measure];
  }

  take(tool: MprTool): void {
    this.tool = tool;
    this.draft = undefined;
  }

  fit(): void {
    this.#zooms.clear();
    this.requestUpdate();
  }

  /** Takes away what was measured. */
  clear(): void {
    this.draft = undefined;
    this.measures = [];
  }

  close(): void {
    this.dispatchEvent(new CustomEvent('mpr-close'));
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (!this.#volume) return;
    for (const name of PLANES) this.#draw(name);
    this.#readValue();
  }

  protected override render(): TemplateResult {
    const { locale } = this;
    if (!this.#volume) {
      const progress = { loaded: this.loaded, count: this.count };
      return html`<div class="loading" role="status">${mprText(locale, 'loading', progress)}</div>`;
    }
    const value = this.read?.at === this.point ? this.read.value : undefined;
    return html`${PLANES.map((name) => this.#pane(name))}
    ${renderControls(this, { point: this.point, value, measured: this.measures.length > 0 })}`;
  }

  /** Of each pane: a quarter of the whole, less the line between them. */
  get #size(): PaneSize {
    return { width: Math.max(1, (this.clientWidth - 1) / 2), height: Math.max(1, (this.clientHeight - 1) / 2) };
  }

  #pane(name: PlaneName): TemplateResult | typeof nothing {
    const pane = this.pane(name);
    if (!pane || !this.geometry) return nothing;
    const stepMm = this.#stepMm(name, this.geometry);
    return renderPane(
      pane,
      {
        locale: this.locale,
        family: getComputedStyle(this).getPropertyValue('--filmless-font').trim(),
        label: mprText(this.locale, name),
        point: this.point,
        cursor: this.tool === 'pan' ? 'grab' : 'crosshair',
        measures: this.measures.filter(
          (measure) => measure.plane === name && isShownAt(measure, pane.depth, stepMm, this.slabMm),
        ),
        draft: this.draft,
      },
      {
        press: (event) => {
          this.focus();
          this.#last = name;
          this.#hand.press(event, name);
        },
        hover: (event) => this.#hand.hover(event, name),
        wheel: this.#wheel,
      },
    );
  }

  /** Asks for what is not there yet, and puts what is there onto the canvas. */
  #draw(name: PlaneName): void {
    const { geometry, view: shown } = this;
    const view = this.#views.get(name);
    if (!geometry || !view || !shown) return;
    const key = `${depthOf(name, this.point)}/${this.slabMm}/${this.projection}`;
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
    const grey = greyOf(presentationOf(shown, this.#padding));
    const picture = context.createImageData(view.width, view.height);
    const words = new Uint32Array(picture.data.buffer);
    for (let index = 0; index < words.length; index += 1) {
      const value = cut.data[index] ?? Number.NaN;
      words[index] = Number.isNaN(value) ? 0xff000000 : (0xff000000 | (grey(value) * 0x010101)) >>> 0;
    }
    context.putImageData(picture, 0, 0);
  }

  #readValue(): void {
    const { geometry, point } = this;
    const key = point.join();
    if (!geometry || this.#asked.get('value') === key) return;
    this.#asked.set('value', key);
    this.#volume?.value(toVoxel(geometry, point), (value) => {
      this.read = { at: point, value };
    });
  }

  readonly #wheel = (event: WheelEvent, name: PlaneName): void => {
    event.preventDefault();
    event.stopPropagation();
    const pane = this.pane(name);
    if (event.ctrlKey && pane && event.currentTarget instanceof HTMLElement) {
      const { left, top } = event.currentTarget.getBoundingClientRect();
      const at = [event.clientX - left, event.clientY - top] as const;
      const factor = event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP;
      this.setZoom(name, zoomedAt(pane.view, pane.size, pane.zoom, factor, at));
      return;
    }
    this.#step(name, Math.sign(event.deltaY) * Math.max(1, Math.round(Math.abs(event.deltaY) / WHEEL_NOTCH)));
  };

  /** The volume's own step along a plane's normal, in mm: voxel by voxel where the plane lies along them. */
  #stepMm(name: PlaneName, { axes, spacingMm }: VolumeGeometry): number {
    const along = axes.map((axis) => Math.abs(dot(axis, DIRECTIONS[name].through)));
    return spacingMm[along.indexOf(Math.max(...along))] ?? 1;
  }

  #step(name: PlaneName, by: number): void {
    const view = this.#views.get(name);
    const { geometry } = this;
    if (!view || !geometry) return;
    const [least, most] = view.through;
    const before = depthOf(name, this.point);
    const after = Math.min(most, Math.max(least, before + by * this.#stepMm(name, geometry)));
    // What was begun in one plane must not end in another.
    if (this.draft?.plane === name) this.draft = undefined;
    this.point = add(this.point, scale(DIRECTIONS[name].through, after - before));
  }

  readonly #key = (event: KeyboardEvent): void => {
    const [target] = event.composedPath();
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key !== 'Escape' && target instanceof HTMLInputElement) return;
    const by = STEP_KEYS[event.key];
    const tool = TOOL_KEYS[event.key.toLowerCase()];
    if (event.key === 'Escape' && this.draft) this.draft = undefined;
    else if (event.key === 'Escape') this.close();
    else if (by !== undefined) this.#step(this.#last, by);
    else if (tool) this.take(tool);
    else if (event.key.toLowerCase() === 'f') this.fit();
    else if (event.key === 'Delete' || event.key === 'Backspace') this.measures = this.measures.slice(0, -1);
    else return;
    event.preventDefault();
    // The series behind stays where it is.
    event.stopPropagation();
  };
}
