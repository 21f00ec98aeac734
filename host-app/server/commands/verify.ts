import { type AddCommand, withNode } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { runMaintenance } from '../maintenance-run.ts';

export const verifyCommand: AddCommand = (program, finish) => {
  program
    .command('verify')
    .description('re-read stored instances and compare them with their hashes; exit code 3 when something is wrong')
    .option('-s, --study <uid>', 'one study instead of all')
    .action((options: { study?: string }, command) =>
      withNode(command, async (node, json) => {
        const { summary, findings } = await runMaintenance(
          node,
          '/api/maintenance/verify',
          options.study ? { StudyInstanceUID: options.study } : {},
          'Verifying',
          json,
        );
        if (json) console.log(JSON.stringify({ summary, findings }));
        else {
          for (const { SOPInstanceUID, state } of findings) console.log(`${state}  ${SOPInstanceUID}`);
          console.log(
            `${summary['ok'] ?? 0} good, ${summary['missing'] ?? 0} missing, ${summary['corrupt'] ?? 0} damaged`,
          );
        }
        if (findings.length > 0) finish(EXIT.findings);
      }),
    );
};
