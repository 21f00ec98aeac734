import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { hasChromium, launchChromium, recordViewerEvents, waitForViewerEvent } from '../tools/browser.ts';
import { startNode } from '../tools/node-process.ts';
import { hasOrthanc, startOrthanc } from '../tools/orthanc.ts';
import { median } from './measure.ts';
import { writeStudy } from './slices.ts';

const root = resolve(import.meta.dirname, '..', '..');
const cache = join(root, 'node_modules/.cache/ohif');
const SLICES = 300;
const RUNS = 3;
const WANTED_TIME = 8;
const WANTED_BYTES = 20;
const KIB = 1024;
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

interface FirstImage {
  /** From the start of the navigation, by the page's own clock: what the test itself takes counts for neither. */
  ms: number;
  bytes: number;
}

/** Side by side with OHIF's shipped build on Orthanc: from the address being opened to the first image, cold, and the bytes before it. */
export async function measureBesideOhif(work: string): Promise<void> {
  if (!hasChromium || !hasOrthanc) return;
  const dist = await fetchOhif();
  if (dist === undefined) {
    console.log('OHIF could not be fetched from the registry (npm pack @ohif/app): the comparison is left out');
    return;
  }
  const { files, StudyInstanceUID } = await writeStudy(work, 'bench-ohif', SLICES);
  const node = await startNode();
  const orthanc = await startOrthanc();
  const ohif = await serveOhif(dist, orthanc.url);
  try {
    for (const file of files) {
      const bytes = await readFile(file);
      const body = new Blob([bytes as Uint8Array<ArrayBuffer>]);
      const stored = await node.fetch('/api/imports', {
        method: 'POST',
        headers: { 'content-type': 'application/dicom' },
        body,
      });
      if (!stored.ok) throw new Error(`not stored: ${stored.status}`);
      const peer = await fetch(`${orthanc.url}/instances`, { method: 'POST', body });
      if (!peer.ok) throw new Error(`Orthanc did not store: ${peer.status}`);
    }
    const ours: FirstImage[] = [];
    const theirs: FirstImage[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      ours.push(await inFreshBrowser((page) => filmlessFirstImage(page, node, StudyInstanceUID)));
      theirs.push(await inFreshBrowser((page) => ohifFirstImage(page, ohif.url, StudyInstanceUID)));
    }
    const middle = (of: readonly FirstImage[], pick: (one: FirstImage) => number) => median(of.map(pick));
    compareLine(
      'first image',
      'ms',
      middle(ours, ({ ms }) => ms),
      middle(theirs, ({ ms }) => ms),
      WANTED_TIME,
    );
    const kib = ({ bytes }: FirstImage) => bytes / KIB;
    compareLine('before it', 'KiB', middle(ours, kib), middle(theirs, kib), WANTED_BYTES);
  } finally {
    ohif.close();
    await orthanc.stop();
    await node.stop();
    await node.remove();
  }
}

function compareLine(what: string, unit: string, ours: number, theirs: number, wanted: number): void {
  const ratio = theirs / ours;
  console.log(
    `${`${SLICES} slices, cold browser: ${what}`.padEnd(58)} ${`${ours.toFixed(0)} ${unit}`.padStart(9)}   OHIF ${`${theirs.toFixed(0)} ${unit}`.padStart(10)}   ${ratio.toFixed(1)} x (wanted ${wanted} x: ${ratio >= wanted ? 'met' : 'NOT MET'}; median of ${RUNS})`,
  );
}

async function inFreshBrowser(measure: (page: Page) => Promise<FirstImage>): Promise<FirstImage> {
  const browser: Browser = await launchChromium();
  try {
    return await measure(await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage());
  } finally {
    await browser.close();
  }
}

/** Bytes on the wire that have come so far, unfinished answers included. */
async function countBytes(page: Page): Promise<() => number> {
  const devtools = await page.context().newCDPSession(page);
  let bytes = 0;
  const open = new Map<string, number>();
  devtools.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
    open.set(requestId, (open.get(requestId) ?? 0) + encodedDataLength);
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    open.delete(requestId);
    bytes += encodedDataLength;
  });
  await devtools.send('Network.enable');
  return () => bytes + [...open.values()].reduce((sum, one) => sum + one, 0);
}

