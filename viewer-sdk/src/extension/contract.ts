import type { SVGTemplateResult, TemplateResult } from 'lit';
import type { DicomWebClient } from '../client/dicomweb-client.ts';
import type { Frame } from '../dicom/frame.ts';
import type { JsonDataset } from '../dicom/json.ts';
import type { PixelGrid, StackView, ViewState } from '../engine/contract.ts';
import type { Translate } from '../i18n/index.ts';
import type { OpenSeries } from '../session/study-session.ts';
import type { SeriesSummary, StudySummary } from '../session/summaries.ts';

/**
 * A place on a frame, in its pixels: x along a row, y down a column. (0, 0) is the outer corner of the first pixel, its middle is
 * (0.5, 0.5). The same on every screen, at every zoom: what is measured is kept in these.
 */
export type ImagePoint = readonly [x: number, y: number];
/** A place in a cell's image area, in CSS pixels from its upper left corner. */
export type ScreenPoint = readonly [x: number, y: number];

/** One image area of the viewer, with one series in it. */
export interface Cell {
  /** Stable while the layout stands. */
  readonly id: string;
  /** The patient's study the series belongs to; in comparisons, cells differ in it. */
  readonly study: StudySummary | undefined;
  readonly series: SeriesSummary | undefined;
  /** What is known of it: frames, and instances that are no pictures. */
  readonly open: OpenSeries | undefined;
  /** What is on the screen now; `undefined` while nothing of the wanted image is. */
  readonly view: ViewState | undefined;
  /** The engine's view, once the engine is there. */
  readonly stack: StackView | undefined;
  /** Size of the image area, in CSS pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** `undefined` while no image is on the screen. */
  toScreen(point: ImagePoint): ScreenPoint | undefined;
  toImage(point: ScreenPoint): ImagePoint | undefined;
  /**
   * The values of the frame on the screen after the modality transformation: Hounsfield units in a CT. None while it is shown subtracted:
   * they would not be what is seen.
   */
  pixels(): PixelGrid | undefined;
  /** Puts a frame of the series on the screen; out of range means the first or the last. */
  show(index: number): Promise<boolean>;
  /**
   * Opens another series, of this study or of another of the same patient. One that is on its way already is not read twice: the frame asked
   * for last counts.
   * @param at an instance (and frame, from 1) to begin with; `only` are the instances of the series that the cell is limited to
   * @returns when it is on the screen, or cannot be
   */
  openSeries(
    study: string,
    series: string,
    at?: { readonly instance: string; readonly frame?: number; readonly only?: readonly string[] },
  ): Promise<void>;
  /** Takes the series off the cell, which is empty then. @param why said in its place */
  clear(why?: string | ((locale: string) => string)): void;
  /** Draws the layers once more. */
  redraw(): void;
}

/** A pointer over a cell. */
export interface CellPointer {
  readonly cell: Cell;
  readonly screen: ScreenPoint;
  readonly image: ImagePoint;
  readonly event: PointerEvent;
}

/** What a tool does from a press to its release. */
export interface CellDrag {
  move(pointer: CellPointer): void;
  up(pointer: CellPointer): void;
  /** The press came to nothing: a second finger, Escape, another study. */
  cancel(): void;
}

/** What the left button, the pen or a finger does. */
export interface ViewerTool {
  /** Also the tool's name in the `toolset` attribute. */
  readonly id: string;
  /** CSS cursor over the image. */
  readonly cursor?: string;
  /** @returns what happens until the release; `undefined` leaves the press to the tool below, window and level */
  down(pointer: CellPointer): CellDrag | undefined;
  /** The pointer moves with no button pressed. */
  hover?(pointer: CellPointer): void;
  /** A double click or double tap. */
  doubleClick?(pointer: CellPointer): void;
  /** Escape with no button pressed: gives up what was begun by earlier clicks. @returns whether there was something to give up */
  escape?(): boolean;
  /** The tool was put down. */
  leave?(): void;
}

/** Something that is drawn over the image of a cell, in CSS pixels of its image area. */
export interface CellLayer {
  readonly id: string;
  /** Lower ones are drawn first. Image overlays 10, contours 20, localiser lines 30, measurements 40, magnifier 90. */
  readonly order: number;
  render(cell: Cell): SVGTemplateResult | undefined;
  /** Whether the press belongs to this layer (a handle, a text), before the active tool is asked. */
  grab?(pointer: CellPointer): CellDrag | undefined;
}

/** Something that a button, a menu entry or a key does. */
export interface ViewerCommand {
  readonly id: string;
  run(): void | Promise<void>;
  /** Pressed, for those that switch something. */
  readonly pressed?: () => boolean;
  readonly enabled?: () => boolean;
}

/** Where a button stands. `main` is the toolbar, `menu` its last button. What does not fit into the toolbar is in the menu, too. */
export interface ButtonDefinition {
  /** The id of a tool or of a command. */
  readonly id: string;
  readonly label: string | ((locale: string) => string);
  /** A name of the SDK's icon set, or the SVG markup of an icon of 24 × 24. */
  readonly icon: string;
  /** One letter, digit or named key, without modifiers, as in `KeyboardEvent.key`. */
  readonly shortcut?: string;
  readonly group: 'series' | 'navigate' | 'window' | 'measure' | 'mark' | 'play' | 'compare' | 'keep' | 'view';
  readonly place: 'main' | 'menu';
}

/** A panel at the right of the images. */
export interface ViewerPanel {
  readonly id: string;
  readonly label: string | ((locale: string) => string);
  readonly icon: string;
  render(): TemplateResult;
}

