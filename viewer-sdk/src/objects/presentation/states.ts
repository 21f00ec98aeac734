import type { Cell, CellLayer, ImageReference, ViewerContext } from '../../extension/contract.ts';
import { annotationsOf } from '../../measure/store.ts';
import { isClass, SOP } from '../kinds.ts';
import { overlayTextOf } from '../overlay/texts.ts';
import { applyArea, applyLook, partsFor } from './apply.ts';
import { drawState } from './draw.ts';
import { firstImage, isFor, type PresentationState, readPresentationState } from './read.ts';

interface Active {
  readonly state: PresentationState;
  /** What the stack shows now was arranged for this part of the state. */
  arranged: string;
}

/** The presentation states of one viewer's study, and which cell is looked at through which. */
export class PresentationStates {
  onChange: (() => void) | undefined;
  readonly layer: CellLayer;
  readonly #viewer: ViewerContext;
  #listed: Promise<readonly PresentationState[]> | undefined;
  #known: readonly PresentationState[] = [];
  readonly #active = new Map<string, Active>();
  #controller = new AbortController();

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
    this.layer = {
      id: 'objects.presentation',
      order: 25,
      render: (cell) => {
        const active = this.#active.get(cell.id);
        if (!active || !cell.view) return undefined;
        return drawState(active.state, cell.view, annotationsOf(viewer.element).ofFrame(cell.view.frame));
      },
    };
  }

  get known(): readonly PresentationState[] {
    return this.#known;
  }

  activeOf(cell: Cell): PresentationState | undefined {
    return this.#active.get(cell.id)?.state;
  }

  isForCell(state: PresentationState, cell: Cell): boolean {
    const frame = cell.view?.frame;
    return frame !== undefined && isFor(state, frame.SOPInstanceUID, frame.frameNumber);
  }

  /** Reads the study's states, once. */
  list(): Promise<readonly PresentationState[]> {
    this.#listed ??= this.#read();
    return this.#listed;
  }

  /** Other series were stored: the states that are known may not be all. */
  relist(): void {
    if (!this.#listed) return;
    this.#listed = undefined;
    void this.list();
  }

  /** Shows an image through a state, its first one when none is named. @returns whether the image could be had */
  async open(state: PresentationState, reference: ImageReference | undefined = firstImage(state)): Promise<boolean> {
    const cell = reference && (await this.#viewer.goTo(reference));
    if (!cell) return false;
    await this.choose(cell, state);
    return true;
  }

  /** Looks at a cell through a state, or as the file has it. */
  async choose(cell: Cell, state: PresentationState | undefined): Promise<void> {
    if (!state) {
      if (this.#active.delete(cell.id)) cell.stack?.reset();
    } else {
      this.#active.set(cell.id, { state, arranged: '' });
      await this.arrange(cell);
      this.#tellLimits(state, cell);
    }
    cell.redraw();
    this.onChange?.();
  }

  /** What somebody meant to be seen and cannot be is told: nobody takes the rest for all of it. */
  #tellLimits(state: PresentationState, { view }: Cell): void {
    if (!view) return;
    const { SOPInstanceUID, frameNumber } = view.frame;
    const here = state.annotations.filter((annotation) => isFor(annotation, SOPInstanceUID, frameNumber));
    const count = here.reduce((sum, { undrawn }) => sum + undrawn, 0);
    const { locale } = this.#viewer;
    const limits = [
      count > 0 ? overlayTextOf(locale, 'undrawn', { count }) : '',
      // Browsers do not know how large a screen's pixels are.
      partsFor(state, view.frame).area?.mode === 'TRUE SIZE' ? overlayTextOf(locale, 'trueSize') : '',
    ].filter(Boolean);
    if (limits.length > 0) this.#viewer.notify(limits.join(' '));
  }

  /** Another image is on the screen: it may have a window or an area of its own. */
  async arrange(cell: Cell): Promise<void> {
    const active = this.#active.get(cell.id);
    const { view, stack } = cell;
    if (!active || !view || !stack || !this.isForCell(active.state, cell)) return;
    const { voi, area } = partsFor(active.state, view.frame);
    const place = <T>(parts: readonly T[], part: T | undefined) => (part === undefined ? -1 : parts.indexOf(part));
    const key = `${place(active.state.vois, voi)}/${place(active.state.areas, area)}/${cell.series?.SeriesInstanceUID}`;
    if (active.arranged === key) return;
    active.arranged = key;
    await applyLook(active.state, view.frame, stack, this.#viewer.client);
    if (!area || this.#active.get(cell.id) !== active) return;
    // The area is placed on the image as it is turned now.
    await nextPaint();
    if (cell.view && this.#active.get(cell.id) === active) applyArea(area, cell.view, stack, cell.size);
  }

  /** Other images are in the cell: a state is for those it was chosen for. */
  seriesChanged(cell: Cell): void {
    const active = this.#active.get(cell.id);
    const series = cell.series?.SeriesInstanceUID;
    if (active && series && ![...active.state.series.values()].includes(series)) this.#active.delete(cell.id);
    this.onChange?.();
  }

  clear(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#active.clear();
    this.#listed = undefined;
    this.#known = [];
    this.onChange?.();
  }

  async #read(): Promise<readonly PresentationState[]> {
    const { client, study, seriesList } = this.#viewer;
    const { signal } = this.#controller;
    if (!client || !study) return [];
    const series = seriesList.filter(({ modality }) => modality === 'PR');
    const datasets = await Promise.all(
      series.map(({ SeriesInstanceUID }) =>
        client.seriesMetadata(study.StudyInstanceUID, SeriesInstanceUID, { signal }).catch(() => []),
      ),
    );
    if (signal.aborted) return [];
    const isState = isClass(SOP.grayscalePresentation, SOP.colourPresentation);
    this.#known = datasets.flat().filter(isState).map(readPresentationState);
    this.onChange?.();
    return this.#known;
  }
}

const ofViewers = new WeakMap<object, PresentationStates>();

/** The presentation states of a viewer, once its part for objects is there. @param element the viewer's element */
export const presentationStatesOf = (element: object): PresentationStates | undefined => ofViewers.get(element);

export function linkPresentationStates(element: object, states: PresentationStates): void {
  ofViewers.set(element, states);
}

const nextPaint = (): Promise<void> =>
  new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
