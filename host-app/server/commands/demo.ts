import type { ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig } from '@filmless/core/config';
import type { FilmlessNode } from '@filmless/core/node';
import { type DemoStudy, demoStudies } from '@filmless/core/phantoms';
import { z } from 'zod';
import { build, isBuilt } from '../build.ts';
import { type AddCommand, globalOptions } from '../command-context.ts';
import { deliverReports, furtherStudies, HIS_ORIGIN, startHis } from '../demo-hospital.ts';
import { type DemoNode, linkPortOf, startDemoNodes } from '../demo-nodes.ts';
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

/** Which department makes what, when it has an archive of its own; all else is sent to the centre. */
const DEPARTMENT_OF: Readonly<Record<string, string>> = {
  CT: 'radiology',
  MR: 'radiology',
  DX: 'radiology',
  CR: 'radiology',
  MG: 'radiology',
  XA: 'radiology',
  US: 'ultrasound',
};

export const demoCommand: AddCommand = (program) => {
  program
    .command('demo')
    .description('build what is missing, start a demo hospital with generated studies, print the URL and the logins')
    .option('--data <folder>', 'where the demo keeps its data', process.env['FILMLESS_DATA'] ?? 'demo-data')
    .option('--single', 'the centre alone, without the departments and the gateway')
    .action(async (options: { data: string; single?: boolean }, command) => {
      const json = globalOptions(command).json ?? false;
      const say = (text: string) => void (json || console.log(text));
      if (!isBuilt()) {
        say('Building the web parts (the first time only)');
        await build();
      }
      const { port } = parseConfig({}, { ...process.env, FILMLESS_DATA: undefined }).http;
      const config = parseConfig(
        {
          name: 'centre',
          data: options.data,
          dicom: { aeTitle: 'CENTRE' },
          log: { level: 'warn' },
          http: { corsOrigins: [HIS_ORIGIN] },
          plugins: { dimse: { devices: DEVICES }, 'department-archive': { linkPort: linkPortOf(port) } },
        },
        { ...process.env, FILMLESS_DATA: undefined },
      );
      await mkdir(config.data, { recursive: true });
      const state = await demoState(config.data, process.env['FILMLESS_ADMIN_PASSWORD']);
      const { logins } = state;
      const adminPassword = logins.find(({ name }) => name === 'admin')?.password ?? '';
      const node = await openNode(config, { adminPassword, prettyLog: process.stderr.isTTY });
      let his: ChildProcess | undefined;
      let others: DemoNode[] = [];
      try {
        const client = await connectToNode(config);
        await addUsers(client, logins);
        const studies = [...demoStudies(state), ...furtherStudies(state.today)];
        if (!options.single) {
          say('Starting the archives of radiology and ultrasound and the gateway');
          others = await startDemoNodes(config, client, { adminPassword, devices: DEVICES });
          for (const other of others) await addUsers(other.client, logins);
        }
        await seed(client, others, studies, json);
        await deliverReports(client, studies);
        his = await startHis(client, node.url);
      } catch (error) {
        await Promise.all(others.map((other) => other.stop()));
        await node.stop();
        throw error;
      }
      const signalled = nextSignal();
      announce(node, others, logins, config.dicom, his !== undefined, json);
      await runUntilSignal([node, ...others], signalled);
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
async function seed(
  client: NodeClient,
  others: readonly DemoNode[],
  studies: readonly DemoStudy[],
  json: boolean,
): Promise<void> {
  const missing: DemoStudy[] = [];
  for (const each of studies) {
    if ((await countOf(client, each)) < each.numberOfInstances) missing.push(each);
  }
  const total = missing.reduce((sum, each) => sum + each.numberOfInstances, 0);
  if (total === 0) return;
  const progress = createProgress('Making studies', 'images', json);
  if (!json && !process.stderr.isTTY) console.log(`Making ${total} images of ${missing.length} studies`);
  let done = 0;
  for (const each of missing) {
    const at = others.find(({ name }) => name === DEPARTMENT_OF[each.modality])?.client ?? client;
    for await (const instance of each.instances()) {
      const headers = {
        'content-type': 'application/dicom',
        'x-file-name': encodeURIComponent(`${instance.SOPInstanceUID}.dcm`),
      };
      await at.upload('/api/imports', new Blob([instance.bytes as Uint8Array<ArrayBuffer>]), headers);
      done += 1;
      progress.update(done, total);
    }
  }
  progress.stop();
  // Records come from the departments by themselves; reports need their studies.
  for (const each of missing) while ((await countOf(client, each)) < each.numberOfInstances) await sleep(100);
}

/** How many instances of a study the centre knows of. */
async function countOf(client: NodeClient, { study }: DemoStudy): Promise<number> {
  const path = `/api/studies?accessionNumber=${encodeURIComponent(study.AccessionNumber)}&limit=1`;
  const shape = z.object({ items: z.array(z.object({ instanceCount: z.number() })) });
  const { items } = await client.json(shape, 'GET', path);
  return items[0]?.instanceCount ?? 0;
}

function announce(
  node: FilmlessNode,
  others: readonly DemoNode[],
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
        nodes: others.map(({ name, url, dicom }) => ({ name, url, dicom })),
        logins,
      }),
    );
    return;
  }
  console.log(`\nFilmless demo: ${node.url}\n`);
  if (his) console.log(`A physician's screen of another system, with images inside: ${HIS_ORIGIN}\n`);
  for (const { title, url, dicom: own } of others)
    console.log(`  ${url}   ${title}${own ? `, DICOM ${own.aeTitle} ${dicom.host}:${own.port}` : ''}`);
  if (others.length > 0) console.log('');
  for (const { name, displayName, password } of logins)
    console.log(`  ${name.padEnd(10)} ${password}   ${displayName}`);
  console.log(`\nDICOM: AE title ${dicom.aeTitle}, ${dicom.host}:${dicom.port}`);
  console.log(`Try:   TCP_NODELAY=1 storescu -aec ${dicom.aeTitle} ${dicom.host} ${dicom.port} +sd +r FOLDER`);
  console.log('Stop with Ctrl+C.');
}
