import { html } from 'lit';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import type { JsonDataset } from '../dicom/json.ts';
import type { ObjectInstance, ObjectRenderer, ViewerContext, ViewerContribution } from '../extension/contract.ts';
import { isClass, isModel, isStructuredReport, isVideo, SOP } from './kinds.ts';
import { OverlayPanel } from './overlay/panel.ts';
import { OverlayStore } from './overlay/store.ts';
import { drawIcon } from './parts/icon.ts';
import { saveInstance } from './parts/save.ts';
import { openSurface, surfaceMessage } from './parts/surface.ts';
import { objectText } from './parts/texts.ts';
import { linkPresentationStates, PresentationStates } from './presentation/states.ts';

type Mount = ObjectRenderer['mount'];

/** A kind of object and where the code that shows it is: fetched when the first of its kind is opened. */
interface Kind {
  readonly id: string;
  readonly order?: number;
  readonly lastResort?: boolean;
  /** Frames that could be drawn one by one are shown by this all the same. */
  readonly beforeImages?: boolean;
  readonly matches: (dataset: JsonDataset) => boolean;
  readonly load: () => Promise<Mount>;
}

const kindsOf = (overlays: OverlayStore, states: PresentationStates): readonly Kind[] => [
  {
    id: 'sr',
    matches: isStructuredReport,
    load: async () => (await import('./sr/renderer.ts')).mountStructuredReport,
  },
  {
    id: 'key-objects',
    matches: isClass(SOP.keyObjects),
    load: async () => (await import('./key-objects/renderer.ts')).mountKeyObjects,
  },
  {
    id: 'presentation',
    matches: isClass(SOP.grayscalePresentation, SOP.colourPresentation),
    load: async () => (await import('./presentation/renderer.ts')).mountPresentation(states),
  },
  {
    id: 'overlay',
    matches: isClass(SOP.segmentation, SOP.labelMap, SOP.structureSet),
    load: async () => (await import('./overlay/renderer.ts')).mountOverlay(overlays),
  },
  {
    id: 'pdf',
    matches: isClass(SOP.pdf),
    load: async () => (await import('./document/pdf-renderer.ts')).mountPdf,
  },
  {
    id: 'cda',
    matches: isClass(SOP.cda),
    load: async () => (await import('./document/other-documents.ts')).mountCda,
  },
  {
    id: 'model',
    matches: isModel,
    load: async () => (await import('./document/other-documents.ts')).mountModel,
  },
  {
    id: 'video',
    matches: isVideo,
    beforeImages: true,
    load: async () => (await import('./video/renderer.ts')).mountVideo,
  },
  {
    id: 'slide',
    matches: isClass(SOP.wholeSlide),
    beforeImages: true,
    load: async () => (await import('./slide/renderer.ts')).mountSlide,
  },
  {
    id: 'other',
    // Whatever no renderer, ours or a plugin's, knows better.
    order: Number.MAX_SAFE_INTEGER,
    lastResort: true,
    matches: () => true,
    load: async () => (await import('./other/renderer.ts')).mountOther,
  },
];

/** The renderers of everything a study holds besides plain images, and what lies over images. */
export function contribute(viewer: ViewerContext): ViewerContribution {
  const overlays = new OverlayStore(viewer);
  const states = new PresentationStates(viewer);
  linkPresentationStates(viewer.element, states);
  const panel = new OverlayPanel(viewer, overlays, states);
  overlays.onChange = () => panel.update();
  states.onChange = () => panel.update();
  const ends = [
    viewer.on('rendered', ({ cell }) => void states.arrange(cell)),
    viewer.on('series', ({ cell }) => states.seriesChanged(cell)),
    viewer.on('active', () => panel.update()),
    viewer.on('study', () => panel.forget()),
    viewer.on('listed', () => states.relist()),
    viewer.on('closed', () => {
      overlays.clear();
      states.clear();
      panel.forget();
    }),
  ];
  return {
    renderers: kindsOf(overlays, states).map(toRenderer),
    layers: [overlays.layer, states.layer],
    panels: [panel],
    dispose() {
      for (const end of ends) end();
      overlays.clear();
      states.clear();
    },
  };
}

function toRenderer({ id, order, lastResort, beforeImages, matches, load }: Kind): ObjectRenderer {
  return {
    id: `objects.${id}`,
    order: order ?? 100,
    ...(lastResort ? { lastResort } : {}),
    ...(beforeImages ? { beforeImages } : {}),
    matches,
    async mount(host, instance, viewer) {
      try {
        return await (await load())(host, instance, viewer);
      } catch (error) {
        return showFailure(error, host, instance, viewer);
      }
    },
  };
}

/** What could not be opened says so in its place, and can still be downloaded. */
function showFailure(
  error: unknown,
  host: HTMLElement,
  instance: ObjectInstance,
  viewer: ViewerContext,
): { dispose(): void } {
  const { locale } = viewer;
  host.replaceChildren();
  const surface = openSurface(host, locale);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  surface.draw(
    surfaceMessage(
      objectText(locale, 'failed') + code,
      objectText(locale, 'failedHint'),
      html`<button type="button" class="bordered" @click=${() => void saveInstance(instance, viewer)}>
        ${drawIcon(download)}<span>${objectText(locale, 'download')}</span>
      </button>`,
    ),
  );
  return surface;
}
