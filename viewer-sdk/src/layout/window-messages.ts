/**
 * What a viewer and its second window say to each other, by `postMessage` within one origin. The token goes this way and no other: an address
 * would end up in histories and logs.
 */
export type ToWindow =
  | { readonly filmless: 'show'; readonly images: WindowImages }
  | { readonly filmless: 'end' }
  | { readonly filmless: 'token'; readonly request: number; readonly token: string | undefined };

export type FromWindow = { readonly filmless: 'ready' } | { readonly filmless: 'token'; readonly request: number };

/** What the second window shows. */
export interface WindowImages {
  readonly server: string;
  readonly study: string;
  readonly series: string;
  /** Whose images they have to be. */
  readonly patient: string;
  readonly locale: string;
  readonly theme: string;
  readonly noWebgl: boolean;
  readonly forceWebgl: boolean;
  /** Whether the opener gives tokens; without them the browser's session is used. */
  readonly tokens: boolean;
}

const isMessage = (data: unknown): data is { readonly filmless: unknown } =>
  typeof data === 'object' && data !== null && 'filmless' in data;

/** A message of the other side, of this origin; `undefined` for everything else that pages send each other. */
export function readMessage<M extends ToWindow | FromWindow>(event: MessageEvent, sender: unknown): M | undefined {
  if (event.origin !== location.origin || event.source !== sender || !isMessage(event.data)) return undefined;
  // Both sides are of one build and one origin: what says it is ours is.
  return event.data as M;
}
