import {
  declaredIn,
  decodeLeniently,
  decodeStrictly,
  isDefaultOrLatin1,
  normalizeTerm,
  type TextScope,
} from './character-set.ts';
import type { DicomJsonElement, InstanceHeader } from './types.ts';
import { textValues } from './values.ts';
import type { VrInfo } from './vr.ts';

/** A value with bytes outside ASCII; it can be decoded once all of the data set's text is known. */
export interface PendingText {
  readonly element: DicomJsonElement;
  readonly vr: VrInfo;
  readonly bytes: Uint8Array;
  readonly scope: TextScope;
}

/**
 * Decodes the values that are not ASCII, and decides once for the whole data set whether the declared character set is to be believed.
 *
 * The cure: text that declares nothing, or the default repertoire or Latin 1, is read with `assumed` when its bytes fit that and don't look like what was
 * declared; text that declares nothing and is valid UTF-8 is read as UTF-8. Any other declaration is believed as long as the bytes are valid in it.
 *
 * @dicom PS3.3 C.12.1.1.2, PS3.5 6.1.2.5
 */
export function resolveTexts(
  pending: readonly PendingText[],
  root: TextScope,
  assumed: string | undefined,
): InstanceHeader['characterSet'] {
  const declared = root.declared ?? [];
  const assumedTerms = assumed === undefined || assumed === '' ? undefined : assumed.split('\\');
  const undeclared: PendingText[] = [];
  const groups = new Map<string, PendingText[]>();
  for (const text of pending) {
    const terms = declaredIn(text.scope);
    if (isDefaultOrLatin1(terms)) undeclared.push(text);
    else {
      const key = terms.join('\\');
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [text]);
      else group.push(text);
    }
  }

  let used = declared.length === 0 || declared.every((term) => term === '') ? ['ISO_IR 6'] : declared;
  let cured = false;
  const isRoot = (texts: readonly PendingText[]) => texts.some((text) => declaredIn(text.scope) === declaredIn(root));

  const cure = undeclared.length === 0 ? undefined : cureFor(undeclared, assumedTerms);
  for (const text of undeclared) decodeInto(text, cure ?? latin1Or(declaredIn(text.scope)));
  if (undeclared.length > 0 && (isRoot(undeclared) || groups.size === 0)) {
    used = cure ?? latin1Or(declared);
    cured = cure !== undefined;
  }

  for (const [key, texts] of groups) {
    const terms = key.split('\\');
    const believed = assumedTerms === undefined || allValid(texts, terms) || !allValid(texts, assumedTerms);
    const chosen = believed ? terms : assumedTerms;
    for (const text of texts) decodeInto(text, chosen);
    if (!believed && isRoot(texts)) {
      used = chosen;
      cured = true;
    }
  }
  return { declared, used, cured };
}

function cureFor(texts: readonly PendingText[], assumed: string[] | undefined): string[] | undefined {
  const declaresLatin1 = texts.some((text) =>
    declaredIn(text.scope).some((term) => normalizeTerm(term).endsWith(' 100')),
  );
  if (isWideUtf8(texts) && (!declaresLatin1 || assumed !== undefined)) return ['ISO_IR 192'];
  if (assumed !== undefined && !isDefaultOrLatin1(assumed) && allValid(texts, assumed)) {
    if (!declaresLatin1 || !looksLikeLatin1(texts)) return assumed;
  }
  const hasEscapes = texts.some((text) => text.bytes.includes(0x1b));
  if (!declaresLatin1 && !hasEscapes && allValid(texts, ['ISO_IR 192'])) return ['ISO_IR 192'];
  return undefined;
}

/** UTF-8 whose characters all lie above U+07FF (Chinese, Japanese, Korean): bytes of another set are practically never that by chance. */
function isWideUtf8(texts: readonly PendingText[]): boolean {
  return texts.every((text) => {
    const decoded = decodeStrictly(text.bytes, ['ISO_IR 192'], text.vr.vr);
    if (decoded === undefined || text.bytes.includes(0x1b)) return false;
    return /[\u0800-\uffff]/.test(decoded) && !/[\u0080-\u07ff]/.test(decoded);
  });
}

/** Western names have single accented letters between plain ones; multi-byte and other alphabets come in runs. */
function looksLikeLatin1(texts: readonly PendingText[]): boolean {
  let single = 0;
  let inRuns = 0;
  for (const { bytes } of texts) {
    for (let at = 0; at < bytes.length; ) {
      const start = at;
      while (at < bytes.length && bytes[at]! >= 0x80) {
        if (bytes[at]! < 0xa0) return false;
        at++;
      }
      const run = at - start;
      if (run === 1) single++;
      else inRuns += run;
      if (run === 0) at++;
    }
  }
  return single * 4 >= inRuns;
}

function allValid(texts: readonly PendingText[], terms: readonly string[]): boolean {
  return texts.every((text) => decodeStrictly(text.bytes, terms, text.vr.vr) !== undefined);
}

function latin1Or(declared: string[]): string[] {
  return declared.some((term) => normalizeTerm(term).endsWith(' 100')) ? declared : ['ISO_IR 100'];
}

function decodeInto(text: PendingText, terms: readonly string[]): void {
  const values = textValues(text.vr, decodeLeniently(text.bytes, terms, text.vr.vr));
  if (values !== undefined) text.element.Value = values;
}
