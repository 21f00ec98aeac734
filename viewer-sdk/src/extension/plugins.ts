import { html, nothing, svg } from 'lit';
import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { isAbort, ViewerError } from '../errors.ts';
import { moduleTranslator } from '../i18n/module.ts';
import type { ViewerContext, ViewerExtension } from './contract.ts';
import { registerViewerExtension } from './registry.ts';

/** What a plugin's script is given: it needs no copy of the SDK, and no address of it. */
export interface ViewerSdk {
  readonly registerViewerExtension: typeof registerViewerExtension;
  readonly moduleTranslator: typeof moduleTranslator;
  /** Lit's templates, for panels and layers: what is put into them is text, never markup. */
  readonly html: typeof html;
  readonly svg: typeof svg;
  readonly nothing: typeof nothing;
}

/** The script of a plugin's viewer part: a module with a function that registers its extension. */
export interface ViewerPluginModule {
  default(sdk: ViewerSdk): void | Promise<void>;
}

/** A viewer part as the node lists it. */
interface PluginPart {
  readonly key: string;
  readonly slot: string;
  readonly module: string;
  readonly title: Readonly<Record<string, string>>;
}

const sdk: ViewerSdk = { registerViewerExtension, moduleTranslator, html, svg, nothing };
/** Addresses of the scripts that this page runs already, and how that went. */
const loaded = new Map<string, Promise<void>>();
/** Ids of the plugins' parts: a second node's copy of one is the same part. */
const keys = new Map<string, string>();

/** Imports the viewer parts of the node's plugins, with the identity that the images are fetched with. */
export const pluginsExtension: ViewerExtension = {
  id: 'node-plugins',
  async load(viewer) {
    const { client } = viewer;
    if (client) await loadPlugins(client, viewer);
    // An element may be opened before it knows its server, and given another one later.
    const stop = viewer.on('study', () => {
      if (viewer.client && viewer.client.urls.server !== client?.urls.server) void loadPlugins(viewer.client, viewer);
    });
    return { dispose: stop };
  },
};

/** A plugin that fails is told and left out: the viewer goes on without it. */
async function loadPlugins(client: DicomWebClient, viewer: ViewerContext): Promise<void> {
  const { server } = client.urls;
  let parts: PluginPart[] = [];
  try {
    parts = await listParts(client);
  } catch (error) {
    if (isAbort(error)) return;
    console.error('Filmless viewer: the plugins were not listed', error);
    viewer.notify(pluginText(viewer.locale, 'unlisted'), 'error');
  }
  await Promise.all(
    parts.map(async ({ key, module, title }) => {
      try {
        const url = new URL(module, `${server}/`);
        // What runs in the page comes from the node itself, whatever its list says.
        if (url.origin !== new URL(server).origin) throw new Error(`${module} lies on another server`);
        if (keys.has(key) && keys.get(key) !== url.href) return;
        keys.set(key, url.href);
        let running = loaded.get(url.href);
        if (!running) {
          running = run(url.href);
          loaded.set(url.href, running);
          running.catch(() => loaded.delete(url.href));
        }
        await running;
      } catch (error) {
        console.error(`Filmless viewer: the plugin ${key} was not loaded`, error);
        const name = title[viewer.locale] ?? title['zh-CN'] ?? key;
        viewer.notify(pluginText(viewer.locale, 'failed', { name }), 'error');
      }
    }),
  );
}

async function run(url: string): Promise<void> {
  const module = (await import(url)) as Partial<ViewerPluginModule>;
  if (typeof module.default !== 'function') throw new Error('the module has no default export to call');
  await module.default(sdk);
}

/** Servers that are no Filmless node have no such list: then there are no plugins. @throws ViewerError where there may be some */
async function listParts(client: DicomWebClient): Promise<PluginPart[]> {
  try {
    const listed: unknown = await client.request('/api/ui', { accept: 'application/json' }, (answer) => answer.json());
    if (!Array.isArray(listed)) throw new ViewerError('VIEWER_BAD_RESPONSE', 'no list of plugins');
    return listed.filter(isPart);
  } catch (error) {
    if (error instanceof ViewerError && error.code === 'VIEWER_STUDY_NOT_FOUND') return [];
    throw error;
  }
}

function isPart(value: unknown): value is PluginPart {
  if (typeof value !== 'object' || value === null) return false;
  const { key, slot, module, title } = value as Record<string, unknown>;
  return (
    typeof key === 'string' &&
    typeof slot === 'string' &&
    slot.startsWith('viewer-') &&
    typeof module === 'string' &&
    typeof title === 'object' &&
    title !== null
  );
}

const pluginText = moduleTranslator('node-plugins', {
  en: {
    failed: 'The plugin “{name}” could not be loaded.',
    unlisted:
      'The node did not say which plugins it has: some parts of the viewer may be missing. Reload the page to try again.',
  },
  'zh-CN': {
    failed: '插件“{name}”未能加载。',
    unlisted: '未能取得节点的插件列表，阅片器可能缺少部分功能。请刷新页面重试。',
  },
});
