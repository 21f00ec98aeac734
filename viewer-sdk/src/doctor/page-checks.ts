import { readGraphics } from '../graphics.ts';
import type { Finding } from './report.ts';

/** The smallest module there is: its magic and version. */
const EMPTY_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
/** A one-pixel GIF. */
const PIXEL = 'R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
const WORKER_PATIENCE_MS = 5000;
const SMALL_MEMORY_GIB = 4;

/** Whether the page's policy lets decoders run. */
export function checkWasm(): Finding {
  try {
    new WebAssembly.Module(EMPTY_MODULE);
    return { id: 'wasm', state: 'ok', data: {} };
  } catch {
    return { id: 'wasm', state: 'failed', data: {}, advice: 'adviceWasm' };
  }
}

/** Starts a thread the way the engine starts its decoders: from a blob that imports the script by its address. */
export async function checkWorker(assetBase: string): Promise<Finding> {
  const script = JSON.stringify(new URL('decode/decode-worker.js', assetBase).href);
  const source = `import(${script}).then(() => postMessage('doctor-started'), (error) => postMessage(String(error)));`;
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  let worker: Worker | undefined;
  try {
    const answer = await new Promise<string>((resolve) => {
      const started = new Worker(url, { type: 'module' });
      worker = started;
      started.onmessage = ({ data }) => resolve(String(data));
      started.onerror = (event) => resolve(event.message || 'refused');
      setTimeout(() => resolve('no answer'), WORKER_PATIENCE_MS);
    });
    if (answer === 'doctor-started') return { id: 'worker', state: 'ok', data: {} };
    return { id: 'worker', state: 'failed', data: { answer: answer.slice(0, 160) }, advice: 'adviceWorker' };
  } catch {
    return { id: 'worker', state: 'failed', data: {}, advice: 'adviceWorker' };
  } finally {
    worker?.terminate();
    URL.revokeObjectURL(url);
  }
}

/** Pictures are fetched with a token and shown from blobs. */
export async function checkPicture(): Promise<Finding> {
  const bytes = Uint8Array.from(atob(PIXEL), (char) => char.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: 'image/gif' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return { id: 'picture', state: 'ok', data: {} };
  } catch {
    return { id: 'picture', state: 'failed', data: {}, advice: 'advicePicture' };
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function checkGraphics(): Finding {
  const graphics = readGraphics();
  if (!graphics) return { id: 'graphics', state: 'warning', data: { webgl2: false }, advice: 'adviceNoWebgl' };
  const { renderer, maxTexture, software } = graphics;
  const data = { renderer, maxTexture, software };
  return software
    ? { id: 'graphics', state: 'warning', data, advice: 'adviceSoftware' }
    : { id: 'graphics', state: 'ok', data };
}

export function checkMemory(): Finding {
  const gib = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : undefined;
  const heap =
    'memory' in performance ? (performance.memory as { usedJSHeapSize: number; jsHeapSizeLimit: number }) : undefined;
  const data = {
    processors: navigator.hardwareConcurrency,
    ...(gib === undefined ? {} : { gib }),
    ...(heap ? { heapMiB: mib(heap.usedJSHeapSize), heapLimitMiB: mib(heap.jsHeapSizeLimit) } : {}),
  };
  if (gib === undefined) return { id: 'memory', state: 'unknown', data };
  return gib < SMALL_MEMORY_GIB
    ? { id: 'memory', state: 'warning', data, advice: 'adviceMemory' }
    : { id: 'memory', state: 'ok', data };
}

const mib = (bytes: number): number => Math.round(bytes / 1024 ** 2);
