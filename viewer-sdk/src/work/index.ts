import { html } from 'lit';
import panelIcon from 'lucide-static/dist/esm/icons/archive.mjs';
import printIcon from 'lucide-static/dist/esm/icons/printer.mjs';
import exportIcon from 'lucide-static/dist/esm/icons/share.mjs';
import type { ViewerContext, ViewerContribution } from '../extension/contract.ts';
import { EXPORT_PANEL, PRINT_PANEL, WORK_PANEL, workCommands } from './commands.ts';
import { FilmlessWorkExport } from './export/export-panel.ts';
import { OthersLayer } from './panel/others-layer.ts';
import { FilmlessWorkPanel } from './panel/work-panel.ts';
import { FilmlessWorkPrint } from './print/print-panel.ts';
import { WorkSession } from './session/work-session.ts';
import { workText } from './texts.ts';

const ELEMENTS = {
  'filmless-work-panel': FilmlessWorkPanel,
  'filmless-work-export': FilmlessWorkExport,
  'filmless-work-print': FilmlessWorkPrint,
} as const;

/** Work that is kept: measurements, key images and presentation states in the archive; export and printing. */
export function openWork(viewer: ViewerContext): ViewerContribution {
  for (const [name, element] of Object.entries(ELEMENTS))
    if (!customElements.get(name)) customElements.define(name, element);
  const session = new WorkSession(viewer);
  return {
    commands: workCommands(session),
    layers: [new OthersLayer(session)],
    panels: [
      {
        id: WORK_PANEL,
        label: (locale) => workText(locale, 'panel.title'),
        icon: panelIcon,
        render: () => html`<filmless-work-panel .session=${session}></filmless-work-panel>`,
      },
      {
        id: EXPORT_PANEL,
        label: (locale) => workText(locale, 'export.title'),
        icon: exportIcon,
        render: () => html`<filmless-work-export .session=${session}></filmless-work-export>`,
      },
      {
        id: PRINT_PANEL,
        label: (locale) => workText(locale, 'print.title'),
        icon: printIcon,
        render: () => html`<filmless-work-print .session=${session}></filmless-work-print>`,
      },
    ],
    keyImages: () => new Map(session.studies.flatMap((work) => [...work.keyImages()])),
    dispose: () => session.dispose(),
  };
}
