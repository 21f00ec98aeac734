import { type SVGTemplateResult, svg } from 'lit';
import type { Cell, CellLayer, ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { isClass, SOP } from '../kinds.ts';
import type { LoadedOverlay, OverlayPart } from './loaded.ts';

/** An overlay and how it is looked at. */
export interface ShownOverlay {
  readonly overlay: LoadedOverlay;
  readonly hidden: Set<string>;
  /** 0 to 1. */
  opacity: number;
}

/** The segmentations and structure sets of one viewer, drawn over the images they belong to. */
export class OverlayStore {
  /** Something came, went or is looked at in another way. */
  onChange: (() => void) | undefined;
  readonly layer: CellLayer;
  readonly #viewer: ViewerContext;
  readonly #shown = new Map<string, ShownOverlay>();
  #controller = new AbortController();

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
    this.layer = { id: 'objects.overlays', order: 20, render: (cell) => this.#draw(cell) };
  }

  get shown(): readonly ShownOverlay[] {
    return [...this.#shown.values()];
  }

  /** Loads an object, once. @throws Error when it cannot be had or is not what it says */
  async load(instance: ObjectInstance): Promise<LoadedOverlay> {
    const known = this.#shown.get(instance.SOPInstanceUID);
    if (known) return known.overlay;
    const { client, locale } = this.#viewer;
    const { signal } = this.#controller;
    if (!client) throw new Error('no server');
    let overlay: LoadedOverlay;
    if (isClass(SOP.structureSet)(instance.dataset)) {
      const { StructureSetOverlay } = await import('./structure-set.ts');
      overlay = await StructureSetOverlay.load(instance, client, signal);
    } else {
      const { SegmentationOverlay } = await import('./segmentation.ts');
      overlay = await SegmentationOverlay.load(instance, client, locale, signal);
    }
    // Another study may be open by now.
    signal.throwIfAborted();
    this.#shown.set(overlay.id, { overlay, hidden: new Set(), opacity: 1 });
    this.changed();
    return overlay;
  }

  remove(id: string): void {
    this.#shown.get(id)?.overlay.dispose();
    this.#shown.delete(id);
    this.changed();
  }

  toggle(shown: ShownOverlay, part: OverlayPart): void {
    if (!shown.hidden.delete(part.key)) shown.hidden.add(part.key);
    this.changed();
  }

  setOpacity(shown: ShownOverlay, opacity: number): void {
    shown.opacity = opacity;
    this.changed();
  }

  /** Everything belongs to the patient whose study was open: it goes with it. */
  clear(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
    for (const { overlay } of this.#shown.values()) overlay.dispose();
    this.#shown.clear();
    this.onChange?.();
  }

  changed(): void {
    for (const cell of this.#viewer.cells) cell.redraw();
    this.onChange?.();
  }

  #draw(cell: Cell): SVGTemplateResult | undefined {
    const { view } = cell;
    if (!view || this.#shown.size === 0) return undefined;
    const drawn = this.shown.flatMap(({ overlay, hidden, opacity }) => {
      const parts = overlay.parts.flatMap((part) => {
        if (hidden.has(part.key)) return [];
        return overlay.draw(view.frame, part, view.toScreen, () => cell.redraw()) ?? [];
      });
      return parts.length > 0 ? [svg`<g opacity=${opacity} data-overlay=${overlay.id}>${parts}</g>`] : [];
    });
    return drawn.length > 0 ? svg`${drawn}` : undefined;
  }
}
