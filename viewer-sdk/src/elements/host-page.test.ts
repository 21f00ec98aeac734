import { expect } from 'chai';
import { en as messages } from '../i18n/en.ts';
import { registerMessages } from '../i18n/index.ts';
import { defineReport } from '../report/define.ts';
import { defineLists } from '../study-list/define.ts';
import { ctInstance, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { type MountedExtension, mountExtension } from '../testing/mount.ts';
import { StubServer, serveStudy } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';

registerMessages('en', messages);
defineReport();
defineLists();

/** What pages write for elements whose insides they do not know. */
const DISPLAYS = ['block', 'flex', 'inline-grid'];
const PARTS = { 'filmless-report': '.column', 'filmless-study-list': '.frame', 'filmless-timeline': '.message' };

let server: StubServer;
let view: MountedExtension | undefined;
let sheet: HTMLStyleElement;
const say = (css: string) => {
  sheet = document.createElement('style');
  sheet.textContent = css;
  document.head.append(sheet);
};

describe('elements in a page with styles of its own', () => {
  afterEach(() => {
    view?.remove();
    view = undefined;
    server.restore();
    sheet.remove();
  });

  for (const display of DISPLAYS)
    it(`keep their layout with display: ${display}`, async () => {
      say(`filmless-viewer, ${Object.keys(PARTS).join()} { display: ${display} }`);
      server = new StubServer(serveStudy([ctInstance(0)]));
      view = await mountExtension({ id: 'probe', load: () => ({}) }, { study: STUDY });
      const { viewer, find } = view;
      viewer.style.width = '1000px';
      await until('the image', () => viewer.renderRoot.querySelector('filmless-viewer-cell')?.cell?.view);
      await viewer.updateComplete;
      const height = (selector: string) => find(selector)?.getBoundingClientRect().height ?? 0;
      expect(viewer.getBoundingClientRect().height).to.equal(600);
      expect(height('.banner') + height('.tools') + height('.body')).to.equal(600);
      expect(height('.cells')).to.equal(height('.body'));
      expect(find('.body')?.getBoundingClientRect().width).to.equal(1000);
      viewer.hidden = true;
      expect(viewer.getBoundingClientRect().height).to.equal(0);
      for (const [name, inner] of Object.entries(PARTS)) {
        const element = document.createElement(name) as HTMLElement & {
          updateComplete: Promise<boolean>;
          renderRoot: ShadowRoot;
        };
        Object.assign(element.style, { width: '400px', height: '300px' });
        document.body.append(element);
        await element.updateComplete;
        const part = element.renderRoot.querySelector(inner);
        expect(part?.getBoundingClientRect().width, name).to.be.greaterThan(390);
        element.remove();
      }
    });
});
