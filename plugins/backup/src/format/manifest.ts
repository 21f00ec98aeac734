/** A line of `MANIFEST/*.sha256`: path from the root and hash of the file as it lies there. */
export interface ManifestLine {
  sha256: string;
  path: string;
}

const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** As `sha256sum` prints it, so that `sha256sum -c` reads it at the root. */
export const encodeManifestLine = ({ sha256, path }: ManifestLine): string => `${sha256}  ${path}\n`;

/** Undefined when it is damaged, or was cut off. */
export function decodeManifestLine(line: string): ManifestLine | undefined {
  const [, sha256, path] = LINE.exec(line) ?? [];
  return sha256 === undefined || path === undefined ? undefined : { sha256, path };
}
