import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import type { Plugin, RollupOptions } from 'rollup';
import esbuild from 'rollup-plugin-esbuild';
import { documentation } from './docs/sdk/documentation.ts';
import { applicationPage } from './host-app/web/build/page-plugin.ts';

/** One bundle: what it is made from, where it goes, and files that lie beside it. */
interface Bundle {
  /** Says which bundle is meant on the command line: `npm run build -- --environment ONLY:sdk,engine`. */
  readonly key: string;
  readonly input: string;
  /** Either one file … */
  readonly file?: string;
  /** … or a folder, for bundles that are cut into pieces. The first piece is named after the input. */
  readonly dir?: string;
  readonly format: 'es' | 'iife';
  /** Hashed names for the pieces, which the server lets browsers keep for ever. */
  readonly pieces?: string;
  /** The first piece's name, where it is not the input's. */
  readonly name?: string;
  /** Put `custom-elements.json` beside it. */
  readonly manifest?: true;
  /** Files copied into the bundle's folder: of packages, or of the SDK's sources. */
  readonly copy?: readonly string[];
}

const CODECS = [
  '@cornerstonejs/codec-charls/dist/charlswasm_decode.wasm',
  '@cornerstonejs/codec-libjpeg-turbo-8bit/dist/libjpegturbowasm_decode.wasm',
  '@cornerstonejs/codec-openjpeg/dist/openjpegwasm_decode.wasm',
  '@cornerstonejs/codec-openjph/dist/openjphjs.wasm',
  '@cornerstonejs/codec-libjxl/dist/jpegxlwasm_decode.wasm',
];

/** What PDF.js fetches when a document asks for it: character maps (Chinese fonts that are not embedded), the standard fonts, decoders. */
const PDF_FILES = ['cmaps', 'standard_fonts', 'wasm', 'iccs'].flatMap((folder) =>
  readdirSync(join(dirname(fileURLToPath(import.meta.url)), 'node_modules/pdfjs-dist', folder))
    .filter((file) => /\.(bcmap|pfb|ttf|wasm|icc)$|_fallback\.js$/.test(file))
    .map((file) => `pdfjs-dist/${folder}/${file}`),
);

/** Every bundle of the repository. */
const BUNDLES: readonly Bundle[] = [
  {
    key: 'sdk',
    input: 'viewer-sdk/src/define.ts',
    dir: 'dist/sdk',
    name: 'filmless-viewer',
    pieces: 'parts/[name]-[hash:20].js',
    format: 'es',
    manifest: true,
  },
  {
    key: 'sdk-iife',
    input: 'viewer-sdk/src/define-global.ts',
    file: 'dist/sdk/filmless-viewer.iife.js',
    format: 'iife',
  },
  {
    key: 'sdk-window',
    input: 'viewer-sdk/src/layout/window-page.ts',
    file: 'dist/sdk/window.js',
    format: 'es',
    copy: ['viewer-sdk/src/layout/window.html'],
  },
  { key: 'engine', input: 'viewer-sdk/src/engine/index.ts', file: 'dist/sdk/filmless-engine.js', format: 'es' },
  {
    key: 'decode',
    input: 'viewer-sdk/src/engine/decode-worker.ts',
    dir: 'dist/sdk/decode',
    format: 'es',
    copy: CODECS,
  },
  {
    key: 'decode',
    input: 'viewer-sdk/src/engine/reader-worker.ts',
    file: 'dist/sdk/decode/reader-worker.js',
    format: 'es',
  },
  {
    key: 'pdf',
    input: 'viewer-sdk/src/objects/document/pdf-worker.ts',
    dir: 'dist/sdk/pdf',
    format: 'es',
    copy: PDF_FILES,
  },
  {
    key: 'mpr',
    input: 'viewer-sdk/src/image-tools/mpr/volume-worker.ts',
    file: 'dist/sdk/mpr/volume-worker.js',
    format: 'es',
  },
  { key: 'plugin-ecg', input: 'plugins/ecg/src/ui/index.ts', file: 'dist/plugins/ecg/ui.js', format: 'es' },
  {
    key: 'plugin-his-bridge',
    input: 'plugins/his-bridge/src/ui/index.ts',
    file: 'dist/plugins/his-bridge/ui.js',
    format: 'es',
  },
  {
    key: 'plugin-department-archive',
    input: 'plugins/department-archive/src/ui/index.ts',
    file: 'dist/plugins/department-archive/ui.js',
    format: 'es',
  },
  {
    key: 'plugin-retention',
    input: 'plugins/retention/src/ui/index.ts',
    file: 'dist/plugins/retention/ui.js',
    format: 'es',
  },
  {
    key: 'plugin-forwarding',
    input: 'plugins/forwarding/src/ui/index.ts',
    file: 'dist/plugins/forwarding/ui.js',
    format: 'es',
  },
  {
    key: 'plugin-backup',
    input: 'plugins/backup/src/ui/index.ts',
    file: 'dist/plugins/backup/ui.js',
    format: 'es',
  },
  // What pages of other systems load beside the viewer or in its place, and the scripts of our own small pages.
  { key: 'embed', input: 'viewer-sdk/src/embed/client.ts', file: 'dist/sdk/filmless-embed.js', format: 'es' },
  { key: 'embed', input: 'viewer-sdk/src/embed/page.ts', file: 'dist/sdk/filmless-embed-page.js', format: 'es' },
  {
    key: 'embed',
    input: 'viewer-sdk/src/embed/viewer-page.ts',
    file: 'dist/sdk/filmless-viewer-page.js',
    format: 'es',
  },
  { key: 'embed', input: 'viewer-sdk/src/doctor/define.ts', file: 'dist/sdk/filmless-doctor.js', format: 'es' },
  { key: 'embed', input: 'viewer-sdk/src/doctor/page.ts', file: 'dist/sdk/filmless-doctor-page.js', format: 'es' },
  { key: 'embed', input: 'viewer-sdk/src/embed/docs-page.ts', file: 'dist/sdk/filmless-docs-page.js', format: 'es' },
  { key: 'embed', input: 'viewer-sdk/src/fhircast/connect.ts', file: 'dist/sdk/filmless-fhircast.js', format: 'es' },
];

