import type { Hl7Field, Hl7Segment } from '@medplum/core';

/**
 * Where a value stands: `PID-5.1`, `PID-3[2].4.1` (second repetition), `OBX(3.1=113014)-5` (of the first OBX whose 3.1 is that). Counted from 1, as HL7 does; what is
 * left out is 1.
 */
export interface Path {
  readonly segment: string;
  readonly where?: { readonly field: number; readonly component: number; readonly value: string };
  readonly field: number;
  readonly repetition: number;
  readonly component: number;
  readonly subcomponent: number;
}

const PATTERN =
  /^([A-Z][A-Z0-9]{2})(?:\((\d{1,3})(?:\.(\d{1,2}))?=([^)]{1,64})\))?-(\d{1,3})(?:\[(\d{1,3})\])?(?:\.(\d{1,2})(?:\.(\d{1,2}))?)?$/;
const parsed = new Map<string, Path | undefined>();

/** Undefined when it is none. */
export function parsePath(text: string): Path | undefined {
  if (parsed.has(text)) return parsed.get(text);
  const path = readPath(text);
  if (parsed.size < 10_000) parsed.set(text, path);
  return path;
}

function readPath(text: string): Path | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, segment = '', whereField, whereComponent, value, field, repetition, component, subcomponent] = match;
  const numbers = [field, repetition, component, subcomponent].map((part) => Number(part ?? 1));
  const [f = 0, r = 0, c = 0, s = 0] = numbers;
  if (numbers.some((number) => number < 1)) return undefined;
  return {
    segment,
    ...(whereField && value !== undefined
      ? { where: { field: Number(whereField), component: Number(whereComponent ?? 1), value } }
      : {}),
    field: f,
    repetition: r,
    component: c,
    subcomponent: s,
  };
}

/** Segments of a message, or of one order in it. */
export type Segments = readonly Hl7Segment[];

/** The first of these paths that has a value, unescaped and trimmed; '' when none has. */
export function valueAt(segments: Segments, paths: readonly string[]): string {
  for (const text of paths) {
    const path = parsePath(text);
    const value = path ? read(segments, path) : '';
    if (value !== '') return value;
  }
  return '';
}

function read(segments: Segments, path: Path): string {
  for (const segment of segments) {
    if (segment.name !== path.segment) continue;
    const { where } = path;
    if (where && componentOf(segment.getField(where.field), where.component) !== where.value) continue;
    return componentOf(segment.getField(path.field), path.component, path.subcomponent, path.repetition - 1);
  }
  return '';
}

/** Of the first segment of the path's name: all repetitions of its field, as lists of components. */
export function repetitionsAt(segments: Segments, text: string): { field: Hl7Field; count: number } | undefined {
  const path = parsePath(text);
  const segment = path && segments.find(({ name }) => name === path.segment);
  const field = segment?.getField(path?.field ?? 0) as Hl7Field | undefined;
  return field && { field, count: field.components.length };
}

/** `component` and `subcomponent` from 1, `repetition` from 0. A null (`""`) is '' here. */
export function componentOf(field: Hl7Field | undefined, component: number, subcomponent = 1, repetition = 0): string {
  if (!field) return '';
  const { context } = field;
  const whole = field.components[repetition]?.[component - 1] ?? '';
  const part = whole.split(context.subcomponentSeparator)[subcomponent - 1] ?? '';
  const text = unescapeText(part, context.escapeCharacter, context).trim();
  return text === '""' ? '' : text;
}

/** A whole repetition of a text field: its separators are text, as FT has it from senders that do not escape. */
export function textOf(field: Hl7Field | undefined, repetition: number): string {
  if (!field) return '';
  const whole = (field.components[repetition] ?? []).join(field.context.componentSeparator);
  return unescapeText(whole, field.context.escapeCharacter, field.context);
}

type Separators = Pick<
  Hl7Field['context'],
  'fieldSeparator' | 'componentSeparator' | 'repetitionSeparator' | 'subcomponentSeparator'
>;

/** HL7 v2 2.7 */
export function unescapeText(text: string, escapeCharacter: string, separators: Separators): string {
  if (escapeCharacter === '' || !text.includes(escapeCharacter)) return text;
  const pieces = text.split(escapeCharacter);
  let result = pieces[0] ?? '';
  for (let i = 1; i < pieces.length; i += 1) {
    const piece = pieces[i] ?? '';
    const known = i + 1 < pieces.length ? sequence(piece, escapeCharacter, separators) : undefined;
    if (known === undefined) {
      // Not an escape: the sign stands for itself.
      result += escapeCharacter + piece;
    } else {
      result += known + (pieces[i + 1] ?? '');
      i += 1;
    }
  }
  return result;
}

function sequence(name: string, escapeCharacter: string, separators: Separators): string | undefined {
  switch (name) {
    case 'F':
      return separators.fieldSeparator;
    case 'S':
      return separators.componentSeparator;
    case 'R':
      return separators.repetitionSeparator;
    case 'T':
      return separators.subcomponentSeparator;
    case 'E':
      return escapeCharacter;
    case 'H':
    case 'N':
    case '.ce':
    case '.fi':
    case '.nf':
      return '';
  }
  if (/^\.(br|sp\+?\d*)$/.test(name)) return '\n';
  if (/^\.(in|ti|sk)[+-]?\d*$/.test(name)) return ' ';
  // Hexadecimal: only what is the same in every character set; the rest is left as it stands.
  if (/^X(0[9AD]|[2-7][0-9A-F])+$/i.test(name))
    return Buffer.from(name.slice(1), 'hex').toString('latin1').replaceAll('\r', '\n');
  return undefined;
}

/** The other way, for the standard separators. */
export function escapeText(text: string): string {
  return text
    .replaceAll(
      /[\\|^~&]/g,
      (sign) => ({ '\\': '\\E\\', '|': '\\F\\', '^': '\\S\\', '~': '\\R\\', '&': '\\T\\' })[sign] ?? sign,
    )
    .replaceAll(/\r\n|\r|\n/g, '\\.br\\')
    .replaceAll(/\p{Cc}/gu, ' ');
}
