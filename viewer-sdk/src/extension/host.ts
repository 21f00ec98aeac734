import type {
  ButtonDefinition,
  CellLayer,
  ObjectRenderer,
  ViewerCommand,
  ViewerContext,
  ViewerContribution,
  ViewerExtension,
  ViewerPanel,
  ViewerTool,
} from './contract.ts';
import { onViewerExtensions, viewerExtensions } from './registry.ts';

/** The order of renderers that name none. */
const RENDERER_ORDER = 100;

export interface ExtensionHostListener {
  /** Buttons, tools, panels or layers came or went. */
  changed(): void;
  /** A part could not be loaded, or brought something that is there already; the others go on. */
  failed(extension: string, error: unknown): void;
}

/** The extensions of one viewer: what they brought, by kind. */
export class ExtensionHost {
  tools: ReadonlyMap<string, ViewerTool> = new Map();
  commands: ReadonlyMap<string, ViewerCommand> = new Map();
  layers: readonly CellLayer[] = [];
  panels: readonly ViewerPanel[] = [];
  renderers: readonly ObjectRenderer[] = [];
  readonly #context: ViewerContext;
  readonly #listener: ExtensionHostListener;
  /** Those registered that were asked to load. */
  readonly #asked = new Set<ViewerExtension>();
  /** Those on their way. */
  readonly #pending = new Set<ViewerExtension>();
  readonly #contributions = new Map<ViewerExtension, ViewerContribution>();
  readonly #stop: () => void;
  #disposed = false;

  constructor(context: ViewerContext, listener: ExtensionHostListener) {
    this.#context = context;
    this.#listener = listener;
    this.#stop = onViewerExtensions(() => {
      this.#follow();
      listener.changed();
    });
    this.#follow();
  }

  /** The buttons of every extension, whether it is loaded or not. */
  get buttons(): readonly ButtonDefinition[] {
    return viewerExtensions().flatMap(({ buttons }) => buttons ?? []);
  }

  /** Images marked as worth seeing, by series. */
  keyImages(): ReadonlyMap<string, number> {
    const all = new Map<string, number>();
    for (const contribution of this.#contributions.values())
      for (const [series, count] of contribution.keyImages?.() ?? []) all.set(series, (all.get(series) ?? 0) + count);
    return all;
  }

  /** Whether all extensions registered by now are there, or have failed. */
  get settled(): boolean {
    return this.#pending.size === 0;
  }

  dispose(): void {
    this.#disposed = true;
    this.#stop();
    for (const extension of [...this.#contributions.keys()]) this.#release(extension);
    this.#sort();
  }

  /** Loads what was registered, frees what was taken away. */
  #follow(): void {
    const registered = viewerExtensions();
    for (const extension of [...this.#asked])
      if (!registered.includes(extension)) {
        this.#asked.delete(extension);
        this.#pending.delete(extension);
        this.#release(extension);
      }
    for (const extension of registered) if (!this.#asked.has(extension)) void this.#load(extension);
    this.#sort();
  }

  async #load(extension: ViewerExtension): Promise<void> {
    this.#asked.add(extension);
    this.#pending.add(extension);
    await this.#bring(extension);
    this.#pending.delete(extension);
    // One that failed counts too: nothing better is to be expected then.
    if (!this.#disposed) this.#listener.changed();
  }

  async #bring(extension: ViewerExtension): Promise<void> {
    try {
      const contribution = await extension.load(this.#context);
      this.#contributions.set(extension, contribution);
      if (this.#disposed || !this.#asked.has(extension)) {
        this.#release(extension);
        return;
      }
      this.#refuseTwice(extension, contribution);
    } catch (error) {
      this.#release(extension);
      if (!this.#disposed) this.#listener.failed(extension.id, error);
      return;
    }
    this.#sort();
  }

  /** All or nothing: half an extension is harder to understand than none. */
  #refuseTwice(extension: ViewerExtension, contribution: ViewerContribution): void {
    const others = [...this.#contributions].filter(([other]) => other !== extension).map(([, other]) => other);
    const act = ({ tools = [], commands = [] }: ViewerContribution) => [...tools, ...commands];
    refuseTwice('tool or command', others.flatMap(act), act(contribution));
    for (const kind of ['layers', 'panels', 'renderers'] as const) {
      const entries = (of: ViewerContribution): readonly { readonly id: string }[] => of[kind] ?? [];
      refuseTwice(kind, others.flatMap(entries), entries(contribution));
    }
  }

  #sort(): void {
    // In the order of their registration, whichever code came first.
    const all = viewerExtensions().flatMap((extension) => this.#contributions.get(extension) ?? []);
    const order = (renderer: ObjectRenderer) => renderer.order ?? RENDERER_ORDER;
    this.tools = new Map(all.flatMap(({ tools = [] }) => tools.map((tool) => [tool.id, tool])));
    this.commands = new Map(all.flatMap(({ commands = [] }) => commands.map((command) => [command.id, command])));
    this.layers = all.flatMap(({ layers = [] }) => layers).sort((a, b) => a.order - b.order);
    this.panels = all.flatMap(({ panels = [] }) => panels);
    this.renderers = all.flatMap(({ renderers = [] }) => renderers).sort((a, b) => order(a) - order(b));
  }

  #release(extension: ViewerExtension): void {
    const contribution = this.#contributions.get(extension);
    this.#contributions.delete(extension);
    try {
      contribution?.dispose?.();
    } catch (error) {
      reportError(error);
    }
  }
}

/** @throws Error when one of the entries is there already */
function refuseTwice(
  kind: string,
  known: readonly { readonly id: string }[],
  entries: readonly { readonly id: string }[],
): void {
  const seen = new Set(known.map(({ id }) => id));
  for (const { id } of entries) {
    if (seen.has(id)) throw new Error(`the ${kind} ${id} exists already`);
    seen.add(id);
  }
}
