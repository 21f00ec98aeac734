import { build } from 'esbuild';
import type { Plugin } from 'rollup';

/**
 * Rollup plugin of the staff's application: bundles the style sheet, and writes index.html with the hashed names. No inline script, so
 * that the page lives under a strict Content-Security-Policy.
 */
export function applicationPage(options: { page: string; style: string }): Plugin {
  return {
    name: 'filmless-application-page',
    buildStart() {
      this.addWatchFile(options.page);
    },
    resolveId(source) {
      return source === '@vaadin/vaadin-usage-statistics/vaadin-usage-statistics.js' ||
        source.startsWith('@vaadin/vaadin-development-mode-detector')
        ? `\0${source}`
        : null;
    },
    /** Vaadin's usage statistics are left out of the bundle altogether. */
    load(id) {
      if (id.startsWith('\0@vaadin/vaadin-usage-statistics')) return 'export const usageStatistics = () => {};';
      if (id.startsWith('\0@vaadin/vaadin-development-mode-detector'))
        return 'export const runIfDevelopmentMode = () => {};';
      return null;
    },
    async generateBundle(_, bundle) {
      const css = await build({
        entryPoints: [options.style],
        bundle: true,
        minify: true,
        write: false,
        logLevel: 'warning',
        external: ['*.woff2'],
      });
      // Fonts inside the style sheet become files: the policy allows none from `data:`.
      const style = (css.outputFiles[0]?.text ?? '').replace(
        /url\((["']?)data:application\/font-woff;charset=utf-8;base64,([A-Za-z0-9+/=]+)\1\)/g,
        (_match, _quote, base64: string) => {
          const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          return `url(/${this.getFileName(this.emitFile({ type: 'asset', name: 'icons.woff', source: bytes }))})`;
        },
      );
      const styleId = this.emitFile({ type: 'asset', name: 'app.css', source: style });
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const entry = (name: string) => {
        const chunk = chunks.find((candidate) => candidate.isEntry && candidate.name === name);
        if (!chunk) throw new Error(`The bundle has no entry "${name}"`);
        return chunk;
      };
      const main = entry('main');
      const shell = chunks.find((chunk) => chunk.isDynamicEntry && chunk.name === 'app');
      const early = new Set([...main.imports, ...(shell ? [shell.fileName, ...shell.imports] : [])]);
      const page = await this.fs.readFile(options.page, { encoding: 'utf8' });
      const values: Record<string, string> = {
        boot: `/${entry('boot').fileName}`,
        main: `/${main.fileName}`,
        style: `/${this.getFileName(styleId)}`,
        preload: [...early].map((file) => `<link rel="modulepreload" href="/${file}" />`).join('\n    '),
      };
      this.emitFile({
        type: 'asset',
        fileName: 'index.html',
        source: page.replace(/%(\w+)%/g, (_match, key: string) => values[key] ?? ''),
      });
    },
  };
}
