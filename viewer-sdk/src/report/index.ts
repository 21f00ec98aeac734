import { html } from 'lit';
import icon from 'lucide-static/dist/esm/icons/file-text.mjs';
import type { ViewerContext, ViewerContribution } from '../extension/contract.ts';
import { linkViewer } from './context.ts';
import { defineReport } from './define.ts';
import { reportText } from './texts.ts';

/** The study's report as a panel of the viewer. */
export function openReport(viewer: ViewerContext): ViewerContribution {
  defineReport();
  linkViewer(viewer);
  return {
    panels: [
      {
        id: 'report',
        label: (locale) => reportText(locale, 'report'),
        icon,
        render: () => {
          // The report of what is looked at: in comparisons, the active cell's study.
          const study = viewer.active.study ?? viewer.study;
          return html`<filmless-report
            .style=${'block-size: 100%'}
            .viewer=${viewer}
            .study=${study?.StudyInstanceUID ?? ''}
            .patient=${study?.patientId ?? ''}
            .locale=${viewer.locale}
            theme=${viewer.element.getAttribute('theme') === 'light' ? 'light' : 'dark'}
          ></filmless-report>`;
        },
      },
    ],
  };
}
