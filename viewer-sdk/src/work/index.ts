import { html } from 'lit';
import panelIcon from 'lucide-static/dist/esm/icons/archive.mjs';
import type { ViewerContext, ViewerContribution } from '../extension/contract.ts';
import { WORK_PANEL, workCommands } from './commands.ts';
import { FilmlessWorkPanel } from './panel/work-panel.ts';
import { WorkSession } from './session/work-session.ts';
import { workText } from './texts.ts';

/** Work that is kept: measurements, key images and presentation states in the archive; export and printing. */
export function openWork(viewer: ViewerContext): ViewerContribution {
  if (!customElements.get('filmless-work-panel')) customElements.define('filmless-work-panel', FilmlessWorkPanel);
  const session = new WorkSession(viewer);
  return {
    commands: workCommands(session),
    panels: [
      {
        id: WORK_PANEL,
        label: (locale) => workText(locale, 'panel.title'),
        icon: panelIcon,
        render: () => html`<filmless-work-panel .session=${session}></filmless-work-panel>`,
      },
    ],
    dispose: () => session.dispose(),
  };
}
