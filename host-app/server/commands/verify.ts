import { type AddCommand, withNode } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { runMaintenance } from '../maintenance-run.ts';

export const verifyCommand: AddCommand = (program, finish) => {
  program
    .command('verify')
    .description('re-read stored instances and compare them with their hashes; exit code 3 when something is wrong')
    .option('-s, --study <uid>', 'one study instead of all')
    .option('-r, --repair', 'replace what is damaged or lost from another node or a tier')
    .action((options: { study?: string; repair?: boolean }, command) =>
      withNode(command, async (node, json) => {
        const { summary, findings } = await runMaintenance(
          node,
          '/api/maintenance/verify',
          { ...(options.study && { StudyInstanceUID: options.study }), ...(options.repair && { repair: true }) },
          options.repair ? 'Verifying and repairing' : 'Verifying',
          json,
        );
        if (json) console.log(JSON.stringify({ summary, findings }));
        else {
          for (const { SOPInstanceUID, state } of findings) console.log(`${state}  ${SOPInstanceUID}`);
          const count = (state: string) => summary[state] ?? 0;
          console.log(
            `${count('ok')} good, ${count('repaired')} repaired, ${count('elsewhere')} elsewhere, ${count('missing')} missing, ${count('corrupt')} damaged`,
          );
          if (findings.some(isWrong) && !options.repair) {
            console.log('filmless verify --repair replaces them where another place holds good bytes.');
          }
        }
        if (findings.some(isWrong)) finish(EXIT.findings);
      }),
    );
};

const isWrong = ({ state }: { state: string }): boolean => state !== 'repaired';
