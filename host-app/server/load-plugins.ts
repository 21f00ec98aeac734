import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FilmlessError, type FilmlessPlugin } from '@filmless/core/plugin';
import { z } from 'zod';

const module = z.object({
  default: z.object({
    id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
    api: z.number(),
    title: z.object({ 'zh-CN': z.string(), en: z.string() }),
    config: z.custom<z.ZodType>((value) => value instanceof z.ZodType, 'a zod schema'),
    activate: z.custom<FilmlessPlugin['activate']>((value) => typeof value === 'function', 'a function'),
  }),
});

const isPath = (specifier: string): boolean => /^[./]|^[A-Za-z]:[\\/]/.test(specifier);

/** Loads plugins that did not come with the program. One that cannot be loaded is listed as failed with its cause; the others start. */
export async function loadPlugins(specifiers: readonly string[]): Promise<FilmlessPlugin[]> {
  return Promise.all(
    specifiers.map(async (specifier) => {
      try {
        const loaded: unknown = await import(isPath(specifier) ? pathToFileURL(resolve(specifier)).href : specifier);
        module.parse(loaded);
        return (loaded as { default: FilmlessPlugin }).default;
      } catch (error) {
        return failedPlugin(specifier, error);
      }
    }),
  );
}

function failedPlugin(specifier: string, error: unknown): FilmlessPlugin {
  const why =
    error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
  return {
    id: specifier,
    api: 1,
    title: { 'zh-CN': specifier, en: specifier },
    config: z.unknown(),
    activate() {
      throw new FilmlessError('PLUGIN_FAILED', `the module could not be loaded: ${why}`, { cause: error });
    },
  };
}
