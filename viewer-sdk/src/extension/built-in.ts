import { COMPARE_BUTTONS } from '../compare/buttons.ts';
import { IMAGE_TOOLS_BUTTONS } from '../image-tools/buttons.ts';
import { MEASURE_BUTTONS } from '../measure/buttons.ts';
import { WORK_BUTTONS } from '../work/buttons.ts';
import type { ViewerExtension } from './contract.ts';
import { pluginsExtension } from './plugins.ts';
import { registerOwnExtension } from './registry.ts';

/**
 * The SDK's own extensions, in the order of their buttons. Each names its buttons here and brings its code by `load`:
 * `load: async (viewer) => (await import('../measure/index.ts')).openMeasure(viewer)`.
 */
const BUILT_IN: readonly ViewerExtension[] = [
  {
    id: 'measure',
    buttons: MEASURE_BUTTONS,
    load: async (viewer) => (await import('../measure/index.ts')).openMeasure(viewer),
  },
  {
    id: 'compare',
    buttons: COMPARE_BUTTONS,
    load: async (viewer) => (await import('../compare/index.ts')).openCompare(viewer),
  },
  {
    id: 'image-tools',
    buttons: IMAGE_TOOLS_BUTTONS,
    load: async (viewer) => (await import('../image-tools/index.ts')).openImageTools(viewer),
  },
  { id: 'work', buttons: WORK_BUTTONS, load: async (viewer) => (await import('../work/index.ts')).openWork(viewer) },
  { id: 'report', load: async (viewer) => (await import('../report/index.ts')).openReport(viewer) },
  // What a study holds besides images: each kind's code is fetched when the first such object is opened.
  { id: 'objects', load: async (viewer) => (await import('../objects/contribute.ts')).contribute(viewer) },
  pluginsExtension,
];

let registered = false;

/** Registers them; once a page. */
export function registerBuiltIns(): void {
  if (registered) return;
  registered = true;
  for (const extension of BUILT_IN) registerOwnExtension(extension);
}
