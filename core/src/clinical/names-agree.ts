import { nameForms, normalizeText, stripText } from '../query/names.ts';

/**
 * Whether two names can be one person's: a group of one equals a group of the other, or is how a Chinese one is read, family name first or
 * last. A name that is not known contradicts nothing.
 */
export function namesAgree(one: string, other: string): boolean {
  const [a, b] = [writings(one), writings(other)];
  if (a.size === 0 || b.size === 0) return true;
  return [...a].some((writing) => b.has(writing));
}

function writings(name: string): ReadonlySet<string> {
  const { groups, stripped, starts } = nameForms(name);
  const found = new Set(stripped);
  for (const group of groups) {
    const words = normalizeText(group)
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== '');
    if (words.length > 1) found.add(stripText([...words.slice(1), words[0]].join('')));
  }
  // Of the beginnings that a search may have, those that are a whole name: nothing longer ends with them.
  for (const start of starts)
    if (start.length > 3 && !starts.some((longer) => longer !== start && longer.endsWith(start))) found.add(start);
  return found;
}
