import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type DocumentStore, FilmlessError } from '@filmless/core/plugin';
import { z } from 'zod';

const PREFIX = 'stow:';

export const stowNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'letters, digits, _ . -');

const secret = z.string().min(1).max(8192);

/** A STOW-RS server as it is kept with the documents of the plugin: without its password. */
const serverSchema = z.strictObject({
  name: stowNameSchema,
  title: z.string().trim().max(100).default(''),
  url: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => new URL(url).username === '' && new URL(url).search === '',
      'no user, password or query in the URL',
    )
    .describe('Base of the DICOMweb service: https://pacs.example/dicom-web'),
  authorization: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({ kind: z.literal('basic'), user: z.string().min(1).max(256) }),
      z.strictObject({ kind: z.literal('bearer') }),
    ])
    .default({ kind: 'none' }),
  sources: z
    .array(z.string().trim().min(1).max(64))
    .max(20)
    .default([])
    .describe('AE titles or accounts under which that system sends to this node: nothing of theirs goes back to it'),
});
export type StowServer = z.infer<typeof serverSchema>;

/** As a person gives it; the password or token stays as it is when it is absent. */
export const stowInputSchema = serverSchema.omit({ name: true }).extend({ secret: secret.optional() });

const secretsSchema = z.record(z.string(), secret);

/** STOW-RS servers that instances can be forwarded to. Their passwords lie in a file of this node alone that only its owner can read. */
export class StowDestinations {
  readonly #documents: DocumentStore;
  readonly #path: string;
  readonly #secrets: Map<string, string>;
  #servers = new Map<string, StowServer>();

  private constructor(documents: DocumentStore, path: string, secrets: Map<string, string>) {
    this.#documents = documents;
    this.#path = path;
    this.#secrets = secrets;
  }

  static async open(documents: DocumentStore, path: string): Promise<StowDestinations> {
    const destinations = new StowDestinations(documents, path, new Map(Object.entries(await readSecrets(path))));
    await destinations.load();
    return destinations;
  }

  /** Again, after others may have changed them. */
  async load(): Promise<void> {
    const kept = await this.#documents.list(PREFIX, { limit: 1000 });
    this.#servers = new Map(
      kept.map(({ id: _, rev: __, ...each }) => {
        const server = serverSchema.parse(each);
        return [server.name, server];
      }),
    );
  }

  list(): (StowServer & { hasSecret: boolean })[] {
    return [...this.#servers.values()].map((server) => ({ ...server, hasSecret: this.#secrets.has(server.name) }));
  }

  /** Throws NOT_FOUND. */
  require(name: string): StowServer {
    const server = this.#servers.get(name);
    if (!server) throw new FilmlessError('NOT_FOUND', 'no such STOW-RS server');
    return server;
  }

  /** Value of the Authorization header; undefined when it needs none. Throws UNAUTHENTICATED when its password is not on this node. */
  authorization(name: string): string | undefined {
    const { authorization } = this.require(name);
    if (authorization.kind === 'none') return undefined;
    const known = this.#secrets.get(name);
    if (known === undefined)
      throw new FilmlessError('UNAUTHENTICATED', 'its password or token is not set on this node');
    if (authorization.kind === 'bearer') return `Bearer ${known}`;
    return `Basic ${Buffer.from(`${authorization.user}:${known}`).toString('base64')}`;
  }

  async put(name: string, { secret: given, ...settings }: z.infer<typeof stowInputSchema>): Promise<StowServer> {
    const server = serverSchema.parse({ ...settings, name });
    const before = this.#servers.get(name);
    // A password must not go to another place than the one it was given for.
    const moved = before !== undefined && new URL(before.url).origin !== new URL(server.url).origin;
    if (server.authorization.kind === 'none' || (moved && given === undefined)) this.#secrets.delete(name);
    if (given !== undefined) this.#secrets.set(name, given);
    await this.#writeSecrets();
    const kept = await this.#documents.get(PREFIX + name);
    await this.#documents.put(PREFIX + name, server, kept?.rev);
    this.#servers.set(name, server);
    return server;
  }

  /** Throws NOT_FOUND. */
  async remove(name: string): Promise<void> {
    this.require(name);
    const kept = await this.#documents.get(PREFIX + name);
    if (kept) await this.#documents.remove(PREFIX + name, kept.rev);
    this.#servers.delete(name);
    this.#secrets.delete(name);
    await this.#writeSecrets();
  }

  async #writeSecrets(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const file = await open(`${this.#path}.new`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(Object.fromEntries(this.#secrets)));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.#path}.new`, this.#path);
  }
}

async function readSecrets(path: string): Promise<Record<string, string>> {
  try {
    return secretsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new FilmlessError('CONFIG_INVALID', 'the file with the passwords of STOW-RS servers cannot be read', {
      cause: error,
    });
  }
}
