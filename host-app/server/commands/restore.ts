import { createWriteStream, existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import type { AuditVerdict } from '@filmless/core/audit';
import type { NodeConfig } from '@filmless/core/config';
import { loadCatalogue } from '@filmless/core/node-copy';
import { FilmlessError } from '@filmless/core/plugin';
import { continueRestoredAudit } from '@filmless/core/restored-audit';
import {
  isToBeRebuilt,
  newestConfig,
  newestSnapshot,
  openDisks,
  rebuildNode,
  rebuiltAsOf,
} from '@filmless/plugin-backup';
import type { Command } from 'commander';
import { z } from 'zod';
import { type AddCommand, configOf, globalOptions } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { ClientError, connectToNode } from '../node-client.ts';
import { createProgress } from '../progress.ts';

const missingSchema = z.object({
  StudyInstanceUID: z.string(),
  SOPInstanceUID: z.string(),
  sha256: z.string(),
  disks: z.array(z.string()),
});
const summarySchema = z.object({
  restored: z.number(),
  present: z.number(),
  missing: z.number(),
  damaged: z.number(),
  documents: z.number(),
});
const lineSchema = z.union([
  z.object({ progress: z.object({ done: z.number(), total: z.number() }) }),
  z.object({ missing: missingSchema }),
  z.object({ damaged: z.object({ disk: z.string(), file: z.string() }) }),
  z.object({ locked: z.object({ disk: z.string() }) }),
  z.object({ error: z.object({ code: z.string(), detail: z.string(), remedy: z.string() }) }),
  z.object({ done: z.literal(true), summary: summarySchema }),
]);

interface Options {
  from: string[];
  study?: string;
  day?: string;
  all?: boolean;
  identity?: string;
  list?: string;
}

/** Studies that are named on the screen; the list has all. */
const SHOWN = 20;

export const restoreCommand: AddCommand = (program, finish) => {
  program
    .command('restore')
    .description(
      'bring back a study, a day or a whole node from backup disks; run it again with the next disk; exit code 3 while something is missing',
    )
    .requiredOption('-f, --from <disk...>', 'folders of backup disks, in any order')
    .option('-s, --study <uid>', 'one study')
    .option('-d, --day <yyyy-mm-dd>', 'the studies of one day')
    .option('-a, --all', 'the whole node: on an empty machine with accounts, settings, reports and audit log')
    .option('-i, --identity <file>', 'file with the secret key of encrypted disks')
    .option('-l, --list <file>', 'where to write the list of what is missing (default: in the data folder)')
    .action(async (options: Options, command: Command) => {
      const json = globalOptions(command).json ?? false;
      const what = whatOf(options);
      const disks = await openDisks(options.from, options.identity);
      const say = (text: string) => void (json || console.log(text));
      if (what.kind === 'all') await restoreConfig(command, await newestConfig(disks), say);
      const config = await configOf(command);
      if (what.kind === 'all' && (await isToBeRebuilt(config.data))) {
        const location = config.catalogue.url ?? join(config.data, 'catalogue');
        const built = await rebuildNode({
          disks,
          dataDirectory: config.data,
          load: (documents) => loadCatalogue(location, documents),
          async placed(from) {
            const verdict = await continueRestoredAudit(config.data, from);
            if (verdict) say(aboutAudit(verdict));
          },
        });
        for (const { disk, file } of built?.damaged ?? []) say(`Damaged snapshot passed over: ${disk}: ${file}`);
        if (built) say(`Node as of ${built.at}, from disk ${built.disk}: ${built.documents} documents`);
        else
          say('No disk has a whole snapshot: accounts and settings are to be made anew; images and reports come back');
        if (built && !built.hasSecrets)
          say(
            'Passwords and keys were not on this disk: set passwords anew with "filmless user", and join other nodes again',
          );
      }
      const asOf = what.kind === 'all' ? await rebuiltAsOf(config.data) : undefined;
      const newest = await newestSnapshot(disks);
      if (asOf && newest && newest.at > asOf) {
        say(
          `Disk ${newest.disk} has a newer snapshot (${newest.at}) than this node was built from (${asOf}): begin with that disk and an empty data folder to have its accounts and settings`,
        );
      }
      const request = {
        what,
        folders: options.from.map((folder) => resolve(folder)),
        identities: options.identity === undefined ? [] : await secretKeys(options.identity),
      };
      finish(
        await restoreBytes(config, request, {
          list: resolve(options.list ?? join(config.data, 'restore-missing.tsv')),
          asOf,
          json,
        }),
      );
    });
};

async function restoreBytes(
  config: NodeConfig,
  request: object,
  { list, asOf, json }: { list: string; asOf: string | undefined; json: boolean },
): Promise<number> {
  const node = await connectToNode(config);
  const progress = createProgress('Restoring', 'images', json);
  const file = createWriteStream(list, { mode: 0o600 });
  file.write('StudyInstanceUID\tSOPInstanceUID\tSHA-256\tdisks\n');
  const studies = new Map<string, { missing: number; disks: Set<string> }>();
  const damaged: { disk: string; file: string }[] = [];
  const locked: string[] = [];
  try {
    for await (const line of node.lines(lineSchema, '/api/backup/restores', request)) {
      if ('progress' in line) progress.update(line.progress.done, line.progress.total);
      else if ('missing' in line) {
        const { StudyInstanceUID, SOPInstanceUID, sha256, disks } = line.missing;
        file.write(`${[StudyInstanceUID, SOPInstanceUID, sha256, disks.join(', ')].join('\t')}\n`);
        const study = studies.get(StudyInstanceUID) ?? { missing: 0, disks: new Set() };
        study.missing += 1;
        for (const disk of disks) study.disks.add(disk);
        studies.set(StudyInstanceUID, study);
      } else if ('damaged' in line) damaged.push(line.damaged);
      else if ('locked' in line) locked.push(line.locked.disk);
      else if ('error' in line) throw new ClientError(500, line.error.code, line.error.detail, line.error.remedy);
      else {
        progress.stop();
        report({ list, asOf, json }, line.summary, studies, damaged, locked);
        return line.summary.missing > 0 || locked.length > 0 ? EXIT.findings : EXIT.ok;
      }
    }
    throw new ClientError(500, 'UNAVAILABLE', 'The node stopped before the end', 'Run the command again.');
  } finally {
    progress.stop();
    file.end();
    await finished(file);
    await node.close();
  }
}

function report(
  { list, asOf, json }: { list: string; asOf: string | undefined; json: boolean },
  summary: z.infer<typeof summarySchema>,
  studies: ReadonlyMap<string, { missing: number; disks: Set<string> }>,
  damaged: readonly { disk: string; file: string }[],
  locked: readonly string[],
): void {
  const missing = [...studies].map(([StudyInstanceUID, each]) => ({
    StudyInstanceUID,
    missing: each.missing,
    disks: [...each.disks].sort(),
  }));
  if (json) {
    console.log(JSON.stringify({ summary, missing, damaged, locked, list, asOf }));
    return;
  }
  for (const disk of locked)
    console.log(
      `Disk ${disk} is encrypted and no given key fits: nothing was taken from it; give its key with --identity`,
    );
  for (const { disk, file } of damaged.slice(0, SHOWN)) console.log(`Damaged on disk ${disk}: ${file}`);
  for (const study of missing.slice(0, SHOWN)) {
    const where = study.disks.length > 0 ? `on disk ${study.disks.join(', ')}` : 'on no disk';
    console.log(`Missing of study ${study.StudyInstanceUID}: ${study.missing} images, ${where}`);
  }
  if (missing.length > SHOWN) console.log(`… and ${missing.length - SHOWN} more studies`);
  const { restored, present, documents } = summary;
  console.log(
    `${restored} images restored, ${present} were here, ${documents} documents; ${summary.missing} images missing, ${summary.damaged} damaged files`,
  );
  // What came later lies on disks that were written later; none of those here can tell.
  if (asOf) console.log(`As of ${asOf}: what came after that is known to disks that were written after it`);
  if (summary.missing === 0) return;
  const disks = [...new Set(missing.flatMap((each) => each.disks))].sort();
  console.log(`The whole list: ${list}`);
  if (disks.length > 0) console.log(`Run the command again with: ${disks.join(', ')}`);
}

function whatOf({ study, day, all }: Options) {
  if ([study, day, all].filter((each) => each !== undefined).length !== 1)
    throw new FilmlessError('CONFIG_INVALID', 'restore: give one of --study, --day, --all');
  if (study !== undefined) return { kind: 'study', StudyInstanceUID: study } as const;
  if (day === undefined) return { kind: 'all' } as const;
  if (!/^\d{4}-?\d{2}-?\d{2}$/.test(day)) throw new FilmlessError('CONFIG_INVALID', 'restore: --day yyyy-mm-dd');
  return { kind: 'day', day: day.replaceAll('-', '') } as const;
}

function aboutAudit({ findings, restored }: AuditVerdict): string {
  if (findings.length > 0) return 'The audit log that came back is not whole: see "filmless audit verify"';
  const last = restored.at(-1);
  if (!last) return 'The audit log is whole';
  return `The audit log is whole up to entry ${last.seq} by its own hashes; the key of its signature was not on this disk, and a new one signs from here on`;
}

/** On a machine without a configuration the one from the disks is put in its place. */
async function restoreConfig(command: Command, config: string | undefined, say: (text: string) => void): Promise<void> {
  const path = globalOptions(command).config ?? process.env['FILMLESS_CONFIG'] ?? 'filmless.yaml';
  if (config === undefined || existsSync(path)) return;
  await writeFile(path, config, { mode: 0o600 });
  say(`Configuration restored: ${resolve(path)}`);
}

async function secretKeys(keyFile: string): Promise<string[]> {
  const lines = (await readFile(keyFile, 'utf8')).split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line.startsWith('AGE-SECRET-KEY-'));
}
