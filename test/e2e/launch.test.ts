import { createServer, type Server } from 'node:http';
import { ctSlices, PHANTOM_PATIENTS, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, recordViewerEvents, viewerEvents, waitForViewerEvent } from '../tools/browser.ts';
import { type FhircastHub, startFhircastHub } from '../tools/fhircast-hub.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const TOPIC = 'session-1';
const { zhangJianguo, liXiuying } = PHANTOM_PATIENTS;

interface EmbedSdk {
  readonly EMBED_EVENTS: readonly string[];
  createEmbeddedViewer(frame: object, options: object): EventTarget;
}

/** The other ways by which a HIS brings images on the screen: a frame, a link, a FHIRcast session. */
describe.skipIf(!hasChromium)('a HIS shows images by a frame, a link or a session (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let token: string;
  /** Another site for browsers: `localhost` is not `127.0.0.1`. */
  let his: string;
  let stranger: string;
  let sites: Server;
  let sitePage = '';
  const studies: Record<'zhang' | 'zhangOld' | 'li', string> = { zhang: '', zhangOld: '', li: '' };

  beforeAll(async () => {
    const port = await freePort();
    his = `http://localhost:${port}`;
    stranger = `http://127.0.0.1:${port}`;
    sites = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(sitePage);
    });
    await new Promise<void>((done) => sites.listen(port, '127.0.0.1', done));
    node = await startNode({ config: { http: { corsOrigins: [his] } } });
    const store = async (seed: string, patient: typeof zhangJianguo, AccessionNumber: string, StudyDate: string) => {
      const study = phantomStudy({ seed, patient, AccessionNumber, StudyDate });
      const stored: PhantomInstance[] = await storePhantoms(node, ctSlices({ count: 4, rows: 64, study }));
      return stored[0]?.StudyInstanceUID ?? '';
    };
    studies.zhang = await store('launch-1', zhangJianguo, 'LAUNCH1', '20260102');
    studies.zhangOld = await store('launch-2', zhangJianguo, 'LAUNCH2', '20240315');
    studies.li = await store('launch-3', liXiuying, 'LAUNCH3', '20260101');
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ user: 'admin', password: node.password });
    const signedIn = await fetch(`${node.url}/api/sessions`, { method: 'POST', headers, body });
    ({ token } = (await signedIn.json()) as { token: string });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    sites?.close();
    await node?.stop();
    await node?.remove();
  });

  async function pageAt(origin: string, html: string): Promise<Page> {
    const page = await (await browser.newContext({ locale: 'zh-CN' })).newPage();
    sitePage = html;
    await recordViewerEvents(page);
    await page.goto(`${origin}/`);
    return page;
  }

  /** Puts what a module of the SDK exports under `sdk`. */
  const library = (name: string) =>
    `<script type="module">import * as sdk from '${node.url}/sdk/${name}.js'; globalThis.sdk = sdk;</script>`;

  describe('the frame', () => {
    const html = () =>
      `<!doctype html><iframe id="frame" src="${node.url}/embed" width="900" height="600"></iframe>${library('filmless-embed')}`;

    /** Connects with the helper of the SDK; what it tells is kept under `told`. */
    const connect = (page: Page) =>
      page.evaluate((secret) => {
        const { frame, sdk } = globalThis as unknown as { frame: object; sdk: EmbedSdk };
        const asked: number[] = [];
        const viewer = sdk.createEmbeddedViewer(frame, {
          locale: 'zh-CN',
          tokenProvider: () => {
            asked.push(1);
            return secret;
          },
        });
        const told: object[] = [];
        for (const type of sdk.EMBED_EVENTS)
          viewer.addEventListener(type, (event) => told.push({ type, detail: (event as CustomEvent).detail }));
        Object.assign(globalThis, { viewer, told, asked });
      }, token);
    const ready = (page: Page) =>
      page.evaluate(() => (globalThis as unknown as { viewer: { ready: Promise<void> } }).viewer.ready);
    const open = (page: Page, target: object) =>
      page.evaluate(
        (what) => (globalThis as unknown as { viewer: { open(t: object): void } }).viewer.open(what),
        target,
      );
    const told = (page: Page) =>
      page.evaluate(
        () => (globalThis as unknown as { told: { type: string; detail: Record<string, unknown> }[] }).told,
      );

    /** The studies whose images came on the screen. */
    const shown = async (page: Page) => {
      const changes = (await told(page)).filter(({ type }) => type === 'filmless-image-change');
      return changes.map(({ detail }) => detail['StudyInstanceUID']);
    };

    it('opens, tells what it shows, refuses another patient, and closes', async () => {
      const page = await pageAt(his, html());
      await connect(page);
      await ready(page);
      await open(page, { study: studies.zhang, patient: zhangJianguo.PatientID });
      await expect.poll(() => shown(page)).toContain(studies.zhang);
      const before = (await told(page)).length;
      await open(page, { study: studies.li, patient: zhangJianguo.PatientID });
      await expect
        .poll(async () => (await told(page)).slice(before))
        .toEqual([expect.objectContaining({ type: 'filmless-error', detail: { code: 'VIEWER_PATIENT_MISMATCH' } })]);
      await page.evaluate(() => (globalThis as unknown as { viewer: { close(): void } }).viewer.close());
      const frame = page.frames()[1];
      await frame?.waitForFunction(() => {
        const viewer = (globalThis as unknown as { document: { querySelector(s: string): { study: string } } })
          .document;
        return viewer.querySelector('filmless-viewer').study === '';
      });
      // No token and no patient stands in the frame's address.
      expect(frame?.url()).toBe(`${node.url}/embed`);
      await page.context().close();
    });

    it('opens what was asked for last, whatever was asked before', async () => {
      const page = await pageAt(his, html());
      await connect(page);
      await open(page, { study: studies.zhang });
      await open(page, { study: studies.li });
      await open(page, { accession: 'LAUNCH2', patient: zhangJianguo.PatientID });
      await expect.poll(() => shown(page)).not.toEqual([]);
      expect(new Set(await shown(page))).toEqual(new Set([studies.zhangOld]));
      await page.context().close();
    });

    it('is not shown in the page of an origin that the node does not name', async () => {
      const page = await pageAt(stranger, html());
      await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);
      const answer = await fetch(`${node.url}/embed`);
      expect(answer.headers.get('content-security-policy')).toContain(`frame-ancestors 'self' ${his}`);
      expect(answer.headers.get('x-frame-options')).toBeNull();
      expect((await fetch(`${node.url}/viewer`)).headers.get('x-frame-options')).toBe('SAMEORIGIN');
      await page.context().close();
    });
  });

  describe('IHE Invoke Image Display', () => {
    const ask = (query: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
      fetch(`${node.url}/IHEInvokeImageDisplay?${query}`, { redirect: 'manual', headers });
    const where = async (query: string) => (await ask(query)).headers.get('location');

    it('leads to the study or the patient that is named', async () => {
      const patient = `patient=${zhangJianguo.PatientID}`;
      expect(await where(`requestType=STUDY&studyUID=${studies.zhang}`)).toBe(
        `/viewer?${patient}&study=${studies.zhang}`,
      );
      expect(await where('requestType=STUDY&accessionNumber=LAUNCH2')).toBe(
        `/viewer?${patient}&study=${studies.zhangOld}`,
      );
      expect(await where(`requestType=PATIENT&patientID=${zhangJianguo.PatientID}%5E%5E%5EHIS`)).toBe(
        `/viewer?${patient}`,
      );
      expect(await where(`requestType=PATIENT&patientID=${zhangJianguo.PatientID}&mostRecentResults=true`)).toBe(
        `/viewer?${patient}&study=${studies.zhang}`,
      );
      expect(await where(`requestType=PATIENT&patientID=${zhangJianguo.PatientID}&upperDateTime=2025-01-01`)).toBe(
        `/viewer?${patient}&study=${studies.zhangOld}`,
      );
    });

    it.each([
      ['', 400],
      ['requestType=SERIES&studyUID=1.2', 400],
      ['requestType=STUDY', 400],
      ['requestType=STUDY&studyUID=abc', 400],
      ['requestType=PATIENT', 400],
      ['requestType=PATIENT&requestType=STUDY&patientID=1', 400],
      ['requestType=STUDY&studyUID=1.2.3', 404],
      ['requestType=STUDY&accessionNumber=LAUNCH1&patientID=0002150042', 404],
      ['requestType=PATIENT&patientID=0002148367&modality=MR', 404],
      ['requestType=STUDY&accessionNumber=LAUNCH1,LAUNCH3', 400],
    ])('answers %j with %i', async (query, status) => {
      expect((await ask(query)).status).toBe(status);
    });

    it('looks nothing up for whoever is not signed in', async () => {
      for (const uid of [studies.zhang, '1.2.3']) {
        const answer = await ask(`requestType=STUDY&studyUID=${uid}`, {});
        expect(answer.status).toBe(302);
        expect(answer.headers.get('location')).toMatch(/^\/sign-in\?return=%2FIHEInvokeImageDisplay/);
      }
    });

    it('lets a person sign in, comes back and shows the images', async () => {
      const page = await pageAt(
        his,
        `<!doctype html><a href="${node.url}/IHEInvokeImageDisplay?requestType=PATIENT&patientID=${liXiuying.PatientID}">images</a>`,
      );
      await page.getByText('images').click();
      await page.locator('input[autocomplete="username"]').fill('admin');
      await page.locator('input[type="password"]').fill(node.password);
      await page.keyboard.press('Enter');
      const change = await waitForViewerEvent(page, 'filmless-image-change');
      expect(change.detail['StudyInstanceUID']).toBe(studies.li);
      expect(new URL(page.url()).pathname).toBe('/viewer');
      // Signed in already, and from another site: the strict cookie does not come along with the click, and no password is asked for.
      await page.goto(`${his}/`);
      const seen = (await viewerEvents(page)).length;
      await page.getByText('images').click();
      await page.waitForURL(/\/viewer\?/);
      await waitForViewerEvent(page, 'filmless-image-change', seen);
      await page.context().close();
    });
  });

  describe('a launch by the HIS', () => {
    const post = async (path: string, body: object, secret: string): Promise<Record<string, unknown>> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
      const answer = await fetch(`${node.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.status, path).toBe(201);
      return (await answer.json()) as Record<string, unknown>;
    };

    it('shows the images to whoever is not signed in, once, and can be loaded again in its tab', async () => {
      await post('/api/users', { name: 'launcher', displayName: 'HIS', kind: 'service', roles: ['service'] }, token);
      const { key } = await post('/api/users/launcher/keys', { title: 'HIS' }, token);
      const asked = { user: 'zhang', patientId: liXiuying.PatientID, ttlSeconds: 300 };
      const { url } = await post('/api/embed/launches', asked, String(key));
      const page = await pageAt(his, '<!doctype html><a>images</a>');
      await page.locator('a').evaluate((link, to) => link.setAttribute('href', to), String(url));
      await page.getByText('images').click();
      const change = await waitForViewerEvent(page, 'filmless-image-change');
      expect(change.detail['StudyInstanceUID']).toBe(studies.li);
      expect(page.url()).toBe(`${node.url}/viewer?patient=${liXiuying.PatientID}`);
      await page.reload();
      await waitForViewerEvent(page, 'filmless-image-change');
      expect(await page.context().cookies()).toEqual([]);
      await page.goto(String(url));
      await page.getByText('无法打开影像').waitFor();
      await page.context().close();
    });
  });

  describe('FHIRcast', () => {
    let hub: FhircastHub;
    let page: Page;
    const context = (study: string, patient: string) => [
      { key: 'patient', resource: { resourceType: 'Patient', identifier: [{ system: 'urn:his', value: patient }] } },
      {
        key: 'study',
        resource: {
          resourceType: 'ImagingStudy',
          identifier: [{ system: 'urn:dicom:uid', value: `urn:oid:${study}` }],
        },
      },
    ];
    const viewerStudy = () =>
      page.locator('filmless-viewer').evaluate((v) => (v as unknown as { study: string }).study);
    const shows = async (study: string) => {
      await expect
        .poll(async () => (await viewerEvents(page)).findLast(({ type }) => type === 'filmless-image-change')?.detail)
        .toMatchObject({ StudyInstanceUID: study });
    };

    beforeAll(async () => {
      hub = await startFhircastHub(TOPIC);
      page = await pageAt(
        his,
        `<!doctype html><filmless-viewer server="${node.url}" style="height:500px"></filmless-viewer>
         <script type="module" src="${node.url}/sdk/filmless-viewer.js"></script>${library('filmless-fhircast')}`,
      );
      await page.evaluate(
        ([secret, hubUrl, topic]) => {
          const { sdk } = globalThis as unknown as { sdk: { connectFhircast(options: object): void } };
          const page = globalThis as unknown as { document: { querySelector(s: string): Record<string, unknown> } };
          const viewer = page.document.querySelector('filmless-viewer');
          viewer['tokenProvider'] = () => secret;
          sdk.connectFhircast({ hubUrl, topic, token: 'hub-secret', viewer, patientSystem: 'urn:his' });
        },
        [token, hub.url, TOPIC],
      );
    });
    afterAll(async () => {
      await page?.context().close();
      await hub?.close();
    });

    it('opens the study of the context, and does not tell the hub what came from there', async () => {
      await expect.poll(() => hub.subscribers).toBe(1);
      const id = hub.notify('ImagingStudy-open', context(studies.zhang, zhangJianguo.PatientID));
      await shows(studies.zhang);
      expect(hub.answers).toContainEqual({ id, status: '200' });
      expect(hub.requests).toEqual([]);
      expect(new Set(hub.authorizations)).toEqual(new Set(['Bearer hub-secret']));
    });

    it('shows nothing when the context names a study of another patient', async () => {
      const seen = (await viewerEvents(page)).length;
      hub.notify('ImagingStudy-open', context(studies.li, zhangJianguo.PatientID));
      const failed = await waitForViewerEvent(page, 'filmless-error', seen);
      expect(failed.detail['code']).toBe('VIEWER_PATIENT_MISMATCH');
    });

    it('follows the last of many contexts, and none that is older', async () => {
      hub.notify('ImagingStudy-open', context(studies.zhang, zhangJianguo.PatientID));
      hub.notify('ImagingStudy-open', context(studies.zhangOld, zhangJianguo.PatientID));
      hub.notify('imagingstudy-open', context(studies.li, liXiuying.PatientID));
      await shows(studies.li);
      const late = hub.notify(
        'ImagingStudy-open',
        context(studies.zhang, zhangJianguo.PatientID),
        '2020-01-01T00:00:00Z',
      );
      await expect.poll(() => hub.answers.map(({ id }) => id)).toContain(late);
      expect(await viewerStudy()).toBe(studies.li);
    });

    it('takes the images off the screen when their patient is closed, and only then', async () => {
      const other = hub.notify('Patient-close', context('', zhangJianguo.PatientID).slice(0, 1));
      await expect.poll(() => hub.answers.map(({ id }) => id)).toContain(other);
      expect(await viewerStudy()).toBe(studies.li);
      hub.notify('Patient-close', context('', liXiuying.PatientID).slice(0, 1));
      await expect.poll(viewerStudy).toBe('');
    });

    it('tells the session what is opened here, once, and connects again after a cut', async () => {
      hub.cut();
      await expect.poll(() => hub.subscribers).toBe(0);
      await expect.poll(() => hub.subscribers).toBe(1);
      await page.locator('filmless-viewer').evaluate(
        // The page names no patient: whose study it is, the viewer knows.
        (viewer, study) => Object.assign(viewer, { study, patient: '' }),
        studies.zhangOld,
      );
      await shows(studies.zhangOld);
      await expect.poll(() => hub.requests.length).toBe(1);
      expect(hub.requests[0]?.event['hub.event']).toBe('ImagingStudy-open');
      expect(JSON.stringify(hub.requests[0]?.event.context)).toContain(`urn:oid:${studies.zhangOld}`);
      expect(JSON.stringify(hub.requests[0]?.event.context)).toContain(zhangJianguo.PatientID);
      // The hub tells everybody, its author too: nothing happens.
      await expect.poll(() => hub.answers.map(({ id }) => id)).toContain(hub.requests[0]?.id);
      expect(await viewerStudy()).toBe(studies.zhangOld);
      expect(hub.requests).toHaveLength(1);
    });
  });
});
