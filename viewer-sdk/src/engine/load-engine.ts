import { ViewerError } from '../errors.ts';
import { ENGINE_CONTRACT, type Engine, type EngineModule, type EngineOptions } from './contract.ts';

/** Replaced by the build; tells browsers of a new version. */
declare const __FILMLESS_VERSION__: string | undefined;

const version = typeof __FILMLESS_VERSION__ === 'string' ? __FILMLESS_VERSION__ : '0';

const engineUrl = (assetBase: string): string =>
  new URL(`filmless-engine.js?v=${encodeURIComponent(version)}`, assetBase).href;

/** How an engine is had; tests put their own in its place. */
export interface EngineLoader {
  (options: EngineOptions): Promise<Engine>;
  /** Says that the engine will be wanted. */
  readonly preload?: (assetBase: string) => void;
}

/** Starts the download of the engine, without running it: the picture on the screen comes first. */
function preloadEngine(assetBase: string): void {
  const href = engineUrl(assetBase);
  if (document.head.querySelector(`link[rel="modulepreload"][href="${CSS.escape(href)}"]`)) return;
  const link = document.createElement('link');
  link.rel = 'modulepreload';
  link.href = href;
  document.head.append(link);
}

async function importEngine(options: EngineOptions): Promise<Engine> {
  try {
    const module = (await import(engineUrl(options.assetBase))) as EngineModule;
    if (module.contract !== ENGINE_CONTRACT)
      throw new Error(`engine contract ${module.contract}, expected ${ENGINE_CONTRACT}`);
    return await module.openEngine(options);
  } catch (error) {
    throw new ViewerError('VIEWER_ENGINE_FAILED', error instanceof Error ? error.message : undefined, { cause: error });
  }
}

/** Loads and starts the page's engine. @throws ViewerError VIEWER_ENGINE_FAILED */
export const loadEngine: EngineLoader = Object.assign(importEngine, { preload: preloadEngine });
