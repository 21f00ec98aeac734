/**
 * `npm run bench`: measures a node of its own beside an Orthanc of its own, on the same files, alternately, and prints ratios. Without
 * Orthanc it measures the node alone. `npm run bench -- store memory retrieve query` runs parts; needs DCMTK and about 3 GB in the
 * temporary folder.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasDcmtk } from '../tools/dcmtk.ts';
import { startNode } from '../tools/node-process.ts';
import { hasOrthanc, startOrthanc } from '../tools/orthanc.ts';
import { findOrthanc, versionOf } from '../tools/prerequisites.ts';
import { measureFirstImage } from './first-image.ts';
import { measureForwarding, measureForwardingMemory } from './forward.ts';
import { measureLag } from './lag.ts';
import { measureMemory } from './memory.ts';
import { measureBesideOhif } from './ohif.ts';
import { measureRetrieval } from './retrieve.ts';
import { measureStoring } from './store.ts';

const PARTS = [
  'store',
  'retrieve',
  'memory',
  'query',
  'first-image',
  'ohif',
  'lag',
  'forward',
  'forward-memory',
] as const;
const asked = process.argv.slice(2);
const unknown = asked.filter((part) => !(PARTS as readonly string[]).includes(part));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. Parts: ${PARTS.join(', ')}`);
  process.exit(2);
}
const wants = (part: (typeof PARTS)[number]) => asked.length === 0 || asked.includes(part);
if (!hasDcmtk) {
  console.error('The benchmarks send with DCMTK. On Debian or Ubuntu: sudo apt-get install dcmtk');
  process.exit(1);
}

const work = await mkdtemp(join(tmpdir(), 'filmless-bench-'));
console.log(
  `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}; Node ${process.versions.node}; ${hasOrthanc ? versionOf(findOrthanc() ?? '', '--version') : 'no Orthanc'}`,
);
try {
  if (wants('store') || wants('retrieve')) {
    const node = await startNode();
    const orthanc = hasOrthanc ? await startOrthanc() : undefined;
    try {
      if (wants('store')) await measureStoring(node, orthanc, join(work, 'store'));
      if (wants('retrieve')) await measureRetrieval(node, orthanc, join(work, 'retrieve'));
    } finally {
      await orthanc?.stop();
      await node.stop();
      await node.remove();
    }
  }
  if (wants('memory')) {
    const node = await startNode();
    try {
      await measureMemory(node, join(work, 'memory'));
    } finally {
      await node.stop();
      await node.remove();
    }
  }
  if (wants('query')) await inOwnProcess('query.ts');
  if (wants('first-image')) await measureFirstImage();
  if (wants('forward')) await measureForwarding(join(work, 'forward'), hasOrthanc);
  if (wants('forward-memory') && hasOrthanc) await measureForwardingMemory(join(work, 'forward'));
  if (wants('ohif')) await measureBesideOhif(join(work, 'ohif'));
  if (wants('lag')) await measureLag(join(work, 'lag'));
} finally {
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}

/** A bench with a heap of its own, so that a million studies weigh on nothing else. */
async function inOwnProcess(script: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script)], { stdio: 'inherit' });
  const code = await new Promise<number>((done) => child.once('close', (exitCode) => done(exitCode ?? 1)));
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
}
