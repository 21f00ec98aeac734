import { writeFile } from 'node:fs/promises';
import { verifyAuditFolder } from '@filmless/core/audit';
import { type AddCommand, configOf, globalOptions, withNode } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';

const MEANING: Readonly<Record<string, string>> = {
  changed: 'was changed',
  removed: 'was removed',
  reordered: 'was put elsewhere',
  'end-removed': 'was the last one; it and what stood before it are gone',
  'head-damaged': 'the signed head is damaged or not of this node',
  'head-missing': 'the signed head is missing',
  noted: 'the node found at a start that the log was not whole',
};

export const auditCommand: AddCommand = (program, finish) => {
  const audit = program.command('audit').description('the audit log: verify, export');
  audit
    .command('verify')
    .description('find any entry that was changed, removed or reordered; exit code 3 when there is one')
    .action(async (_options, command) => {
      const { data } = await configOf(command);
      const verdict = await verifyAuditFolder(data);
      if (globalOptions(command).json) console.log(JSON.stringify(verdict));
      else {
        for (const { seq, kind } of verdict.findings)
          console.log(`${seq === 0 ? '' : `entry ${seq} `}${MEANING[kind] ?? kind}`);
        for (const { seq, at } of verdict.restored)
          console.log(
            `entries 1 to ${seq} came back from a backup at ${at}: checked by their hashes; the signature of the former key cannot be checked`,
          );
        const whole = verdict.findings.length === 0;
        console.log(
          `${verdict.entries} entries${whole ? ', whole' : ''}. Last: ${verdict.lastSeq} ${verdict.lastHash}`,
        );
        if (whole) console.log('Write the last line down elsewhere: a later log must still hold that entry.');
      }
      if (verdict.findings.length > 0) finish(EXIT.findings);
    });
  audit
    .command('export <file>')
    .description('write the log to a file: .csv, else one JSON line an entry')
    .option('--from <time>', 'ISO 8601, e.g. 2026-01-01T00:00:00+08:00')
    .option('--to <time>', 'up to, not including')
    .action((file: string, options: { from?: string; to?: string }, command) =>
      withNode(command, async (node, json) => {
        const query = new URLSearchParams({ format: file.endsWith('.csv') ? 'csv' : 'json', ...options });
        await writeFile(file, await node.text(`/api/audit/export?${query}`), { mode: 0o600 });
        console.log(json ? JSON.stringify({ file }) : `Written to ${file}`);
      }),
    );
};
