/** `*` is any run of characters, `?` any one. @dicom PS3.4 C.2.2.2.4 */
export function isWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** In time proportional to the two lengths' product at worst: a peer's pattern must not be able to stall the node, as it could with a RegExp. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const want = Array.from(pattern);
  const have = Array.from(text);
  let at = 0;
  let index = 0;
  let star = -1;
  let starIndex = 0;
  while (index < have.length) {
    if (at < want.length && want[at] === '*') {
      star = at++;
      starIndex = index;
    } else if (at < want.length && (want[at] === '?' || want[at] === have[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++starIndex;
    } else {
      return false;
    }
  }
  while (want[at] === '*') at++;
  return at === want.length;
}
