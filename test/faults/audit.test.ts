import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { verifyAuditFolder } from '@filmless/core/audit';
import { afterAll, describe, expect, it } from 'vitest';
import { type NodeProcess, startNode } from '../tools/node-process.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..', '..');
const KILLS = 3;
const AT_ONCE = 12;

describe('the audit log of a node that is killed', () => {
  let node: NodeProcess | undefined;
  let dataDirectory: string | undefined;

  afterAll(async () => {
    await node?.kill();
    await node?.remove();
  });

  it('has every change that was answered, and is whole', async () => {
    const answered: string[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      node = await startNode(dataDirectory === undefined ? {} : { dataDirectory });
      dataDirectory = node.dataDirectory;
      const current = node;
      let first: () => void = () => undefined;
      const begun = new Promise<void>((done) => {
        first = done;
      });
      const changes = Array.from({ length: AT_ONCE }, async (_, n) => {
        const name = `user-${round}-${n}`;
        const user = { name, displayName: name, roles: ['clinician'], password: 'a password of faults' };
        const response = await current
          .fetch('/api/users', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(user),
          })
          .catch(() => undefined);
        if (response?.status !== 201) return;
        answered.push(name);
        first();
      });
      // In the middle of the others.
      await begun;
      await current.kill();
      await Promise.all(changes);
    }
    expect(answered.length).toBeGreaterThanOrEqual(KILLS);
    expect((await verifyAuditFolder(dataDirectory ?? '')).findings).toEqual([]);
    const database = new DatabaseSync(join(dataDirectory ?? '', 'audit.sqlite'), { readOnly: true });
    const written = database
      .prepare("SELECT count(*) AS n FROM entry WHERE action = 'user' AND outcome = 'success'")
      .get();
    database.close();
    expect(Number(written?.['n'])).toBeGreaterThanOrEqual(answered.length);
  });

  it('is verified by a command, which says where it was changed', async () => {
    const verify = () =>
      run(process.execPath, [join(root, 'host-app/server/filmless.ts'), '--json', 'audit', 'verify'], {
        cwd: root,
        env: { ...process.env, FILMLESS_DATA: dataDirectory },
      }).then(
        ({ stdout }) => ({ code: 0, verdict: JSON.parse(stdout) as { findings: object[] } }),
        (error: { code: number; stdout: string }) => ({
          code: error.code,
          verdict: JSON.parse(error.stdout) as { findings: object[] },
        }),
      );
    expect(await verify()).toMatchObject({ code: 0, verdict: { findings: [] } });
    const database = new DatabaseSync(join(dataDirectory ?? '', 'audit.sqlite'));
    database.exec("DROP TRIGGER entryIsNotChanged; UPDATE entry SET actor = 'nobody' WHERE seq = 2");
    database.close();
    expect(await verify()).toMatchObject({ code: 3, verdict: { findings: [{ seq: 2, kind: 'changed' }] } });
  });
});
