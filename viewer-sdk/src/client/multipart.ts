/** One part of a multipart/related body. */
export interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** An answer that is not what its Content-Type says. */
export class MultipartError extends Error {}

/** The parameters of a header value such as `multipart/related; type="application/dicom"; boundary=abc`; names in lower case. */
export function headerParameters(value: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const match of value.matchAll(/;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g)) {
    parameters.set((match[1] ?? '').toLowerCase(), match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? '');
  }
  return parameters;
}

/**
 * The parts of a multipart/related body; a body of another type is one part. Part bodies are views, nothing is copied.
 * @throws MultipartError when the body is not what its Content-Type says
 * @dicom PS3.18 8.6.1.2.1
 */
export function parseMultipart(contentType: string, body: Uint8Array<ArrayBuffer>): Part[] {
  if (!/^\s*multipart\//i.test(contentType)) return [{ headers: new Map([['content-type', contentType]]), body }];
  const boundary = headerParameters(contentType).get('boundary');
  if (!boundary) throw new MultipartError('multipart answer without a boundary');
  const delimiter = new TextEncoder().encode(`--${boundary}`);
  const parts: Part[] = [];
  let at = indexOf(body, delimiter, 0);
  if (at < 0) throw new MultipartError('multipart answer without its first boundary');
  for (;;) {
    let start = at + delimiter.length;
    if (body[start] === 0x2d && body[start + 1] === 0x2d) return parts;
    const end = indexOf(body, HEAD_END, start);
    if (end < 0) throw new MultipartError('multipart answer cut off in a header');
    const headers = partHeaders(body.subarray(start, end));
    start = end + HEAD_END.length;
    const declared = Number(headers.get('content-length'));
    const length = Number.isInteger(declared) && declared > 0 ? declared : 0;
    // The declared length lets us step over the pixels, when it is right.
    let next = start + length <= body.length ? indexOf(body, delimiter, start + length) : -1;
    if (next > start + length + 2) next = -1;
    if (next < 0) next = indexOf(body, delimiter, start);
    if (next < 0) throw new MultipartError('multipart answer cut off before its last boundary');
    const last = body[next - 2] === 0x0d && body[next - 1] === 0x0a ? next - 2 : next;
    parts.push({ headers, body: body.subarray(start, last) });
    at = next;
  }
}

/** Between a part's headers and its body; a part without headers has it right after the boundary's own line end. */
const HEAD_END = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a]);

/** The headers of a part, from the bytes between its boundary and the empty line; names in lower case. */
export function partHeaders(bytes: Uint8Array): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of new TextDecoder('latin1').decode(bytes).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

/** Where a sequence of bytes begins, at `from` or after it; -1 where it is not. */
export function indexOf(body: Uint8Array, pattern: Uint8Array, from: number): number {
  const first = pattern[0] ?? 0;
  const last = body.length - pattern.length;
  for (let at = body.indexOf(first, from); at >= 0 && at <= last; at = body.indexOf(first, at + 1)) {
    let matched = 1;
    while (matched < pattern.length && body[at + matched] === pattern[matched]) matched += 1;
    if (matched === pattern.length) return at;
  }
  return -1;
}
