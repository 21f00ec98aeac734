const FIRST_MS = 5_000;
const LONGEST_MS = 60 * 60_000;
const JITTER = 0.2;

/** Wait after the n-th failure (from 1): doubling from 5 s up to an hour, a fifth more or less, so that what failed together does not come back together. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const plain = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  return Math.round(plain * (1 + JITTER * (2 * random() - 1)));
}
