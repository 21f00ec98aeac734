import { assetBase } from '../client/asset-base.ts';
import type { ViewerContext, ViewerContribution, ViewerExtension } from '../extension/contract.ts';

/** Replaced by the build; tells browsers of a new version. */
declare const __FILMLESS_VERSION__: string | undefined;
const version = typeof __FILMLESS_VERSION__ === 'string' ? __FILMLESS_VERSION__ : '0';

/** The face of `objects/objects.js`. */
interface ObjectsModule {
  contribute(viewer: ViewerContext): ViewerContribution;
}

/** Reports, documents, key objects, presentation states, segmentations, films: everything a study holds besides plain images. */
export const objectsExtension: ViewerExtension = {
  id: 'objects',
  async load(viewer) {
    const url = new URL(
      `objects/objects.js?v=${encodeURIComponent(version)}`,
      assetBase(viewer.client?.urls.server ?? document.baseURI),
    );
    const module = (await import(url.href)) as ObjectsModule;
    return module.contribute(viewer);
  },
};
