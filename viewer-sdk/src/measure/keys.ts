import type { Cell, ImagePoint, ViewerCommand } from '../extension/contract.ts';
import { copySelected, deleteSelected } from './commands.ts';
import type { MeasureSession } from './session.ts';
import { clamp, handlesOf, moveAll, moveHandle } from './shapes.ts';

const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const FAST_PIXELS = 10;

/**
 * The keys of measuring while an image area has the focus: Tab goes through the annotations and their handles, arrows move what was chosen
 * by one pixel, Delete deletes. They are heard before the viewer's own keys; what is not used here goes on to those.
 */
export class MeasureKeys {
  readonly #session: MeasureSession;
  readonly #commands: ReadonlyMap<string, ViewerCommand>;

  constructor(session: MeasureSession, commands: readonly ViewerCommand[]) {
    this.#session = session;
    this.#commands = new Map(commands.map((command) => [command.id, command]));
    session.viewer.element.addEventListener('keydown', this.#keydown, { capture: true });
  }

  dispose(): void {
    this.#session.viewer.element.removeEventListener('keydown', this.#keydown, { capture: true });
  }

  readonly #keydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || event.altKey || isInDialog(event)) return;
    const used = event.ctrlKey || event.metaKey ? this.#withControl(event) : this.#plain(event);
    if (!used) return;
    event.preventDefault();
    event.stopPropagation();
  };

  #withControl(event: KeyboardEvent): boolean {
    if (isField(event)) return false;
    const key = event.key.toLowerCase();
    if (key === 'c' && !event.shiftKey) return this.#copy();
    if (key === 'z') return this.#run(event.shiftKey ? 'redo' : 'undo');
    return key === 'y' && !event.shiftKey && this.#run('redo');
  }

  #copy(): boolean {
    // Text that somebody has marked is what he wants to copy.
    if (!this.#session.selected || !document.getSelection()?.isCollapsed) return false;
    void copySelected(this.#session);
    return true;
  }

  /** The viewer keeps the key to itself even when there is nothing to undo: the page's own undo is something else. */
  #run(id: string): boolean {
    const command = this.#commands.get(id);
    if (command?.enabled?.() !== false) void command?.run();
    return command !== undefined;
  }

  #plain(event: KeyboardEvent): boolean {
    if (!isImageArea(event)) return false;
    const session = this.#session;
    const { selected, selection } = session;
    const cell = selected && session.cellOf(selected);
    if (event.key === 'Tab') return this.#next(event.shiftKey ? -1 : 1);
    if (!selected || !selection || !cell || session.hidden) return false;
    if (event.key === 'Delete' || event.key === 'Backspace') {
      deleteSelected(session);
      return true;
    }
    if (event.key === 'Escape' && !session.draft) {
      session.select(undefined);
      return true;
    }
    const direction = Object.hasOwn(ARROWS, event.key) ? ARROWS[event.key] : undefined;
    if (!direction || (selection.handle === undefined && !selection.byKeyboard)) return false;
    this.#nudge(cell, direction, event.shiftKey ? FAST_PIXELS : 1);
    return true;
  }

  /** One pixel of the image, in the direction of the key as the image lies on the screen. */
  #nudge(cell: Cell, [x, y]: readonly [number, number], pixels: number): void {
    const { selected, selection, store } = this.#session;
    const { view } = cell;
    if (!selected || !selection || !view) return;
    const { right, down } = view.screen;
    const by: ImagePoint = [(x * right[0] + y * down[0]) * pixels, (x * right[1] + y * down[1]) * pixels];
    const size = view.frame.pixels;
    const handle = selection.handle === undefined ? undefined : handlesOf(selected)[selection.handle];
    const points =
      handle && selection.handle !== undefined
        ? moveHandle(selected, selection.handle, clamp([handle[0] + by[0], handle[1] + by[1]], size))
        : moveAll(selected.points, by, size);
    store.replace({ ...selected, points }, `nudge ${selected.id} ${selection.handle}`);
  }

  /** Each annotation of the active image, then its handles; after the last one, Tab goes on to the page. */
  #next(by: 1 | -1): boolean {
    const session = this.#session;
    const { active } = session.viewer;
    const stops = session
      .shownIn(active)
      .flatMap((annotation) => [
        { id: annotation.id, handle: undefined as number | undefined },
        ...handlesOf(annotation).map((_, handle) => ({ id: annotation.id, handle })),
      ]);
    const { selection } = session;
    const at = stops.findIndex(({ id, handle }) => id === selection?.id && handle === selection.handle);
    const next = at < 0 ? (by > 0 ? stops[0] : stops.at(-1)) : stops[at + by];
    if (!next) {
      if (selection) session.select(undefined);
      return false;
    }
    session.select(next.id, next.handle, true);
    return true;
  }
}

const isField = (event: KeyboardEvent): boolean => {
  const [target] = event.composedPath();
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName))
  );
};

const isInDialog = (event: KeyboardEvent): boolean =>
  event.composedPath().some((node) => node instanceof Element && node.getAttribute('role') === 'dialog');

/** Only where images are: arrows on the scroll bar and Delete in a list are theirs. */
const isImageArea = (event: KeyboardEvent): boolean => {
  const [target] = event.composedPath();
  return target instanceof Element && target.closest('[part~="image"]') !== null;
};