/** Shows instances that are no plain pictures, in the place of a cell's image. */
export interface ObjectRenderer {
  readonly id: string;
  /** Lower ones are asked first; the SDK's own are at 100. */
  readonly order?: number;
  matches(dataset: JsonDataset): boolean;
  /** Whether it shows only what no other renderer does: asked when every extension has come, or has failed. */
  readonly lastResort?: boolean;
  /** Whether it shows what it matches even where there are frames that could be shown as images: a video, say. */
  readonly beforeImages?: boolean;
  /**
   * Draws into `host`, which is empty and has a size.
   * @returns what to free when the cell shows something else
   */
  mount(
    host: HTMLElement,
    instance: ObjectInstance,
    viewer: ViewerContext,
  ): Promise<{ dispose(): void }> | { dispose(): void };
}

export interface ObjectInstance {
  /** Its metadata; bulk data by `viewer.client`. */
  readonly dataset: JsonDataset;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
}

/** The events between the viewer and its extensions. None of them leaves the element. */
export interface ViewerSignals {
  /** Another image, window, zoom: every time a cell is painted. */
  rendered: { readonly cell: Cell };
  /** Another series in a cell; its frames may not all be known yet. */
  series: { readonly cell: Cell };
  /** The study is open and its series are listed. */
  study: { readonly study: StudySummary; readonly series: readonly SeriesSummary[] };
  /** Everything was taken off the screen. */
  closed: Record<never, never>;
  /** Another cell is the active one. */
  active: { readonly cell: Cell };
  /** The study that is open was listed once more: it has other series. */
  listed: { readonly series: readonly SeriesSummary[] };
  /** The page names other studies to stand beside the first: the element's `compare`. */
  compare: Record<never, never>;
}

/** The viewer, as its extensions see it. Lives as long as the element. */
export interface ViewerContext {
  /** The element, for events that the page shall hear and for focus. */
  readonly element: HTMLElement;
  readonly t: Translate;
  readonly locale: string;
  readonly client: DicomWebClient | undefined;
  /** The study that the page asked for. */
  readonly study: StudySummary | undefined;
  /** The patient's studies known so far, newest first; `searchStudies` brings the others. */
  readonly studies: readonly StudySummary[];
  readonly seriesList: readonly SeriesSummary[];
  readonly cells: readonly Cell[];
  readonly active: Cell;
  /** Makes a cell the active one. */
  activate(cell: Cell): void;
  /** Looks for the patient's studies that the server lets this user see; they are in `studies` then. */
  searchStudies(): Promise<void>;
  /** Lists the series of the study that is open once more: something was stored. The list stays as it was where the server fails. */
  relist(): Promise<void>;
  /** The series of one of the patient's studies. @throws ViewerError VIEWER_PATIENT_MISMATCH for someone else's */
  listSeries(study: string): Promise<readonly SeriesSummary[]>;
  /** The active tool's id. */
  readonly tool: string;
  setTool(id: string): void;
  /** Runs a command by its id. */
  run(command: string): void;
  openPanel(id: string | undefined): void;
  on<K extends keyof ViewerSignals>(signal: K, listener: (detail: ViewerSignals[K]) => void): () => void;
  /** The element is drawn anew, toolbar and panels included. */
  requestUpdate(): void;
  /** Puts a frame of any open or openable series on the screen, in the active cell where none shows the series. */
  goTo(reference: ImageReference): Promise<Cell | undefined>;
  /** Asks in the viewer's own dialogue. @returns false when it was given up */
  confirm(question: { readonly title: string; readonly text: string; readonly yes: string }): Promise<boolean>;
  /** Asks for a line of text in the viewer's own dialogue. @returns `undefined` when it was given up */
  ask(question: {
    readonly title: string;
    readonly label: string;
    readonly value?: string;
    readonly yes: string;
  }): Promise<string | undefined>;
  /**
   * Puts an element over all images, in their place: three planes through a series, say. Whatever another extension showed so gives way.
   * @param removed called when it was taken away by others: everything was closed, or something else came
   * @returns what takes it away
   */
  showInstead(element: HTMLElement, removed?: () => void): () => void;
  /** A short line at the foot of the images, for what went well or did not. */
  notify(text: string, kind?: 'information' | 'done' | 'error'): void;
}

/** Names a frame, and how to look at it. */
export interface ImageReference {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  /** From 1. */
  readonly frame?: number;
  readonly window?: { readonly center: number; readonly width: number };
}

/** What an extension brings to one viewer. */
export interface ViewerContribution {
  readonly tools?: readonly ViewerTool[];
  readonly commands?: readonly ViewerCommand[];
  readonly layers?: readonly CellLayer[];
  readonly panels?: readonly ViewerPanel[];
  readonly renderers?: readonly ObjectRenderer[];
  /** How many images of each series, by its UID, are marked as worth seeing: shown in the list of series. */
  keyImages?(): ReadonlyMap<string, number>;
  /** Called when the viewer goes. */
  dispose?(): void;
}

/**
 * A part of the viewer. The buttons are known at once; the code behind them comes by `load`, after the first image is on the screen.
 * Registering an id twice is an error.
 */
export interface ViewerExtension {
  readonly id: string;
  readonly buttons?: readonly ButtonDefinition[];
  /** Called once for each viewer. */
  load(viewer: ViewerContext): Promise<ViewerContribution> | ViewerContribution;
}

export type { Frame };
