import { FilmlessError } from '@filmless/core/plugin';
import { Command, CommanderError } from 'commander';

import { auditCommand } from './commands/audit.ts';
import { backupCommand } from './commands/backup.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { importCommand } from './commands/import.ts';
import { pluginCommand } from './commands/plugin.ts';
import { rebuildIndexCommand } from './commands/rebuild-index.ts';
import { restoreCommand } from './commands/restore.ts';
import { startCommand } from './commands/start.ts';
import { userCommand } from './commands/user.ts';
import { verifyCommand } from './commands/verify.ts';
import { EXIT } from './exit-codes.ts';
import { ClientError } from './node-client.ts';

/** Runs one command line; resolves to the exit code. Errors go to standard error in one readable block. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const program = new Command('filmless')
    .description('The Filmless PACS: start a node, and look after it')
    .option('-c, --config <file>', 'configuration file (default: filmless.yaml, or FILMLESS_CONFIG)')
    .option('--json', 'results as JSON on standard output, for scripts')
    .exitOverride()
    .showHelpAfterError();
  let code: number = EXIT.ok;
  const finish = (result: number) => {
    code = result;
  };
  for (const command of [
    startCommand,
    demoCommand,

    importCommand,
    verifyCommand,
    restoreCommand,
    rebuildIndexCommand,
    pluginCommand,
    userCommand,
    auditCommand,
    backupCommand,
    doctorCommand,
  ]) {
    command(program, finish);
  }
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    report(error, program.opts<{ json?: boolean }>().json ?? false);
    return error instanceof FilmlessError && error.code === 'CONFIG_INVALID' ? EXIT.usage : EXIT.failed;
  }
}

function report(error: unknown, json: boolean): void {
  const failure = error instanceof ClientError ? error : FilmlessError.from(error);
  const code = failure.code;
  const remedy = failure.remedy;
  if (json) {
    console.error(JSON.stringify({ error: { code, message: failure.message, remedy } }));
    return;
  }
  console.error(`${failure.message}\n${remedy} [${code}]`);
  if (code === 'INTERNAL' && error instanceof Error) console.error(error.stack);
}
