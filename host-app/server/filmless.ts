#!/usr/bin/env -S node --max-semi-space-size=4
/**
 * The `filmless` command. Checks the runtime before anything is loaded that needs it.
 * Space for short-lived objects is 4 MiB instead of 16: what was received is dropped at once, and a node then takes 120 MiB less. Only Node's command line can say it.
 */
import { join } from 'node:path';

const REQUIRED_MAJOR = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < REQUIRED_MAJOR) {
  console.error(
    `Filmless needs Node.js ${REQUIRED_MAJOR} or newer; this is ${process.versions.node}. Run it with "npm run filmless -- …" or "npx filmless …" in its folder, where the right one is installed.`,
  );
  process.exit(1);
}
// Disk work of several associations runs at once; the default of four threads would serialise it behind fsync. Read when the pool starts.
process.env['UV_THREADPOOL_SIZE'] ??= '12';
// What Node makes of the TypeScript files is kept, so that starts are quick and no thread has to load the type stripper. Threads read the variable.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'filmless');
const { enableCompileCache } = await import('node:module');
enableCompileCache(process.env['NODE_COMPILE_CACHE']);
const { runCli } = await import('./cli.ts');
process.exitCode = await runCli(process.argv);
