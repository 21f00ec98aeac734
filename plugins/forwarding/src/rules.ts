import type { DocumentStore } from '@filmless/core/plugin';
import { z } from 'zod';
import { destinationSchema, type Rule, rulesSchema } from './rule.ts';

const RULES = 'rules';
const CONNECTIONS = 'connections';

const connectionsSchema = z.record(destinationSchema, z.number().int().min(1).max(16));

/** Rules, and how many connections a destination may have, as they were saved last. */
export class Rules {
  readonly #documents: DocumentStore;
  #rules: readonly Rule[] = [];
  #connections: ReadonlyMap<string, number> = new Map();

  private constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  static async open(documents: DocumentStore): Promise<Rules> {
    const rules = new Rules(documents);
    await rules.load();
    return rules;
  }

  /** Again, after others may have changed them. */
  async load(): Promise<void> {
    const saved = await this.#documents.get<{ items: unknown }>(RULES);
    this.#rules = rulesSchema.parse(saved?.items ?? []);
    const connections = await this.#documents.get<{ of: unknown }>(CONNECTIONS);
    this.#connections = new Map(Object.entries(connectionsSchema.parse(connections?.of ?? {})));
  }

  /** The very same list until it changes. */
  list(): readonly Rule[] {
    return this.#rules;
  }

  connections(destination: string): number | undefined {
    return this.#connections.get(destination);
  }

  async save(rules: readonly Rule[]): Promise<void> {
    await this.#put(RULES, { items: rules });
    this.#rules = rules;
  }

  async setConnections(destination: string, connections: number): Promise<void> {
    const all = new Map(this.#connections).set(destination, connections);
    await this.#put(CONNECTIONS, { of: Object.fromEntries(all) });
    this.#connections = all;
  }

  async #put(id: string, document: object): Promise<void> {
    const before = await this.#documents.get(id);
    await this.#documents.put(id, document, before?.rev);
  }
}
