import type { ViewerContext, ViewerContribution } from '../extension/contract.ts';
import { CinePlayer } from './cine/cine-player.ts';
import { OverlayPlanes, shutterLayer } from './image-layers.ts';
import { Magnifier } from './magnifier.ts';
import type { MprMode } from './mpr/open-mpr.ts';
import { imageToolsPanels } from './panels.ts';
import { ShiftTool, SubtractionLabel } from './subtraction/shift-tool.ts';
import { SubtractionSession } from './subtraction/subtraction-session.ts';
import { imageToolsText } from './texts.ts';

/** What is done with the pixels of an image, for one viewer: curve, lens, overlays, shutters, subtraction, cine. */
export function openImageTools(viewer: ViewerContext): ViewerContribution {
  const magnifier = new Magnifier(viewer);
  const planes = new OverlayPlanes(viewer);
  const player = new CinePlayer(viewer);
  const subtraction = new SubtractionSession(viewer);
  // Its code comes when it is first wanted.
  let mpr: MprMode | undefined;
  const openMpr = async (): Promise<void> => {
    const { MprMode: Mode } = await import('./mpr/open-mpr.ts');
    mpr ??= new Mode(viewer);
    mpr.toggle();
  };
  const ends = [
    viewer.on('closed', () => {
      magnifier.leave();
      planes.clear();
      player.forget();
      subtraction.clear();
      mpr?.close();
    }),
    // Three planes of one series would lie over another one.
    viewer.on('series', ({ cell }) => mpr?.seriesChanged(cell)),
    viewer.on('rendered', subtraction.rendered),
  ];
  return {
    tools: [magnifier, new ShiftTool(subtraction)],
    layers: [shutterLayer, planes.shutter, planes, new SubtractionLabel(viewer, subtraction), magnifier],
    panels: imageToolsPanels(viewer, player, subtraction),
    commands: [
      { id: 'toneCurve', run: () => viewer.openPanel('toneCurve'), enabled: () => viewer.active.view !== undefined },
      {
        id: 'mpr',
        run: openMpr,
        pressed: () => mpr?.isOpen ?? false,
        enabled: () => (viewer.active.open?.frames.length ?? 0) > 1 && viewer.active.view !== undefined,
      },
      // The button is the viewer's own: what it does is here, and the panel shows the same.
      {
        id: 'play',
        run: () => player.toggle(),
        pressed: () => player.playing,
        enabled: () => (viewer.active.open?.frames.length ?? 0) > 1 && viewer.active.view !== undefined,
      },
      { id: 'cinePanel', run: () => viewer.openPanel('cinePanel'), enabled: () => !!player.run(viewer.active) },
      {
        id: 'overlayPlanes',
        run: () => {
          planes.shown = !planes.shown;
          viewer.notify(imageToolsText(viewer.locale, planes.shown ? 'planes.on' : 'planes.off'));
          viewer.requestUpdate();
        },
        pressed: () => planes.shown,
        enabled: () => planes.available(viewer.active),
      },
      {
        id: 'subtraction',
        run: () => {
          subtraction.toggle(viewer.active);
          if (subtraction.isOn(viewer.active)) viewer.openPanel('subtraction');
        },
        pressed: () => subtraction.isOn(viewer.active),
        enabled: () => subtraction.available(viewer.active),
      },
    ],
    dispose() {
      for (const end of ends) end();
      planes.clear();
      player.stop();
      mpr?.close();
    },
  };
}
