/** A place where the words were found. */
export interface PdfMatch {
  /** From 1. */
  readonly page: number;
  /** Offsets in the page's text, pieces joined. */
  readonly start: number;
  readonly end: number;
}

/** All places of `words` in a page's text; case, width and kinds of blanks do not matter. */
export function findInPage(pieces: readonly string[], words: string, page: number): PdfMatch[] {
  const { text, places } = fold(pieces.join(''));
  const wanted = fold(words).text.trim();
  if (wanted === '') return [];
  const matches: PdfMatch[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const start = places[at] ?? 0;
    const last = places[at + wanted.length - 1] ?? start;
    matches.push({ page, start, end: last + 1 });
  }
  return matches;
}

/** Folds case, full-width letters and blanks, and keeps where each sign stood. */
function fold(source: string): { text: string; places: number[] } {
  let text = '';
  const places: number[] = [];
  for (let index = 0; index < source.length; index += 1) {
    const sign = source.charAt(index).normalize('NFKC').toLowerCase().replaceAll(/\s/g, ' ');
    for (const unit of sign) {
      if (unit === ' ' && text.endsWith(' ')) continue;
      text += unit;
      for (let count = 0; count < unit.length; count += 1) places.push(index);
    }
  }
  return { text, places };
}

/** A match as ranges of the pieces on the screen. */
export function rangesOf(
  { start, end }: PdfMatch,
  elements: readonly HTMLElement[],
  texts: readonly string[],
): Range[] {
  const ranges: Range[] = [];
  let offset = 0;
  texts.forEach((text, index) => {
    const from = Math.max(0, start - offset);
    const to = Math.min(text.length, end - offset);
    const node = elements[index]?.firstChild;
    if (from < to && node instanceof Text && node.length >= to) {
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, to);
      ranges.push(range);
    }
    offset += text.length;
  });
  return ranges;
}