async function filmlessFirstImage(
  page: Page,
  node: { url: string; password: string },
  study: string,
): Promise<FirstImage> {
  await page.context().request.post(`${node.url}/api/sessions`, { data: { user: 'admin', password: node.password } });
  await recordViewerEvents(page);
  const bytes = await countBytes(page);
  await page.goto(`${node.url}/viewer?study=${study}`, { waitUntil: 'commit' });
  const { at } = await waitForViewerEvent(page, 'filmless-first-image');
  return { ms: at, bytes: bytes() };
}

/** OHIF says nothing when it has painted: a canvas with enough of it not black is its first image. */
async function ohifFirstImage(page: Page, url: string, study: string): Promise<FirstImage> {
  const bytes = await countBytes(page);
  await page.goto(`${url}/viewer?StudyInstanceUIDs=${study}`, { waitUntil: 'commit' });
  const seen = await page.waitForFunction(
    `[...document.querySelectorAll('canvas')].some((canvas) => {
      if (canvas.width < 200 || canvas.height < 200) return false;
      const copy = document.createElement('canvas');
      copy.width = copy.height = 64;
      const context = copy.getContext('2d');
      context.drawImage(canvas, 0, 0, 64, 64);
      const { data } = context.getImageData(0, 0, 64, 64);
      let bright = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at] > 25) bright += 1;
      return bright > 60;
    }) && performance.now()`,
    undefined,
    { timeout: 120_000, polling: 30 },
  );
  return { ms: Number(await seen.jsonValue()), bytes: bytes() };
}

/** The folder of OHIF's build, fetched once; `undefined` where it cannot be had. */
async function fetchOhif(): Promise<string | undefined> {
  const dist = join(cache, 'package', 'dist');
  if (existsSync(join(dist, 'index.html'))) return dist;
  const run = promisify(execFile);
  try {
    await mkdir(cache, { recursive: true });
    await run('npm', ['pack', '@ohif/app', '--pack-destination', cache, '--silent'], { cwd: cache });
    const archive = (await readdir(cache)).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) return undefined;
    await run('tar', ['xzf', archive], { cwd: cache });
    await rm(join(cache, archive));
    return existsSync(join(dist, 'index.html')) ? dist : undefined;
  } catch (error) {
    console.log(error instanceof Error ? (error.message.split('\n')[0] ?? '') : '');
    return undefined;
  }
}

/** OHIF's files, and Orthanc's DICOMweb under the same origin. */
async function serveOhif(dist: string, orthanc: string): Promise<{ url: string; close(): void }> {
  const dicomWeb = new URL('/dicom-web', orthanc);
  const configuration = {
    friendlyName: 'Orthanc',
    name: 'orthanc',
    wadoUriRoot: '/dicom-web',
    qidoRoot: '/dicom-web',
    wadoRoot: '/dicom-web',
    qidoSupportsIncludeField: true,
    imageRendering: 'wadors',
    thumbnailRendering: 'wadors',
    enableStudyLazyLoad: true,
    supportsFuzzyMatching: false,
    supportsWildcard: true,
    omitQuotationForMultipartRequest: true,
  };
  const namespace = '@ohif/extension-default.dataSourcesModule.dicomweb';
  const settings = {
    routerBasename: '/',
    showStudyList: false,
    extensions: [],
    modes: [],
    maxNumberOfWebWorkers: 2,
    showLoadingIndicator: true,
    defaultDataSourceName: 'orthanc',
    dataSources: [{ namespace, sourceName: 'orthanc', configuration }],
  };
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://ohif');
    if (pathname.startsWith('/dicom-web')) return forward(request, response, `${pathname}${search}`);
    if (pathname === '/app-config.js') {
      response.setHeader('content-type', 'text/javascript');
      response.end(`window.config = ${JSON.stringify(settings)};`);
      return;
    }
    const named = join(dist, normalize(pathname));
    const file =
      named.startsWith(dist) && extname(named) !== '' && existsSync(named) ? named : join(dist, 'index.html');
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    void readFile(file).then((bytes) => response.end(bytes));
  });
  const forward = (request: IncomingMessage, response: ServerResponse, path: string): void => {
    const headers = { ...request.headers, host: dicomWeb.host };
    const options = { host: dicomWeb.hostname, port: dicomWeb.port, path, method: request.method, headers };
    const onward = httpRequest(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
