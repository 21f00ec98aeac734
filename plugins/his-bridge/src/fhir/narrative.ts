import type { Narrative } from '@medplum/fhirtypes';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** What XML cannot carry at all. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const escaped = (text: string): string =>
  text.replace(FORBIDDEN, '\u{FFFD}').replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

/** Paragraphs of plain text as XHTML: whatever stands in them is shown as text. */
export function narrative(...paragraphs: readonly string[]): Narrative | undefined {
  const given = paragraphs.filter((text) => text.trim() !== '');
  if (given.length === 0) return undefined;
  const lines = (text: string) =>
    text
      .split(/\r\n|\r|\n/)
      .map(escaped)
      .join('<br/>');
  const body = given.map((text) => `<p>${lines(text)}</p>`).join('');
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${body}</div>` };
}
