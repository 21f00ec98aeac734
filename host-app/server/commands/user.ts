import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { type AddCommand, printRows, withNode } from '../command-context.ts';

const user = z.object({ name: z.string(), displayName: z.string(), roles: z.array(z.string()), disabled: z.boolean() });

/** From standard input when it is piped, else made up; never from the command line, where other users of the machine see it. */
async function readPassword(): Promise<{ password: string; generated: boolean }> {
  if (process.stdin.isTTY) return { password: randomBytes(12).toString('base64url'), generated: true };
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    if (line) return { password: line, generated: false };
  }
  return { password: randomBytes(12).toString('base64url'), generated: true };
}

export const userCommand: AddCommand = (program) => {
  const users = program.command('user').description('local users: list, add, password, remove');
  users
    .command('list')
    .description('every local user')
    .action((_options, command) =>
      withNode(command, async (node, json) => {
        const rows = await node.json(z.array(user), 'GET', '/api/users');
        printRows(
          json,
          rows.map((row) => ({
            ...row,
            roles: json ? row.roles : row.roles.join(','),
            disabled: json ? row.disabled : row.disabled ? 'disabled' : '',
          })),
          ['name', 'displayName', 'roles', 'disabled'],
        );
      }),
    );
  users
    .command('add <name>')
    .description('add a user; the password comes from standard input, or is made up and printed once')
    .requiredOption('-r, --role <role...>', 'admin, registrar, technician, radiologist, reviewer, clinician, auditor')
    .option('-d, --display-name <text>', 'name shown on the screen')
    .action(async (name: string, options: { role: string[]; displayName?: string }, command) => {
      const { password, generated } = await readPassword();
      await withNode(command, async (node, json) => {
        await node.json(z.unknown(), 'POST', '/api/users', {
          name,
          displayName: options.displayName ?? name,
          roles: options.role,
          password,
        });
        if (json) console.log(JSON.stringify({ name, ...(generated ? { password } : {}) }));
        else console.log(generated ? `${name} added. Password: ${password}` : `${name} added`);
      });
    });
  users
    .command('password <name>')
    .description('set a new password and end the sessions of the user')
    .action(async (name: string, _options, command) => {
      const { password, generated } = await readPassword();
      await withNode(command, async (node, json) => {
        await node.setPassword(name, password);
        if (json) console.log(JSON.stringify({ name, ...(generated ? { password } : {}) }));
        else console.log(generated ? `New password of ${name}: ${password}` : `Password of ${name} changed`);
      });
    });
  users
    .command('remove <name>')
    .description('remove a user')
    .action((name: string, _options, command) =>
      withNode(command, async (node, json) => {
        await node.json(z.unknown(), 'DELETE', `/api/users/${encodeURIComponent(name)}`);
        if (json) console.log(JSON.stringify({ name, removed: true }));
        else console.log(`${name} removed`);
      }),
    );
};
