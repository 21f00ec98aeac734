import { createHash } from 'node:crypto';
import type { DocumentStore } from '@filmless/core/plugin';
import { z } from 'zod';

/** What FHIR takes as an id. */
const ID = /^[A-Za-z0-9.-]{1,64}$/;
const PREFIX = 'fhir-id:';
const pairSchema = z.object({ pair: z.tuple([z.string(), z.string()]) });

export const isFhirId = (text: string): boolean => ID.test(text);

/**
 * Pairs of a name and who gave it (Patient ID and issuer, order number and system) as FHIR ids and back. Most carry the pair themselves; one too
 * long for that is kept in a document under its hash. Who may see what an id leads to is decided by the scope, never by the id.
 */
export class PairIds {
  readonly #documents: DocumentStore;

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  async encode(pair: readonly [string, string]): Promise<string> {
    const text = Buffer.from(JSON.stringify(pair), 'utf8').toString('base64url');
    // `_` is no letter of FHIR's ids.
    const id = `p${text.replaceAll('_', '.')}`;
    if (id.length <= 64) return id;
    const hash = `h${createHash('sha256').update(JSON.stringify(pair)).digest('hex').slice(0, 48)}`;
    if (!(await this.#documents.get(PREFIX + hash))) {
      try {
        await this.#documents.put(PREFIX + hash, { pair: [...pair] });
      } catch (error) {
        // Somebody was quicker with the same.
        if (!(await this.#documents.get(PREFIX + hash))) throw error;
      }
    }
    return hash;
  }

  /** Undefined when it is none of ours. */
  async decode(id: string): Promise<[string, string] | undefined> {
    if (!isFhirId(id)) return undefined;
    if (id.startsWith('h')) {
      const found = pairSchema.safeParse(await this.#documents.get(PREFIX + id));
      return found.success ? found.data.pair : undefined;
    }
    if (!id.startsWith('p')) return undefined;
    try {
      const json: unknown = JSON.parse(Buffer.from(id.slice(1).replaceAll('.', '_'), 'base64url').toString('utf8'));
      const pair = pairSchema.shape.pair.safeParse(json);
      // One id for one pair: another spelling of it is none.
      return pair.success && (await this.encode(pair.data)) === id ? pair.data : undefined;
    } catch {
      return undefined;
    }
  }
}
