import type { CopyHolder } from '../storage/sources.ts';

type Holders = readonly { value: CopyHolder }[];

/** Of these blobs, the ones that this node's store lacks on purpose. */
export async function absentOnPurpose(holders: Holders, sha256: readonly string[]): Promise<Set<string>> {
  const lists = await Promise.all(holders.map(({ value }) => value.absentOnPurpose?.(sha256) ?? []));
  return new Set(lists.flat());
}

/** Of these blobs, the ones that are absent on purpose or of which another place holds a copy. */
export async function heldElsewhere(holders: Holders, sha256: readonly string[]): Promise<Set<string>> {
  const found = await absentOnPurpose(holders, sha256);
  for (const { value } of holders) {
    // A place that cannot be asked now vouches for nothing.
    for (const copy of await value.copies(sha256).catch(() => [])) found.add(copy.sha256);
  }
  return found;
}
