import type { AuthorizedFetch } from '../client/authorized-fetch.ts';
import { ViewerError } from '../errors.ts';
import { BUILT_IN_PROTOCOLS } from './built-in.ts';
import { checkSchema } from './check-schema.ts';
import { COLLECTION_SCHEMA, type HangingProtocol, type ProtocolCollection } from './protocol.ts';

export type ProtocolScope = 'user' | 'site';

/** A protocol and whose it is. */
export interface OwnedProtocol {
  readonly protocol: HangingProtocol;
  readonly owner: ProtocolScope | 'built-in';
}

const KEY = 'hanging-protocols';
const STORED = 'filmless.viewer.hanging-protocols';

interface Kept {
  protocols: readonly HangingProtocol[];
  /** As the server has it; `undefined` where it has none. */
  rev: string | undefined;
}

/**
 * Where protocols are kept: for the user and for the site at the server, and in the browser for the user where the server keeps no settings.
 * What comes back is checked: whatever does not fit the schema is left out.
 */
export class ProtocolStore {
  readonly #fetch: AuthorizedFetch;
  readonly #server: string;
  readonly #kept: Record<ProtocolScope, Kept> = {
    user: { protocols: [], rev: undefined },
    site: { protocols: [], rev: undefined },
  };
  /** Whether the server keeps the user's settings. */
  #remote = false;

  constructor(fetch: AuthorizedFetch, server: string) {
    this.#fetch = fetch;
    this.#server = server;
  }

  /** The user's first, then the site's, then ours; of one id the first counts. */
  get protocols(): readonly OwnedProtocol[] {
    const all: OwnedProtocol[] = [
      ...this.#kept.user.protocols.map((protocol): OwnedProtocol => ({ protocol, owner: 'user' })),
      ...this.#kept.site.protocols.map((protocol): OwnedProtocol => ({ protocol, owner: 'site' })),
      ...BUILT_IN_PROTOCOLS.map((protocol): OwnedProtocol => ({ protocol, owner: 'built-in' })),
    ];
    return all.filter((one, index) => all.findIndex(({ protocol }) => protocol.id === one.protocol.id) === index);
  }

  /** Where the user's protocols go. */
  get place(): 'server' | 'browser' {
    return this.#remote ? 'server' : 'browser';
  }

  async load(): Promise<void> {
    const [user, site] = await Promise.all([this.#read('user'), this.#read('site')]);
    this.#remote = user !== undefined;
    this.#kept.user = user ?? { protocols: readCollection(readStored()), rev: undefined };
    this.#kept.site = site ?? { protocols: [], rev: undefined };
  }

  /**
   * Adds a protocol or replaces the one of its id. @throws ViewerError when the server refuses; TypeError for what does not fit the schema
   */
  async save(protocol: HangingProtocol, scope: ProtocolScope): Promise<void> {
    const others = this.#kept[scope].protocols.filter(({ id }) => id !== protocol.id);
    await this.#write(scope, [protocol, ...others]);
  }

  async remove(id: string, scope: ProtocolScope): Promise<void> {
    await this.#write(
      scope,
      this.#kept[scope].protocols.filter((protocol) => protocol.id !== id),
    );
  }

  async #write(scope: ProtocolScope, protocols: readonly HangingProtocol[]): Promise<void> {
    const value: ProtocolCollection = { version: 1, protocols };
    const problems = checkSchema(value, COLLECTION_SCHEMA);
    if (problems.length > 0) throw new TypeError(`${problems[0]?.path} ${problems[0]?.rule}`);
    if (scope === 'user' && !this.#remote) {
      globalThis.localStorage?.setItem(STORED, JSON.stringify(value));
      this.#kept.user = { protocols, rev: undefined };
      return;
    }
    const { rev } = this.#kept[scope];
    const body = new Blob([JSON.stringify({ value, ...(rev === undefined ? {} : { rev }) })]);
    const content = { type: 'application/json', body, method: 'PUT' } as const;
    const answer = await this.#fetch.request(this.#url(scope), { content }, (response) => response.json());
    this.#kept[scope] = { protocols, rev: revOf(answer) };
  }

  /** `undefined` when the server keeps no settings for this user, or cannot be asked: the viewer works without. */
  async #read(scope: ProtocolScope): Promise<Kept | undefined> {
    try {
      const options = { accept: 'application/json' };
      const answer = await this.#fetch.request(
        this.#url(scope),
        options,
        (response): Promise<unknown> => response.json(),
      );
      if (field(answer, 'kept') === false) return undefined;
      return { protocols: readCollection(field(answer, 'value')), rev: revOf(answer) };
    } catch (error) {
      if (error instanceof ViewerError) return undefined;
      throw error;
    }
  }

  #url(scope: ProtocolScope): string {
    return `${this.#server}/api/settings/${scope}/${KEY}`;
  }
}

function readStored(): unknown {
  try {
    return JSON.parse(globalThis.localStorage?.getItem(STORED) ?? 'null');
  } catch {
    // Blocked by the browser, or not ours: as good as none.
    return undefined;
  }
}

function readCollection(value: unknown): HangingProtocol[] {
  const protocols = field(value, 'protocols');
  if (!Array.isArray(protocols)) return [];
  const item = COLLECTION_SCHEMA.properties.protocols.items;
  return protocols.filter((protocol): protocol is HangingProtocol => checkSchema(protocol, item).length === 0);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function revOf(answer: unknown): string | undefined {
  const rev = field(answer, 'rev');
  return typeof rev === 'string' ? rev : undefined;
}
