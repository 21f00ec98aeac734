/**
 * Builds the page and, when it is started as a program, serves it: `PACS_KEY=flk_… node examples/his-vue/build.ts`.
 * The server is the plain example's; see there for its settings.
 */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { startWorkstation } from '../his-workstation/server.ts';

const here = import.meta.dirname;

/** Puts the finished page into `folder`. */
export async function buildPage(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(join(here, 'public'), folder, { recursive: true });
  await build({
    entryPoints: [join(here, 'src/app.js')],
    outfile: join(folder, 'app.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    define: {
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      'process.env.NODE_ENV': '"production"',
    },
    logLevel: 'error',
  });
}

if (import.meta.main) {
  const { PACS_URL = 'http://127.0.0.1:8080', PACS_KEY, HIS_PORT = '8090' } = process.env;
  if (!PACS_KEY) {
    console.error('Set PACS_KEY to a key of a service account of the node: POST /api/users/his/keys');
    process.exit(2);
  }
  const publicDirectory = join(here, 'dist');
  await buildPage(publicDirectory);
  const { origin } = await startWorkstation({
    pacs: { url: PACS_URL, key: PACS_KEY },
    port: Number(HIS_PORT),
    publicDirectory,
  });
  console.log(`The page: ${origin}   (the node at ${PACS_URL} needs http.corsOrigins: [${origin}])`);
}
