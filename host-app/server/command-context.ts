import { loadConfig, type NodeConfig } from '@filmless/core/config';
import type { Command } from 'commander';
import { connectToNode, type NodeClient } from './node-client.ts';

/** Adds one command to the program; `finish` sets the exit code. */
export type AddCommand = (program: Command, finish: (exitCode: number) => void) => void;

interface GlobalOptions {
  config?: string;
  json?: boolean;
}

export function globalOptions(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>();
}

export function configOf(command: Command): Promise<NodeConfig> {
  return loadConfig(process.env, globalOptions(command).config);
}

/** Runs `work` against the running node, or one opened for it, and closes what was opened. */
export async function withNode<T>(
  command: Command,
  work: (client: NodeClient, json: boolean) => Promise<T>,
): Promise<T> {
  const client = await connectToNode(await configOf(command));
  try {
    return await work(client, globalOptions(command).json ?? false);
  } finally {
    await client.close();
  }
}

/** Prints a result: JSON for scripts, else a table with aligned columns. */
export function printRows(json: boolean, rows: readonly Record<string, unknown>[], columns: readonly string[]): void {
  if (json) {
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  for (const line of cells)
    console.log(
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
