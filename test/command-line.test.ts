import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NodeProcess, startNode } from './tools/node-process.ts';

const root = resolve(import.meta.dirname, '..');

/** Commands on the machine of a running node, as IT types them. */
describe('the command line', { timeout: 120_000 }, () => {
  let node: NodeProcess;

  beforeAll(async () => {
    node = await startNode();
  }, 120_000);
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
  });

  async function filmless(args: readonly string[], input: string): Promise<{ code: number; output: string }> {
    const child = spawn(process.execPath, [join(root, 'host-app/server/filmless.ts'), ...args], {
      cwd: root,
      env: {
        ...process.env,
        FILMLESS_CONFIG: join(node.dataDirectory, 'filmless.yaml'),
        FILMLESS_DATA: node.dataDirectory,
      },
    });
    child.stdin.end(input);
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: Number(code), output: output + errors };
  }
  const signIn = async (password: string) =>
    (
      await fetch(`${node.url}/api/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user: 'admin', password }),
      })
    ).status;

  it('sets a new password of the only administrator, who lost his', async () => {
    expect(await filmless(['user', 'password', 'admin'], 'found again 2026\n')).toEqual({
      code: 0,
      output: 'Password of admin changed\n',
    });
    expect(await signIn('found again 2026')).toBe(201);
    expect(await signIn(node.password)).toBe(401);
    const authorization = `Basic ${Buffer.from('admin:found again 2026').toString('base64')}`;
    const audit = await fetch(`${node.url}/api/audit?action=user`, { headers: { authorization } });
    expect(((await audit.json()) as { items: object[] }).items).toMatchObject([
      { target: 'PUT /api/users/admin/password', outcome: 'success' },
    ]);
  });

  it('says what is wrong with a password, and of an account that is not there', async () => {
    expect(await filmless(['user', 'password', 'admin'], 'admin\n')).toMatchObject({
      code: 1,
      output: expect.stringContaining('at least 8 characters'),
    });
    expect(await filmless(['user', 'password', 'nobody'], 'found again 2026\n')).toMatchObject({
      output: expect.stringContaining('NOT_FOUND'),
    });
  });

  it('takes no password from whoever cannot read the data folder', async () => {
    const body = JSON.stringify({ secret: 'guessed', name: 'admin', password: 'found again 2027' });
    const administrator = `Basic ${Buffer.from('admin:found again 2026').toString('base64')}`;
    const json = { 'content-type': 'application/json' };
    for (const [headers, status] of [
      [json, 401],
      [{ ...json, authorization: administrator }, 403],
    ] as const) {
      const answer = await fetch(`${node.url}/api/control/passwords`, { method: 'POST', headers, body });
      expect(answer.status).toBe(status);
    }
    expect(await signIn('found again 2027')).toBe(401);
  });
});
