import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NodeProcess, startNode } from './tools/node-process.ts';

const example = resolve(import.meta.dirname, '..', 'examples/his-sql-pull');

describe('examples/his-sql-pull beside the HIS bridge in a node', () => {
  let folder: string;
  let his: DatabaseSync;
  let node: NodeProcess;

  const insert = (number: string, name: string, changed: string) =>
    his.prepare('INSERT INTO patient VALUES (?, ?, ?, ?, ?)').run(number, name, '2', '1962-03-08', changed);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filmless-his-'));
    his = new DatabaseSync(join(folder, 'his.sqlite'));
    his.exec('CREATE TABLE patient (patient_no TEXT, patient_name TEXT, sex TEXT, birth_date TEXT, changed_at TEXT)');
    insert('H1', '李秀英', '2026-01-01 08:00:00');
    node = await startNode({
      config: {
        pluginModules: [join(example, 'index.ts')],
        plugins: {
          'his-sql-pull': {
            driver: join(example, 'sqlite-driver.ts'),
            connection: { file: join(folder, 'his.sqlite') },
            views: {
              'his-patients': {
                query: 'SELECT * FROM patient WHERE changed_at >= :since ORDER BY changed_at',
                first: '1970-01-01 00:00:00',
              },
            },
          },
          'his-bridge': {
            pull: [
              {
                name: 'HIS',
                from: { rowSource: 'his-patients' },
                position: 'changed_at',
                everySeconds: 1,
                mapping: {
                  of: 'patients',
                  id: 'patient_no',
                  name: 'patient_name',
                  sex: { column: 'sex', values: { '1': 'M', '2': 'F' }, otherwise: 'O' },
                  birthDate: 'birth_date',
                },
              },
            ],
          },
        },
      },
    });
  });
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
    his?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const patients = async () => {
    const { items } = (await (await node.fetch('/api/patients')).json()) as {
      items: { identifiers: { id: string }[]; demographics: { name: string; sex: string } }[];
    };
    return items
      .map(({ identifiers, demographics }) => [identifiers[0]?.id, demographics.name, demographics.sex])
      .sort();
  };

  it('takes rows over as they change', async () => {
    await expect.poll(patients).toEqual([['H1', '=李秀英', 'F']]);
    insert('H2', '赵敏', '2026-01-02 08:00:00');
    his.exec("UPDATE patient SET patient_name = '李秀瑛', changed_at = '2026-01-03 08:00:00' WHERE patient_no = 'H1'");
    await expect.poll(patients).toEqual([
      ['H1', '=李秀瑛', 'F'],
      ['H2', '=赵敏', 'F'],
    ]);
    const { items } = (await (await node.fetch('/api/his/pulls')).json()) as { items: object[] };
    expect(items).toMatchObject([{ name: 'HIS', failed: 0 }]);
  });
});
