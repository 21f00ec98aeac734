import { z } from 'zod';
import { type AddCommand, printRows, withNode } from '../command-context.ts';

const status = z.object({
  id: z.string(),
  state: z.string(),
  essential: z.boolean(),
  cause: z.object({ code: z.string(), detail: z.string() }).optional(),
});

export const pluginCommand: AddCommand = (program) => {
  const plugin = program.command('plugin').description('list, enable and disable plugins of this site');
  plugin
    .command('list')
    .description('every plugin with its state and, when it failed, why')
    .action((_options, command) =>
      withNode(command, async (node, json) => {
        const rows = await node.json(z.array(status), 'GET', '/api/plugins');
        printRows(
          json,
          rows.map((row) => ({ ...row, cause: row.cause ? `${row.cause.code}: ${row.cause.detail}` : '' })),
          ['id', 'state', 'cause'],
        );
      }),
    );
  for (const action of ['enable', 'disable'] as const) {
    plugin
      .command(`${action} <id>`)
      .description(`${action} a plugin; remembered over restarts`)
      .action((id: string, _options, command) =>
        withNode(command, async (node, json) => {
          await node.json(z.unknown(), 'POST', `/api/plugins/${encodeURIComponent(id)}/${action}`);
          if (json) console.log(JSON.stringify({ id, state: action === 'enable' ? 'active' : 'disabled' }));
          else console.log(`${id} is ${action}d`);
        }),
      );
  }
};
