/**
 * The messages between a page and the viewer in its frame (`/embed`). Every message carries the protocol's version under `filmless`; both
 * sides check origin, source window and shape, and drop what is not theirs.
 */
export const EMBED_PROTOCOL = 1;

/** What to open. With `patient` set, images of anybody else are never shown. */
export interface EmbedTarget {
  readonly study?: string;
  readonly series?: string;
  readonly accession?: string;
  readonly patient?: string;
}

/** How the viewer looks. */
export interface EmbedLook {
  readonly locale?: string;
  readonly theme?: 'dark' | 'light';
  readonly toolset?: string;
}

/** From the page to the frame. */
export type EmbedCommand =
  /** The first message; again with a newer token whenever the page likes. */
  | ({ readonly type: 'init'; readonly token: string } & EmbedLook)
  /** The answer to `token-request`; an empty token says that there is none. */
  | { readonly type: 'token'; readonly request: number; readonly token: string }
  /** `opening` counts the page's openings: what the frame tells carries it back. */
  | ({ readonly type: 'open'; readonly opening: number } & EmbedTarget)
  | { readonly type: 'setLayout'; readonly layout: string }
  | { readonly type: 'close' };

/** From the frame to the page. */
export type EmbedNotice =
  /** The answer to `init`. */
  | { readonly type: 'ready' }
  /** The node no longer takes the last token. */
  | { readonly type: 'token-request'; readonly request: number }
  /** An event of the viewer, for the opening named. */
  | { readonly type: 'event'; readonly name: EmbedEventName; readonly opening: number; readonly detail: unknown }
  /** A message that is of another version or not understood. */
  | { readonly type: 'refused'; readonly reason: 'version' | 'malformed' };

/** The viewer's events that the page hears. */
export const EMBED_EVENTS = [
  'filmless-first-image',
  'filmless-study-open',
  'filmless-image-change',
  'filmless-measurement',
  'filmless-error',
] as const;
export type EmbedEventName = (typeof EMBED_EVENTS)[number];

export type Envelope<T> = { readonly filmless: typeof EMBED_PROTOCOL } & T;

export const envelope = <T extends EmbedCommand | EmbedNotice>(message: T): Envelope<T> => ({
  filmless: EMBED_PROTOCOL,
  ...message,
});

/** What a received value is: a message, somebody else's, or one of ours that cannot be taken. */
export type Read<T> = { readonly message: T } | 'not-ours' | 'version' | 'malformed';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

/** Longer texts than any identifier are no identifiers. @dicom PS3.5 6.2 */
const MOST_CHARACTERS = 256;
const MOST_TOKEN_CHARACTERS = 8192;

const text: Check = (value) => typeof value === 'string' && value.length <= MOST_CHARACTERS;
const token: Check = (value) => typeof value === 'string' && value.length <= MOST_TOKEN_CHARACTERS;
const count: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const anything: Check = () => true;

const COMMANDS: Readonly<Record<EmbedCommand['type'], Readonly<Record<string, Check>>>> = {
  init: {
    token,
    locale: optional(text),
    theme: optional(oneOf('dark', 'light')),
    toolset: optional(text),
  },
  token: { request: count, token },
  open: {
    opening: count,
    study: optional(text),
    series: optional(text),
    accession: optional(text),
    patient: optional(text),
  },
  setLayout: { layout: text },
  close: {},
};

const NOTICES: Readonly<Record<EmbedNotice['type'], Readonly<Record<string, Check>>>> = {
  ready: {},
  'token-request': { request: count },
  event: { name: oneOf(...EMBED_EVENTS), opening: count, detail: anything },
  refused: { reason: oneOf('version', 'malformed') },
};

/** Reads a message of the page. */
export const readCommand = (data: unknown): Read<EmbedCommand> => read<EmbedCommand>(data, COMMANDS);
/** Reads a message of the frame. */
export const readNotice = (data: unknown): Read<EmbedNotice> => read<EmbedNotice>(data, NOTICES);

/** Takes the fields that the table names, each checked, and nothing else. */
function read<T>(data: unknown, table: Readonly<Record<string, Readonly<Record<string, Check>>>>): Read<T> {
  if (typeof data !== 'object' || data === null || !('filmless' in data)) return 'not-ours';
  const fields = data as Fields;
  if (fields['filmless'] !== EMBED_PROTOCOL) return 'version';
  const type = fields['type'];
  const checks = typeof type === 'string' && Object.hasOwn(table, type) ? table[type] : undefined;
  if (!checks) return 'malformed';
  const message: Record<string, unknown> = { type };
  for (const [name, check] of Object.entries(checks)) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!check(value)) return 'malformed';
    if (value !== undefined) message[name] = value;
  }
  return { message: message as T };
}
