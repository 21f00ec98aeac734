import { mkdir } from 'node:fs/promises';
import { parseConfig } from '@filmless/core/config';
import type { FilmlessNode } from '@filmless/core/node';
import { demoStudies } from '@filmless/core/phantoms';
import { z } from 'zod';
import { build, isBuilt } from '../build.ts';
import { type AddCommand, globalOptions } from '../command-context.ts';
import { type DemoLogin, demoLogins } from '../demo-logins.ts';
import { connectToNode, type NodeClient } from '../node-client.ts';
import { openNode } from '../open-node.ts';
import { createProgress } from '../progress.ts';
import { runUntilSignal } from '../run-until-signal.ts';

/** Devices that may send and fetch in the demo, as a site would list its own. */
const DEVICES = [
  { aeTitle: 'STORESCU', title: 'DCMTK storescu', department: '放射科' },
  { aeTitle: 'FINDSCU', title: 'DCMTK findscu' },
  { aeTitle: 'GETSCU', title: 'DCMTK getscu' },
  { aeTitle: 'ECHOSCU', title: 'DCMTK echoscu' },
  { aeTitle: 'MOVESCU', title: 'DCMTK movescu', address: '127.0.0.1', port: 14_109 },
  { aeTitle: 'ORTHANC', title: 'Orthanc', address: '127.0.0.1', port: 4242 },
];

export const demoCommand: AddCommand = (program) => {
  program
    .command('demo')
    .description('build what is missing, start a demo hospital with generated studies, print the URL and the logins')
    .option('--data <folder>', 'where the demo keeps its data', process.env['FILMLESS_DATA'] ?? 'demo-data')
    .action(async (options: { data: string }, command) => {
      const json = globalOptions(command).json ?? false;
      const say = (text: string) => void (json || console.log(text));
      if (!isBuilt()) {
        say('Building the web parts (the first time only)');
        await build();
      }
      const config = parseConfig(
        {
          name: 'centre',
          data: options.data,
          dicom: { aeTitle: 'CENTRE' },
          log: { level: 'warn' },
          plugins: { dimse: { devices: DEVICES } },
        },
        { ...process.env, FILMLESS_DATA: undefined },
      );
      await mkdir(config.data, { recursive: true });
      const { logins, first } = await demoLogins(config.data, process.env['FILMLESS_ADMIN_PASSWORD']);
      const adminPassword = logins.find(({ name }) => name === 'admin')?.password ?? '';
      const node = await openNode(config, { adminPassword, prettyLog: process.stderr.isTTY });
      try {
        const client = await connectToNode(config);
        if (first) await addUsers(client, logins);
        await seed(client, json);
      } catch (error) {
        await node.stop();
        throw error;
      }
      announce(node, logins, config.dicom, json);
      await runUntilSignal([node]);
    });
};

async function addUsers(client: NodeClient, logins: readonly DemoLogin[]): Promise<void> {
  for (const { name, displayName, role, password } of logins) {
    if (role === 'admin') continue;
    await client.json(z.unknown(), 'POST', '/api/users', { name, displayName, roles: [role], password });
  }
}

/** Instances that are there already are duplicates and change nothing, so an interrupted seeding is completed by the next start. */
async function seed(client: NodeClient, json: boolean): Promise<void> {
  const studies = demoStudies();
  const totals = await client.json(z.object({ totals: z.object({ instances: z.number() }) }), 'GET', '/api/storage');
  if (totals.totals.instances >= studies.instanceCount) return;
  const progress = createProgress('Making studies', 'images', json);
  if (!json && !process.stderr.isTTY) console.log(`Making ${studies.instanceCount} images`);
  let done = 0;
  for await (const instance of studies.instances()) {
    const headers = {
      'content-type': 'application/dicom',
      'x-file-name': encodeURIComponent(`${instance.SOPInstanceUID}.dcm`),
    };
    await client.upload('/api/imports', new Blob([instance.bytes as Uint8Array<ArrayBuffer>]), headers);
    done += 1;
    progress.update(done, studies.instanceCount);
  }
  progress.stop();
}

function announce(
  node: FilmlessNode,
  logins: readonly DemoLogin[],
  dicom: { host: string; port: number; aeTitle: string },
  json: boolean,
): void {
  if (json) {
    console.log(
      JSON.stringify({ url: node.url, dicom: { host: dicom.host, port: dicom.port, aeTitle: dicom.aeTitle }, logins }),
    );
    return;
  }
  console.log(`\nFilmless demo: ${node.url}\n`);
  for (const { name, displayName, password } of logins)
    console.log(`  ${name.padEnd(10)} ${password}   ${displayName}`);
  console.log(`\nDICOM: AE title ${dicom.aeTitle}, ${dicom.host}:${dicom.port}`);
  console.log(`Try:   TCP_NODELAY=1 storescu -aec ${dicom.aeTitle} ${dicom.host} ${dicom.port} +sd +r FOLDER`);
  console.log('Stop with Ctrl+C.');
}
