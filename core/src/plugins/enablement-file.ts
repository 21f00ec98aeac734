import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';

const schema = z.strictObject({ disabled: z.array(z.string()), enabled: z.array(z.string()) });

/** Which plugins this site has switched, kept beside its data. What is not named follows the configuration. */
export class EnablementFile {
  readonly #path: string;
  #state: z.infer<typeof schema> = { disabled: [], enabled: [] };

  private constructor(path: string) {
    this.#path = path;
  }

  static async open(path: string): Promise<EnablementFile> {
    const file = new EnablementFile(path);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text !== undefined) {
      try {
        file.#state = schema.parse(JSON.parse(text));
      } catch (error) {
        throw new FilmlessError(
          'CONFIG_INVALID',
          `${path} is damaged: remove it to start with the configured plugins`,
          { cause: error },
        );
      }
    }
    return file;
  }

  isEnabled(pluginId: string, configuredDefault: boolean): boolean {
    if (this.#state.disabled.includes(pluginId)) return false;
    if (this.#state.enabled.includes(pluginId)) return true;
    return configuredDefault;
  }

  async set(pluginId: string, enabled: boolean): Promise<void> {
    const without = (list: string[]) => list.filter((id) => id !== pluginId);
    const next = { disabled: without(this.#state.disabled), enabled: without(this.#state.enabled) };
    next[enabled ? 'enabled' : 'disabled'].push(pluginId);
    await mkdir(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.tmp`;
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(`${JSON.stringify(next, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#path);
    this.#state = next;
  }
}
