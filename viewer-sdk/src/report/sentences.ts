/** A piece of a sentence; a reference names one of the report's images, from 1. */
export interface TextPiece {
  readonly text: string;
  readonly image: number | undefined;
}

export interface Sentence {
  readonly pieces: readonly TextPiece[];
}

/** A line of a report: a heading, or sentences. */
export interface ReportLine {
  readonly heading: boolean;
  readonly sentences: readonly Sentence[];
}

/** "图1", "图 2", "图像3", "(Fig. 4)", "Image 5" and "key image 6" speak of the report's images. */
const REFERENCE =
  /(?:图像?|影像)\s*(\d{1,3})(?![\d.])|\b(?:key\s+image|image|img|fig(?:ure)?)\.?\s*(\d{1,3})(?![\d.])/giu;
/** A sentence ends with its mark and what closes behind it; a dot between digits is none. */
const SENTENCE = /[^。！？!?；;.]*(?:[。！？!?；;]|\.(?=\s|$)|\.|$)[”’」』)）\]]*\s*/gu;
const HEADING = /^[^。.；;，,]{1,20}[:：]\s*$|^[【[][^】\]]{1,20}[】\]]\s*$/u;

/** The lines of a report's text. @param images how many images it has: other numbers are left alone */
export function reportLines(text: string, images: number): ReportLine[] {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => ({
      heading: HEADING.test(line.trim()),
      sentences: sentencesOf(line).map((sentence) => ({ pieces: pieces(sentence, images) })),
    }));
}

function sentencesOf(line: string): string[] {
  const found: string[] = [];
  for (const part of line.match(SENTENCE) ?? []) {
    if (part === '') continue;
    const last = found.at(-1);
    // "3.5" is one number, and "Fig. 1" one reference.
    if (last !== undefined && (/\d\.$/.test(last) || /\b(?:fig|img|no)\.\s*$/i.test(last)))
      found[found.length - 1] = last + part;
    else found.push(part);
  }
  return found;
}

function pieces(sentence: string, images: number): TextPiece[] {
  const result: TextPiece[] = [];
  let at = 0;
  for (const match of sentence.matchAll(REFERENCE)) {
    const image = Number(match[1] ?? match[2]);
    if (image < 1 || image > images) continue;
    if (match.index > at) result.push({ text: sentence.slice(at, match.index), image: undefined });
    result.push({ text: match[0], image });
    at = match.index + match[0].length;
  }
  if (at < sentence.length) result.push({ text: sentence.slice(at), image: undefined });
  return result;
}
