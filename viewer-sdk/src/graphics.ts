/** Renderers that imitate graphics hardware on the processor: SwiftShader, Mesa's, and Windows' own (WARP). */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const STORAGE_KEY = 'filmless.graphics';
const DAY_MS = 86_400_000;

export interface Graphics {
  /** The renderer's name as the browser tells it. */
  readonly renderer: string;
  /** Longest side of a texture, in pixels. */
  readonly maxTexture: number;
  readonly software: boolean;
}

/** What draws WebGL here; `undefined` where there is no WebGL 2. */
export function readGraphics(): Graphics | undefined {
  const context = document.createElement('canvas').getContext('webgl2');
  if (!context) return undefined;
  const names = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(context.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  const maxTexture = Number(context.getParameter(context.MAX_TEXTURE_SIZE));
  // One of the few contexts that a browser allows: given back at once.
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return { renderer, maxTexture, software: SOFTWARE.test(renderer) };
}

/** Whether WebGL is quicker here than the processor. Remembered for a day: asking starts the browser's graphics, half a second where they are imitated. */
export function hasGraphicsHardware(): boolean {
  const remembered = recall();
  if (remembered !== undefined) return remembered;
  const hardware = readGraphics()?.software === false;
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify({ hardware, readAt: Date.now() }));
  } catch {
    // Pages in a sandbox have no storage: these ask each time.
  }
  return hardware;
}

function recall(): boolean | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null');
    if (typeof kept !== 'object' || kept === null || !('hardware' in kept) || !('readAt' in kept)) return undefined;
    const age = Date.now() - Number(kept.readAt);
    return typeof kept.hardware === 'boolean' && age >= 0 && age < DAY_MS ? kept.hardware : undefined;
  } catch {
    return undefined;
  }
}
