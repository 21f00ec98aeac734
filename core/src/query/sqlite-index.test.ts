import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { queryIndexContract } from '../../testing/query-index-contract.ts';
import { makeQueryRecord } from '../../testing/query-records.ts';
import { SqliteQueryIndex } from './sqlite-index.ts';

const inMemory = async (fetchRecords: ConstructorParameters<typeof SqliteQueryIndex>[0]['fetchRecords']) =>
  new SqliteQueryIndex({ path: ':memory:', fetchRecords });

queryIndexContract('SQLite', inMemory);

describe('SQLite index file', () => {
  const file = () => {
    const directory = mkdtempSync(join(tmpdir(), 'filmless-index-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    return join(directory, 'index.sqlite');
  };
  const open = (path: string) => {
    const index = new SqliteQueryIndex({ path, fetchRecords: async () => [] });
    onTestFinished(() => index.close());
    return index;
  };
  const filled = async (path: string) => {
    const index = open(path);
    index.apply([{ seq: '1', record: makeQueryRecord({ study: '1.1', instance: '1.1.1.1' }) }], '1');
    await index.close();
  };

  it('is there again after it was closed', async () => {
    const path = file();
    await filled(path);
    const index = open(path);
    expect(index.position()).toBe('1');
    expect((await index.totals()).instances).toBe(1);
  });

  it('is made anew when its schema is another version', async () => {
    const path = file();
    await filled(path);
    const database = new DatabaseSync(path);
    database.exec(`UPDATE meta SET value = '0' WHERE name = 'schemaVersion'`);
    database.close();
    const index = open(path);
    expect(index.position()).toBe('');
    expect((await index.totals()).instances).toBe(0);
  });

  it('is made anew when it is damaged', () => {
    const path = file();
    writeFileSync(path, 'this is no database, and never was '.repeat(500));
    expect(open(path).position()).toBe('');
  });

  it('leaves rows and position as they were when a batch fails', async () => {
    const index = open(file());
    const good = makeQueryRecord({ study: '1.1', instance: '1.1.1.1' });
    const bad = { ...good, SOPInstanceUID: '1.1.1.2', sizeBytes: JSON.parse('{}') as number };
    expect(() =>
      index.apply(
        [
          { seq: '1', record: good },
          { seq: '2', record: bad },
        ],
        '2',
      ),
    ).toThrow();
    expect(index.position()).toBe('');
    expect(await index.totals()).toMatchObject({ studies: 0, instances: 0 });
    index.apply([{ seq: '1', record: good }], '1');
    expect(await index.totals()).toMatchObject({ studies: 1, instances: 1 });
  });
});
