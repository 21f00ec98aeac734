import { expect } from 'chai';
import { html } from 'lit';
import { ctInstance, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { type Mounted, mountExtension, mountViewer } from '../testing/mount.ts';
import { problem, StubServer, serveStudy } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';
import 'axe-core/axe.min.js';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
const { axe } = globalThis as unknown as {
  axe: { run(context: Element): Promise<{ violations: readonly Violation[] }> };
};

const violations = async ({ viewer }: Mounted): Promise<string[]> =>
  (await axe.run(viewer)).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );

const slices = Array.from({ length: 5 }, (_, index) => ctInstance(index));
let server: StubServer;
let mounted: Mounted;

describe('accessibility', () => {
  afterEach(() => {
    mounted.viewer.remove();
    server.restore();
  });

  for (const theme of ['dark', 'light'] as const) {
    it(`has no violation with an image (${theme})`, async () => {
      server = new StubServer(serveStudy(slices));
      mounted = mountViewer({ study: STUDY, theme });
      await until('the image', () => mounted.changes.length > 0 && mounted.engine.view?.frames.length === 5);
      await until('the tools', () => mounted.inside('filmless-viewer-toolbar', '.presets') !== null);
      mounted.inside<HTMLButtonElement>('filmless-viewer-toolbar', '.presets')?.click();
      await until('the menu', () => mounted.inside('filmless-viewer-toolbar', '[role="menu"]') !== null);
      expect(await violations(mounted)).to.deep.equal([]);
    });

    it(`has no violation with several images, a panel, a menu and a question (${theme})`, async () => {
      server = new StubServer(serveStudy(slices));
      const panel = { id: 'panel', label: 'Panel', icon: '<svg></svg>', render: () => html`<p>Text</p>` };
      const extended = await mountExtension(
        { id: 'test', load: () => ({ panels: [panel] }) },
        { study: STUDY, theme, layout: '2x2' },
      );
      mounted = extended;
      extended.context.openPanel('panel');
      await until('the panel', () => mounted.inside('filmless-viewer-panels', '.edge') !== null);
      await until('empty cells', () => mounted.find('.empty') !== null);
      mounted.inside<HTMLButtonElement>('filmless-viewer-toolbar', '.tool.more')?.click();
      await until('the menu', () => mounted.inside('filmless-viewer-toolbar', '[role="menu"]') !== null);
      expect(await violations(mounted)).to.deep.equal([]);
      void extended.context.ask({ title: 'Text', label: 'Text', yes: 'OK' });
      extended.context.notify('Kept', 'done');
      await until('the question', () => mounted.inside('filmless-viewer-dialog', 'input') !== null);
      expect(await violations(mounted)).to.deep.equal([]);
      extended.remove();
    });

    it(`has no violation with a failure (${theme})`, async () => {
      server = new StubServer(() => problem(500, 'INTERNAL'));
      mounted = mountViewer({ study: STUDY, theme });
      await until('the message', () => mounted.find('[role="alert"]') !== null);
      expect(await violations(mounted)).to.deep.equal([]);
    });
  }
});