const root = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

/** Names that stand for files their packages do not export, and modules that the engine has no use for: 2 MB of it. */
const replaced: Plugin = {
  name: 'replaced-modules',
  resolveId(source, importer = '') {
    if (source === 'dcmjs' && importer.includes('/@cornerstonejs/'))
      return join(root, 'viewer-sdk/src/engine/replacements/dcmjs.ts');
    if (source === 'cornerstone-dicom-dictionary') return '\0dicom-dictionary';
    // vtk.js draws by WebGL here; its WebGPU twins and the reader of mesh files are never called.
    if (importer.includes('/@kitware/vtk.js/') && source.startsWith('../WebGPU/')) return '\0empty:WebGPU';
    if (source === '@kitware/vtk.js/IO/XML/XMLPolyDataReader.js') return '\0empty:XMLPolyDataReader';
    if (source === 'cornerstone-decode-image-frame') {
      return join(dirname(require.resolve('@cornerstonejs/dicom-image-loader')), 'decodeImageFrameWorker.js');
    }
    return [
      'fs',
      'path',
      'url',
      'crypto',
      'node:fs',
      'node:fs/promises',
      'node:path',
      'node:url',
      'node:crypto',
    ].includes(source)
      ? `\0empty:${source}`
      : null;
  },
  load(id) {
    if (id === '\0dicom-dictionary') return `export const nameMap = ${JSON.stringify(dictionaryOfMetadata())};`;
    return id.startsWith('\0empty:') ? 'export default {};' : null;
  },
};

/** The entries of dcmjs's dictionary whose keywords stand anywhere in Cornerstone's metadata package. */
function dictionaryOfMetadata(): Record<string, unknown> {
  const dcmjs = require('dcmjs') as { data: { DicomMetaDictionary: { nameMap: Record<string, unknown> } } };
  const { nameMap } = dcmjs.data.DicomMetaDictionary;
  const folder = join(root, 'node_modules/@cornerstonejs/metadata/dist/esm');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  const words = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/\b[A-Z]\w{2,}\b/g) ?? []);
  return Object.fromEntries(
    [...new Set(words)].sort().flatMap((word) => (Object.hasOwn(nameMap, word) ? [[word, nameMap[word]]] : [])),
  );
}

/** The codecs' WebAssembly is fetched by a URL that we give: their own guesses of it are left out of the bundle. */
const noWasmUrls: Plugin = {
  name: 'no-wasm-urls',
  transform(code, id) {
    if (!id.includes('@cornerstonejs')) return null;
    const changed = code.replaceAll(/new URL\(\s*['"][^'"]+['"]\s*,\s*import\.meta\.url\s*\)/g, "''");
    return changed === code ? null : { code: changed, map: null };
  },
};

