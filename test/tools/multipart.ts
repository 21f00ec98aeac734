/** The parts' bodies of a whole multipart answer; for small answers in tests. */
export function multipartBodies(contentType: string, body: Buffer): Buffer[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (!boundary) throw new Error(`no boundary in ${contentType}`);
  const delimiter = Buffer.from(`--${boundary}`);
  const bodies: Buffer[] = [];
  let position = body.indexOf(delimiter);
  while (position >= 0) {
    const next = body.indexOf(delimiter, position + delimiter.length);
    if (next < 0) break;
    const part = body.subarray(position + delimiter.length + 2, next - 2);
    bodies.push(part.subarray(part.indexOf('\r\n\r\n') + 4));
    position = next;
  }
  return bodies;
}
