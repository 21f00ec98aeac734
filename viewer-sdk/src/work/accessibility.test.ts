import { expect } from 'chai';
import { ctInstance, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { type Mounted, mountViewer } from '../testing/mount.ts';
import { json, StubServer, serveStudy } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';
import 'axe-core/axe.min.js';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
const { axe } = globalThis as unknown as {
  axe: { run(context: Element): Promise<{ violations: readonly Violation[] }> };
};

const slices = Array.from({ length: 3 }, (_, index) => ctInstance(index));
const [first] = slices;
const value = (tag: string): string => String(first?.[tag]?.Value?.[0]);
const report = {
  reports: [
    {
      id: 'r',
      status: 'draft',
      versions: [
        { title: 'Old', author: 'Li', reviewer: '', issuedAt: '2026-01-01T00:00:00Z', text: 'x', keyImages: [] },
        {
          title: 'Chest CT',
          author: 'Li',
          reviewer: 'Wang',
          issuedAt: '2026-01-02T00:00:00Z',
          text: 'Findings:\nA nodule (image 1).',
          conclusion: 'Follow up.',
          keyImages: [{ study: STUDY, series: value('0020000E'), instance: value('00080018') }],
        },
      ],
    },
  ],
};

let server: StubServer;
let mounted: Mounted;

describe('accessibility of kept work, export, printing and reports', () => {
  afterEach(() => {
    mounted.viewer.remove();
    server.restore();
  });

  for (const theme of ['dark', 'light'] as const) {
    it(`has no violation in any panel (${theme})`, async () => {
      server = new StubServer(
        (path) => (path.startsWith('/api/reports') ? json(report) : undefined),
        serveStudy(slices),
      );
      mounted = mountViewer({ study: STUDY, theme });
      await until('the image', () => mounted.changes.length > 0);
      for (const [id, element, ready] of [
        ['work', 'filmless-work-panel', '[data-action="mark"]'],
        ['work-export', 'filmless-work-export', '[data-action="export"]'],
        ['work-print', 'filmless-work-print', '[data-action="print"]'],
        ['report', 'filmless-report', '.reference'],
      ] as const) {
        const entry = () => mounted.inside<HTMLButtonElement>('filmless-viewer-panels', `[data-id="${id}"]`);
        await until(`the entry ${id}`, entry);
        entry()?.click();
        await until(`the panel ${id}`, () => mounted.inside(element, ready));
        if (id === 'work') {
          mounted.inside<HTMLButtonElement>(element, '[data-action="mark"]')?.click();
          await until('the key image', () => mounted.inside(element, '.key img'));
        }
        const { violations } = await axe.run(mounted.viewer);
        const found = violations.flatMap(({ id: rule, nodes }) =>
          nodes.map(({ html, failureSummary }) => `${id}: ${rule}: ${html} ${failureSummary ?? ''}`),
        );
        expect(found).to.deep.equal([]);
      }
    });
  }
});