/**
 * Faults of dependencies mended while bundling. A patch whose text is not found stops the build: the dependency has changed, look again.
 * Cornerstone's JPEG decoder for 12 bits (5.14) shifts its samples by 2056 / (255 / 4095) instead of 2^11 · 16 + 8: every pixel comes out
 * 15 too high, which is 15 Hounsfield units in a CT.
 */
const PATCHES = [
  {
    file: '/dicom-image-loader/dist/esm/codecs/jpeg.js',
    changes: [
      [
        'bitConversion: 255 / ((1 << frame.precision) - 1),',
        '$& maxSample: (1 << frame.precision) - 1, levelShift: (1 << (frame.precision + 3)) + 8,',
      ],
      ['q <= -2056 / component.bitConversion', 'q <= -component.levelShift'],
      ['q >= 2024 / component.bitConversion', 'q >= component.maxSample * 16 - component.levelShift'],
      ['? 255 / component.bitConversion', '? component.maxSample'],
      ['(q + 2056 / component.bitConversion) >> 4', '(q + component.levelShift) >> 4'],
    ],
  },
  {
    // Lit writes a bound style attribute as an attribute, which pages with a strict `style-src` refuse; by the style object it is allowed.
    file: '/lit-html/lit-html.js',
    changes: [
      [
        'this.element.setAttribute(this.name,t??"")}}class',
        '"style"===this.name?this.element.style.cssText=t??"":this.element.setAttribute(this.name,t??"")}}class',
      ],
    ],
  },
] as const;

const patched: Plugin = {
  name: 'patched-dependencies',
  transform(code, id) {
    const patch = PATCHES.find(({ file }) => id.endsWith(file));
    if (!patch) return null;
    let changed = code;
    for (const [find, replacement] of patch.changes) {
      if (!changed.includes(find)) throw new Error(`${patch.file} no longer contains: ${find}`);
      changed = changed.replace(find, replacement);
    }
    return { code: changed, map: null };
  },
};

/** What is used of the analyzer; its own declarations leave these out. */
interface Analyzer {
  create(options: { modules: unknown[]; plugins: unknown[]; context: { dev: boolean } }): unknown;
  readonly ts: {
    createSourceFile(path: string, text: string, target: number, setParents: boolean): unknown;
    readonly ScriptTarget: { readonly ES2022: number };
  };
}
const analyzerPackage: string = '@custom-elements-manifest/analyzer';

/** Describes the public elements for editors and documentation: attributes, properties, events, slots, parts. */
const elementsManifest: Plugin = {
  name: 'elements-manifest',
  async generateBundle() {
    const { create, ts } = (await import(analyzerPackage)) as Analyzer;
    const lit = `${analyzerPackage}/src/features/framework-plugins/lit/lit.js`;
    const { litPlugin } = (await import(lit)) as { litPlugin(): unknown[] };
    const elements = ['elements/viewer.ts', 'timeline/timeline.ts', 'study-list/study-list.ts', 'report/report.ts'].map(
      (path) => `viewer-sdk/src/${path}`,
    );
    const modules = elements.map((path) =>
      ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ES2022, true),
    );
    const manifest = create({ modules, plugins: litPlugin(), context: { dev: false } });
    const source = JSON.stringify(manifest, null, 1);
    this.emitFile({ type: 'asset', fileName: 'custom-elements.json', source });
    const tokens = readFileSync(join(root, 'viewer-sdk/src/tokens.css.ts'), 'utf8').match(/--filmless-[\w-]+/g) ?? [];
    for (const file of documentation(manifest, [...new Set(tokens)].join('\n')))
      this.emitFile({ type: 'asset', fileName: file.fileName, source: file.source });
  },
};

