/** The engine's bundle: Cornerstone3D behind the contract of `contract.ts`. Loaded on demand, after something is on the screen already. */
import {
  cache,
  Enums,
  eventTarget,
  getShouldUseCPURendering,
  init,
  metaData,
  RenderingEngine,
  registerImageLoader,
  StackViewport,
  setUseCPURendering,
  type Types,
} from '@cornerstonejs/core';
import { PRIORITY } from '../client/request-queue.ts';
import { hasGraphicsHardware } from '../graphics.ts';
import { ENGINE_CONTRACT, type Engine, type EngineMemory, type EngineOptions, type StackView } from './contract.ts';
import { DecodePool } from './decode-pool.ts';
import { FrameStore, SCHEME } from './frame-store.ts';
import { PageMemory } from './memory.ts';
import { metadataModule } from './metadata-provider.ts';
import { WorkerPartReader } from './part-reader.ts';
import { CornerstoneStackView } from './stack-view.ts';
import { SUBTRACTED, subtractedFrame } from './subtraction.ts';

export const contract = ENGINE_CONTRACT;

/** More contexts than this and browsers begin to take them away from each other. */
const WEBGL_CONTEXTS = 2;
const MEGABYTE = 1024 ** 2;
/** Decoded pixels kept for all viewers of a page: ward PCs with little memory keep less. */
const CACHE_BYTES = 1024 * MEGABYTE;
const SMALL_CACHE_BYTES = 512 * MEGABYTE;
const SMALL_MEMORY_GIB = 4;
/** The cache is filled to this share by prefetching; the rest is for what the user jumps to. */
const PREFETCH_SHARE = 0.8;

let opened: Promise<Engine> | undefined;
let pageMemory: PageMemory | undefined;

/** The page's engine; the first caller's options count. */
export function openEngine(options: EngineOptions): Promise<Engine> {
  opened ??= open(options);
  return opened;
}

/** What is kept at the moment. */
export function memory(): EngineMemory {
  const reserved = pageMemory?.reservedBytes ?? 0;
  return { bytes: cache.getCacheSize() + reserved, mostBytes: pageMemory?.mostBytes ?? cache.getMaxCacheSize() };
}

async function open({ assetBase, cacheMegabytes, drawing }: EngineOptions): Promise<Engine> {
  // Without a look at the graphics hardware: the browser's first WebGL context takes long where there is none.
  if (drawing === 'processor' || (drawing === 'auto' && !hasGraphicsHardware())) setUseCPURendering(true);
  else init({ rendering: { webGlContextCount: WEBGL_CONTEXTS } } as Types.Cornerstone3DConfig);
  const memoryGiB = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : undefined;
  const usual = memoryGiB !== undefined && memoryGiB <= SMALL_MEMORY_GIB ? SMALL_CACHE_BYTES : CACHE_BYTES;
  const cacheBytes = cacheMegabytes === undefined ? usual : cacheMegabytes * MEGABYTE;
  const memoryOfPage = new PageMemory(cacheBytes, (frameBytes) => {
    cache.setMaxCacheSize(frameBytes);
    // What was used longest ago goes until it fits.
    cache.decacheIfNecessaryUntilBytesAvailable(0);
  });
  pageMemory = memoryOfPage;
  const cpu = getShouldUseCPURendering();
  const decodeBase = new URL('decode/', assetBase).href;
  const pool = new DecodePool(new URL('decode-worker.js', decodeBase).href);
  const reader = new WorkerPartReader(new URL('reader-worker.js', decodeBase).href);
  const store = new FrameStore(pool, reader, decodeBase, cpu);
  metaData.addProvider((kind: string, imageId: unknown) => {
    if (typeof imageId !== 'string') return undefined;
    const frame = imageId.startsWith(`${SUBTRACTED}:`)
      ? subtractedFrame(imageId)
      : imageId.startsWith(`${SCHEME}:`)
        ? store.frame(imageId)
        : undefined;
    return frame && metadataModule(kind, frame);
  }, 10_000);
  const forever = new AbortController().signal;
  registerImageLoader(SCHEME, (imageId: string) => ({ promise: store.load(imageId, PRIORITY.now, forever) }));
  const rendering = new RenderingEngine('filmless');
  const views = new Set<StackView>();
  let created = 0;
  const resizeAll = () => {
    rendering.resize(false, true);
    // Cornerstone moves every camera when one element changes its size.
    for (const view of views) view.resize();
  };
  const observer = new ResizeObserver(resizeAll);
  eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_RESTORED, resizeAll);
  // The cache drops what was used longest ago. What is on the screen is in use, however long it has been there.
  eventTarget.addEventListener(Enums.Events.IMAGE_CACHE_IMAGE_ADDED, () => {
    for (const viewport of rendering.getViewports()) {
      const imageId = viewport instanceof StackViewport ? viewport.getCurrentImageId() : undefined;
      // Looking it up is using it.
      if (imageId) cache.getImageLoadObject(imageId);
    }
  });
  return {
    rendering: cpu ? 'cpu' : 'gpu',
    createView(element: HTMLDivElement): StackView {
      created += 1;
      const view = new CornerstoneStackView({
        id: `filmless-${created}`,
        element,
        store,
        rendering,
        cpu,
        memory: memoryOfPage,
        budgetBytes: () => (memoryOfPage.frameBytes * PREFETCH_SHARE) / Math.max(1, views.size),
        onDispose: () => {
          views.delete(view);
          observer.unobserve(element);
        },
      });
      views.add(view);
      observer.observe(element);
      return view;
    },
  };
}
