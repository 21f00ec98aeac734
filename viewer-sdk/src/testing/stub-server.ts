import type { JsonDataset } from '../dicom/json.ts';
import { text } from '../dicom/json.ts';

/** A request the viewer made. */
export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | null;
  readonly signal?: AbortSignal | undefined;
}

/** Answers one path; `undefined` leaves it to the next. */
export type Responder = (path: string, request: SeenRequest) => Response | Promise<Response> | undefined;

/** A one-pixel PNG. */
const PNG = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
  (char) => char.charCodeAt(0),
);

export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/dicom+json' } });

export const picture = (location?: string): Response =>
  new Response(PNG, {
    headers: { 'content-type': 'image/png', ...(location ? { 'content-location': location } : {}) },
  });

export const problem = (status: number, code: string): Response =>
  new Response(JSON.stringify({ code }), { status, headers: { 'content-type': 'application/problem+json' } });

/** A frame's pixels as multipart/related. */
export const frame = (bytes: Uint8Array<ArrayBuffer>): Response => {
  const head = '--b\r\nContent-Type: application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1\r\n\r\n';
  return new Response(new Blob([head, bytes, '\r\n--b--\r\n']), {
    headers: { 'content-type': 'multipart/related; type="application/octet-stream"; boundary=b' },
  });
};

/** Puts a DICOMweb server of our own in the place of `fetch`: nothing leaves the page. */
export class StubServer {
  readonly seen: SeenRequest[] = [];
  readonly #real = globalThis.fetch;
  #responders: Responder[] = [];

  constructor(...responders: Responder[]) {
    this.#responders = responders;
    globalThis.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : String(input), location.href);
      const request: SeenRequest = {
        path: url.pathname + url.search,
        authorization: new Headers(init?.headers).get('authorization'),
        signal: init?.signal ?? undefined,
      };
      this.seen.push(request);
      for (const responder of this.#responders) {
        const answer = responder(request.path, request);
        if (answer) return abortable(Promise.resolve(answer), init?.signal ?? undefined);
      }
      return problem(404, 'NOT_FOUND');
    };
  }

  /** Answers before all others. */
  first(responder: Responder): void {
    this.#responders = [responder, ...this.#responders];
  }

  paths(part: string): string[] {
    return this.seen.map(({ path }) => path).filter((path) => path.includes(part));
  }

  restore(): void {
    globalThis.fetch = this.#real;
  }
}

function abortable(answer: Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason));
    answer.then(resolve, reject);
  });
}

/** A study as DICOMweb serves it: search, metadata, pictures, frames. */
export function serveStudy(instances: readonly JsonDataset[]): Responder {
  const value = (dataset: JsonDataset, keyword: Parameters<typeof text>[1]): string => text(dataset, keyword) ?? '';
  const study = value(instances[0]!, 'StudyInstanceUID');
  const bySeries = Map.groupBy(instances, (instance) => value(instance, 'SeriesInstanceUID'));
  const root = '/dicom-web/studies';
  return (path) => {
    const url = new URL(path, 'http://stub');
    if (url.pathname === root) {
      const query = url.searchParams;
      const match =
        query.get('StudyInstanceUID') === study ||
        query.get('AccessionNumber') === value(instances[0]!, 'AccessionNumber') ||
        query.get('PatientID') === value(instances[0]!, 'PatientID');
      return match ? json([instances[0]]) : undefined;
    }
    if (!url.pathname.startsWith(`${root}/${study}`)) return undefined;
    const rest = url.pathname.slice(`${root}/${study}`.length);
    const [, , series = '', , instance = ''] = rest.split('/');
    const inSeries = bySeries.get(series) ?? [];
    const middle = (list: readonly JsonDataset[]) => list[Math.floor(list.length / 2)];
    const locate = (dataset: JsonDataset | undefined) =>
      dataset &&
      `${root}/${study}/series/${value(dataset, 'SeriesInstanceUID')}/instances/${value(dataset, 'SOPInstanceUID')}`;
    if (rest === '/series') return json([...bySeries.values()].map((list) => list[0]));
    if (rest === '/thumbnail')
      return picture(locate(middle(instances.filter((dataset) => value(dataset, 'Modality') !== 'SR'))));
    if (rest.endsWith('/thumbnail')) return picture(locate(middle(inSeries)));
    if (rest === `/series/${series}/metadata`) return json(inSeries);
    if (rest === `/series/${series}/instances`) return json(inSeries);
    const one = inSeries.find((dataset) => value(dataset, 'SOPInstanceUID') === instance);
    if (one && rest.endsWith('/metadata')) return json([one]);
    if (one && rest.includes('/frames/')) return frame(new Uint8Array(16));
    if (one && rest.endsWith('/rendered')) return picture(locate(one));
    return undefined;
  };
}