/** Puts `.br` and `.gz` beside everything worth it, so that the server need not compress. */
const compressed = (copies: readonly string[], folder: string): Plugin => ({
  name: 'compressed-siblings',
  async writeBundle(_options, bundle) {
    mkdirSync(folder, { recursive: true });
    const files = Object.keys(bundle).map((name) => join(folder, name));
    for (const copy of copies) {
      const target = join(folder, copy.slice(copy.lastIndexOf('/') + 1));
      copyFileSync(join(root, copy.startsWith('viewer-sdk/') ? '' : 'node_modules', copy), target);
      files.push(target);
    }
    await Promise.all(
      files
        .filter((file) => /\.(js|css|html|svg|json|wasm)$/.test(file))
        .map(async (file) => {
          const bytes = readFileSync(file);
          if (bytes.length < 1024) {
            // Those of a longer file by this name, of an earlier build, would be served in its place.
            for (const suffix of ['.br', '.gz']) rmSync(file + suffix, { force: true });
            return;
          }
          const hint = { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
          writeFileSync(`${file}.br`, await compressBrotli(bytes, { params: hint }));
          writeFileSync(`${file}.gz`, await compressGzip(bytes, { level: 9 }));
        }),
    );
  },
});

/** Pages stay open for days, and fetch pieces of the build they began with when these are wanted for the first time. */
const KEEP_PIECES_MS = 7 * 24 * 60 * 60 * 1000;

/** Takes away the pieces of builds long gone. */
const withoutOldPieces = (folder: string): Plugin => ({
  name: 'without-old-pieces',
  writeBundle(_options, bundle) {
    const parts = join(folder, 'parts');
    for (const file of readdirSync(parts)) {
      const old = Date.now() - statSync(join(parts, file)).mtimeMs > KEEP_PIECES_MS;
      if (old && !(`parts/${file.replace(/\.(br|gz)$/, '')}` in bundle)) rmSync(join(parts, file));
    }
  },
});

/** Changes with the SDK's sources and the dependencies: the engine's address carries it, so that no browser mixes two builds. */
const sources = readdirSync(join(root, 'viewer-sdk/src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .map((file) => join('viewer-sdk/src', file));
const hash = createHash('sha256');
for (const file of [...sources, 'package-lock.json', 'rollup.config.ts']) hash.update(readFileSync(join(root, file)));
const buildVersion = `${version}-${hash.digest('hex').slice(0, 8)}`;

/** These two packages declare their types as CommonJS and arrive as ES modules. */
const callable = <F>(module: { readonly default: F }): F => module as unknown as F;

const only = process.env['ONLY']?.split(',');

const configuration: RollupOptions[] = BUNDLES.filter(({ key }) => !only || only.includes(key)).map((bundle) => {
  const folder = bundle.dir ?? dirname(bundle.file ?? '');
  const name = bundle.name ?? bundle.input.replace(/^.*\//, '').replace(/\.ts$/, '');
  return {
    input: bundle.dir ? { [name]: bundle.input } : bundle.input,
    // What the pieces share lies in the first one: it is there already when they are asked for.
    preserveEntrySignatures: bundle.pieces ? 'allow-extension' : 'exports-only',
    output: {
      format: bundle.format,
      sourcemap: false,
      ...(bundle.dir
        ? { dir: bundle.dir, entryFileNames: '[name].js', chunkFileNames: bundle.pieces ?? '[name]-[hash].js' }
        : { file: bundle.file ?? '', inlineDynamicImports: true }),
    },
    plugins: [
      replaced,
      noWasmUrls,
      patched,
      nodeResolve({ browser: true, preferBuiltins: false, extensions: ['.ts', '.mjs', '.js', '.json'] }),
      callable(commonjs)(),
      callable(json)(),
      esbuild({
        tsconfig: 'tsconfig.web.json',
        target: 'es2022',
        minify: true,
        legalComments: 'none',
        define: { __FILMLESS_VERSION__: JSON.stringify(buildVersion), 'process.env.NODE_ENV': '"production"' },
      }),
      ...(bundle.manifest ? [elementsManifest] : []),
      ...(bundle.pieces ? [withoutOldPieces(folder)] : []),
      compressed(bundle.copy ?? [], folder),
    ],
    onwarn(warning, warn) {
      // Third-party code: circular imports and `this` at top level are theirs.
      if (['CIRCULAR_DEPENDENCY', 'THIS_IS_UNDEFINED', 'EVAL'].includes(warning.code ?? '')) return;
      if (warning.code === 'UNRESOLVED_IMPORT') throw new Error(warning.message);
      warn(warning);
    },
  };
});

/** The staff's application: pieces with hashed names, and the page that names them. */
const application: RollupOptions = {
  input: { main: 'host-app/web/main.ts', boot: 'host-app/web/boot.ts' },
  output: {
    dir: 'dist/web',
    format: 'es',
    entryFileNames: 'assets/[name]-[hash:20].js',
    chunkFileNames: 'assets/[name]-[hash:20].js',
    assetFileNames: 'assets/[name]-[hash:20][extname]',
  },
  plugins: [
    applicationPage({ page: 'host-app/web/index.html', style: 'host-app/web/styles/app.css' }),
    nodeResolve({ browser: true, extensions: ['.ts', '.mjs', '.js'] }),
    esbuild({ tsconfig: 'tsconfig.web.json', target: 'es2022', minify: true, legalComments: 'none' }),
    compressed([], 'dist/web'),
  ],
};

export default !only || only.includes('web') ? [...configuration, application] : configuration;
