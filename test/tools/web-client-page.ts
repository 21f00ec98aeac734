import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';

const root = resolve(import.meta.dirname, '..', '..');

/** In the page: calls a method of dicomweb-client; binary values go and come as base64. */
const PAGE_SCRIPT = `
import { api } from 'dicomweb-client';

const toBytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer;
const toText = (bytes) => {
  let text = '';
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text);
};
const sent = (value) => {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return { base64: toText(value.buffer ?? value) };
  if (Array.isArray(value)) return value.map(sent);
  return value;
};
globalThis.ask = async (config, method, options, files) => {
  const client = new api.DICOMwebClient(config);
  try {
    return sent(await client[method](files ? { ...options, datasets: files.map(toBytes) } : options));
  } catch (error) {
    throw new Error(method + ': ' + error.message + ' ' + (error.status ?? ''));
  }
};
`;

export interface Binary {
  base64: string;
}

export const bytesOf = ({ base64 }: Binary): Buffer => Buffer.from(base64, 'base64');

export interface ClientPage {
  /** `http://127.0.0.1:port`, not the node's. */
  origin: string;
  close(): Promise<void>;
}

/** A page of another origin on loopback with dicomweb-client in it. */
export async function serveClientPage(): Promise<ClientPage> {
  const { outputFiles } = await build({
    stdin: { contents: PAGE_SCRIPT, resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    logLevel: 'error',
  });
  const script = outputFiles[0]?.text ?? '';
  const server = createServer((request, response) => {
    const isScript = request.url === '/client.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><title>dicomweb-client</title><script src="/client.js"></script>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the page has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () => new Promise((done) => server.close(() => done())),
  };
}

interface Config {
  url: string;
  headers?: Record<string, string>;
}

type Ask = (config: Config, method: string, options: object, files: string[] | undefined) => Promise<unknown>;

/** Calls `method` of a dicomweb-client in the page. */
export async function askInPage<T>(
  page: Page,
  config: Config,
  method: string,
  options: object = {},
  files?: readonly Uint8Array[],
): Promise<T> {
  const encoded = files?.map((file) => Buffer.from(file).toString('base64'));
  const answer = await page.evaluate(
    ([one, two, three, four]) => (globalThis as unknown as { ask: Ask }).ask(one, two, three, four),
    [config, method, options, encoded] as [Config, string, object, string[] | undefined],
  );
  return answer as T;
}
