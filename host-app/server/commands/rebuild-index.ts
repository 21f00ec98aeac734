import { type AddCommand, withNode } from '../command-context.ts';
import { runMaintenance } from '../maintenance-run.ts';

export const rebuildIndexCommand: AddCommand = (program) => {
  program
    .command('rebuild-index')
    .description('rebuild the query index from the catalogue')
    .option('--catalogue', 'first rebuild the catalogue from the stored files')
    .action((options: { catalogue?: boolean }, command) =>
      withNode(command, async (node, json) => {
        const body = { catalogue: options.catalogue ?? false };
        const { summary } = await runMaintenance(node, '/api/maintenance/rebuild-index', body, 'Rebuilding', json);
        if (json) console.log(JSON.stringify(summary));
        else {
          const created = summary['recordsCreated']
            ? `, ${summary['recordsCreated']} records made from stored files`
            : '';
          console.log(
            `${summary['instancesIndexed'] ?? 0} instances of ${summary['studies'] ?? 0} studies indexed${created}`,
          );
        }
      }),
    );
};
