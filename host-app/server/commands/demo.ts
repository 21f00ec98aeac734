import type { ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { parseConfig } from '@filmless/core/config';
import type { FilmlessNode } from '@filmless/core/node';
import { type DemoStudy, demoStudies } from '@filmless/core/phantoms';
import { z } from 'zod';
import { build, isBuilt } from '../build.ts';
import { type AddCommand, globalOptions } from '../command-context.ts';
import { deliverReports, furtherStudies, HIS_ORIGIN, startHis } from '../demo-hospital.ts';
import { type DemoLogin, demoState } from '../demo-state.ts';
import { connectToNode, type NodeClient } from '../node-client.ts';
import { openNode } from '../open-node.ts';
import { createProgress } from '../progress.ts';
import { nextSignal, runUntilSignal } from '../run-until-signal.ts';

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
          http: { corsOrigins: [HIS_ORIGIN] },
          plugins: { dimse: { devices: DEVICES } },
        },
        { ...process.env, FILMLESS_DATA: undefined },
      );
      await mkdir(config.data, { recursive: true });
      const state = await demoState(config.data, process.env['FILMLESS_ADMIN_PASSWORD']);
      const { logins } = state;
      const adminPassword = logins.find(({ name }) => name === 'admin')?.password ?? '';
      const node = await openNode(config, { adminPassword, prettyLog: process.stderr.isTTY });
      let his: ChildProcess | undefined;
      try {
        const client = await connectToNode(config);
        await addUsers(client, logins);
        const studies = [...demoStudies(state), ...furtherStudies(state.today)];
        await seed(client, studies, json);
        await deliverReports(client, studies);
        his = await startHis(client, node.url);
      } catch (error) {
        await node.stop();
        throw error;
      }
      const signalled = nextSignal();
      announce(node, logins, config.dicom, his !== undefined, json);
      await runUntilSignal([node], signalled);
      his?.kill();
    });
};

async function addUsers(client: NodeClient, logins: readonly DemoLogin[]): Promise<void> {
  const there = await client.json(z.array(z.object({ name: z.string() })), 'GET', '/api/users');
  for (const { name, displayName, role, password } of logins) {
    if (there.some((user) => user.name === name)) continue;
    await client.json(z.unknown(), 'POST', '/api/users', { name, displayName, roles: [role], password });
  }
}

/** Studies that are whole already are passed over; an interrupted seeding is completed by the next start. */
async function seed(client: NodeClient, studies: readonly DemoStudy[], json: boolean): Promise<void> {
  const missing: DemoStudy[] = [];
  for (const each of studies) {
    const path = `/api/studies?accessionNumber=${encodeURIComponent(each.study.AccessionNumber)}&limit=1`;
    const { items } = await client.json(
      z.object({ items: z.array(z.object({ instanceCount: z.number() })) }),
      'GET',
      path,
    );
    if ((items[0]?.instanceCount ?? 0) < each.numberOfInstances) missing.push(each);
  }
  const total = missing.reduce((sum, each) => sum + each.numberOfInstances, 0);
  if (total === 0) return;
  const progress = createProgress('Making studies', 'images', json);
  if (!json && !process.stderr.isTTY) console.log(`Making ${total} images of ${missing.length} studies`);
  let done = 0;
  for (const each of missing) {
    for await (const instance of each.instances()) {
      const headers = {
        'content-type': 'application/dicom',
        'x-file-name': encodeURIComponent(`${instance.SOPInstanceUID}.dcm`),
      };
      await client.upload('/api/imports', new Blob([instance.bytes as Uint8Array<ArrayBuffer>]), headers);
      done += 1;
      progress.update(done, total);
    }
  }
  progress.stop();
}

function announce(
  node: FilmlessNode,
  logins: readonly DemoLogin[],
  dicom: { host: string; port: number; aeTitle: string },
  his: boolean,
  json: boolean,
): void {
  if (json) {
    console.log(
      JSON.stringify({
        url: node.url,
        ...(his ? { his: HIS_ORIGIN } : {}),
        dicom: { host: dicom.host, port: dicom.port, aeTitle: dicom.aeTitle },
        logins,
      }),
    );
    return;
  }
  console.log(`\nFilmless demo: ${node.url}\n`);
  if (his) console.log(`A physician's screen of another system, with images inside: ${HIS_ORIGIN}\n`);
  for (const { name, displayName, password } of logins)
    console.log(`  ${name.padEnd(10)} ${password}   ${displayName}`);
  console.log(`\nDICOM: AE title ${dicom.aeTitle}, ${dicom.host}:${dicom.port}`);
  console.log(`Try:   TCP_NODELAY=1 storescu -aec ${dicom.aeTitle} ${dicom.host} ${dicom.port} +sd +r FOLDER`);
  console.log('Stop with Ctrl+C.');
}
