import type { Finding } from './report.ts';

export interface ServerTarget {
  /** Without a slash at the end. */
  readonly server: string;
  /** The folder of the SDK's files, with a slash at the end. */
  readonly assetBase: string;
  readonly tokenProvider: (() => string | Promise<string>) | undefined;
}

const CODECS = [
  'charlswasm_decode',
  'libjpegturbowasm_decode',
  'openjpegwasm_decode',
  'openjphjs',
  'jpegxlwasm_decode',
];
const SAMPLE = 'decode/jpegxlwasm_decode.wasm';
const SAMPLE_BYTES = 1_000_000;
const LATENCY_TRIES = 5;
const SLOW_MS = 100;
const SLOW_MBIT = 10;
const MOST_SKEW_S = 30;
const PATIENCE_MS = 15_000;

const ask = (url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE_MS), ...init });

/** Whether the server answers, answers this page, how fast, and what time it has there. */
export async function checkReach({ server }: ServerTarget): Promise<Finding[]> {
  const url = `${server}/healthz`;
  const times: number[] = [];
  let skewS: number | undefined;
  try {
    for (let count = 0; count < LATENCY_TRIES; count += 1) {
      const before = Date.now();
      const start = performance.now();
      const response = await ask(url);
      times.push(performance.now() - start);
      await response.body?.cancel();
      // The header has whole seconds: half a one is added on the average.
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) skewS = Math.round(((before + Date.now()) / 2 - date - 500) / 1000);
    }
  } catch {
    return unreachable(url);
  }
  const ms = Math.round(Math.min(...times));
  return [
    { id: 'reach', state: 'ok', data: {} },
    { id: 'cors', state: 'ok', data: { origin: location.origin } },
    ms > SLOW_MS
      ? { id: 'latency', state: 'warning', data: { ms }, advice: 'adviceLatency' }
      : { id: 'latency', state: 'ok', data: { ms } },
    clock(skewS),
  ];
}

function clock(seconds: number | undefined): Finding {
  if (seconds === undefined) return { id: 'clock', state: 'unknown', data: {} };
  return Math.abs(seconds) > MOST_SKEW_S
    ? { id: 'clock', state: 'warning', data: { seconds }, advice: 'adviceClock' }
    : { id: 'clock', state: 'ok', data: { seconds } };
}

/** A request whose answer may not be read tells a server that does not let the page ask from one that is not there. */
async function unreachable(url: string): Promise<Finding[]> {
  let stopped = false;
  const noticed = ({ effectiveDirective }: SecurityPolicyViolationEvent) => {
    if (effectiveDirective === 'connect-src') stopped = true;
  };
  document.addEventListener('securitypolicyviolation', noticed);
  try {
    await ask(url, { mode: 'no-cors' });
    return [
      { id: 'reach', state: 'ok', data: {} },
      { id: 'cors', state: 'failed', data: { origin: location.origin }, advice: 'adviceCors' },
    ];
  } catch {
    // The event comes after the refusal.
    await new Promise((resolve) => setTimeout(resolve));
    return [{ id: 'reach', state: 'failed', data: {}, advice: stopped ? 'adviceConnect' : 'adviceReach' }];
  } finally {
    document.removeEventListener('securitypolicyviolation', noticed);
  }
}

export async function checkIdentity({ server, tokenProvider }: ServerTarget): Promise<Finding> {
  try {
    const token = tokenProvider ? (await tokenProvider()).trim() : undefined;
    const headers = { Accept: 'application/dicom+json', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const { status } = await ask(`${server}/dicom-web/studies?limit=1`, { headers });
    const data = { http: status };
    if (status === 200 || status === 204) return { id: 'identity', state: 'ok', data };
    const advice = status === 403 ? 'adviceForbidden' : 'adviceSignIn';
    return { id: 'identity', state: 'failed', data, advice };
  } catch {
    return { id: 'identity', state: 'failed', data: {}, advice: 'adviceSignIn' };
  }
}

/** Decoders have to be there, under the type that browsers compile while it comes. */
export async function checkCodecs({ assetBase }: ServerTarget): Promise<Finding> {
  const missing: string[] = [];
  await Promise.all(
    CODECS.map(async (name) => {
      const answer = await ask(new URL(`decode/${name}.wasm`, assetBase).href, { method: 'HEAD' }).catch(
        () => undefined,
      );
      if (!answer?.ok || answer.headers.get('content-type') !== 'application/wasm') missing.push(name);
    }),
  );
  if (missing.length === 0) return { id: 'codecs', state: 'ok', data: { count: CODECS.length } };
  return { id: 'codecs', state: 'failed', data: { missing: missing.sort().join(' ') }, advice: 'adviceCodecs' };
}

/** Fetches about a megabyte of a file of the SDK, uncompressed: ranges are never compressed. */
export async function checkLine({ assetBase }: ServerTarget): Promise<Finding[]> {
  const url = new URL(SAMPLE, assetBase).href;
  try {
    const response = await ask(url, { headers: { Range: `bytes=0-${SAMPLE_BYTES - 1}` } });
    const start = performance.now();
    const { byteLength } = await response.arrayBuffer();
    const seconds = Math.max(0.001, (performance.now() - start) / 1000);
    const mbit = Number(((byteLength * 8) / 1e6 / seconds).toFixed(1));
    const data = { mbit, bytes: byteLength };
    const bandwidth: Finding =
      mbit < SLOW_MBIT
        ? { id: 'bandwidth', state: 'warning', data, advice: 'adviceBandwidth' }
        : { id: 'bandwidth', state: 'ok', data };
    return [bandwidth, protocolOf(url)];
  } catch {
    return [{ id: 'bandwidth', state: 'unknown', data: {} }];
  }
}

function protocolOf(url: string): Finding {
  const entry = performance.getEntriesByName(url, 'resource').at(-1);
  const version = entry instanceof PerformanceResourceTiming ? entry.nextHopProtocol : '';
  if (version === '') return { id: 'protocol', state: 'unknown', data: {} };
  return version === 'http/1.1'
    ? { id: 'protocol', state: 'warning', data: { version }, advice: 'adviceProtocol' }
    : { id: 'protocol', state: 'ok', data: { version } };
}
