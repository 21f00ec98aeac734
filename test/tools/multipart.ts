interface Part {
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

/** The parts of a whole multipart answer; for small answers in tests. */
export function multipartParts(contentType: string, body: Buffer): Part[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (!boundary) throw new Error(`no boundary in ${contentType}`);
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let position = body.indexOf(delimiter);
  while (position >= 0) {
    const next = body.indexOf(delimiter, position + delimiter.length);
    if (next < 0) break;
    const part = body.subarray(position + delimiter.length + 2, next - 2);
    const end = part.indexOf('\r\n\r\n');
    const lines = part.subarray(0, end).toString('latin1').split('\r\n');
    const headers = lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]);
    parts.push({ headers: Object.fromEntries(headers) as Record<string, string>, body: part.subarray(end + 4) });
    position = next;
  }
  return parts;
}

/** The parts' bodies alone. */
export function multipartBodies(contentType: string, body: Buffer): Buffer[] {
  return multipartParts(contentType, body).map((part) => part.body);
}
