import { expect, it } from 'vitest';
import type { Catalogue } from '../src/catalogue/contract.ts';

/** The part of the catalogue contract about plugins' documents. */
export function documentStoreContract(open: () => Promise<Catalogue>): void {
  it('documents: get, put, change, remove', async () => {
    const documents = (await open()).documents('orders');
    expect(await documents.get('o1')).toBeUndefined();
    const { rev } = await documents.put('o1', { status: 'new', nested: { list: [1, null, 'x'] } });
    expect(await documents.get('o1')).toStrictEqual({ status: 'new', nested: { list: [1, null, 'x'] }, rev });
    const second = await documents.put('o1', { status: 'done' }, rev);
    expect(await documents.get('o1')).toStrictEqual({ status: 'done', rev: second.rev });
    await documents.remove('o1', second.rev);
    expect(await documents.get('o1')).toBeUndefined();
    const third = await documents.put('o1', { status: 'again' });
    expect(await documents.get('o1')).toStrictEqual({ status: 'again', rev: third.rev });
  });

  it('documents: a stale revision is a CONFLICT', async () => {
    const documents = (await open()).documents('orders');
    const { rev } = await documents.put('o1', { value: 1 });
    await expect(documents.put('o1', { value: 2 })).rejects.toMatchObject({ code: 'CONFLICT' });
    const second = await documents.put('o1', { value: 3 }, rev);
    await expect(documents.put('o1', { value: 4 }, rev)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(documents.remove('o1', rev)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(documents.put('absent', { value: 5 }, rev)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(documents.remove('absent', rev)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await documents.get('o1')).toStrictEqual({ value: 3, rev: second.rev });
  });

  it('documents: of simultaneous changes of one revision, one wins', async () => {
    const documents = (await open()).documents('orders');
    const { rev } = await documents.put('o1', { value: 0 });
    const puts = await Promise.allSettled(Array.from({ length: 6 }, (_, value) => documents.put('o1', { value }, rev)));
    expect(puts.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  });

  it('documents: a document read can be written back with its own rev in it', async () => {
    const documents = (await open()).documents('orders');
    await documents.put('o1', { value: 1 });
    const read = await documents.get<{ value: number }>('o1');
    await documents.put('o1', { ...read, value: 2 }, read?.rev);
    expect(await documents.get('o1')).toMatchObject({ value: 2 });
  });

  it('documents: any id and any key', async () => {
    const documents = (await open()).documents('orders');
    for (const id of ['_design/x', '_local/y', 'a/b c', '\u4e2d', 'instance:1']) {
      const { rev } = await documents.put(id, { _id: 'mine', _rev: 'mine', _deleted: true });
      expect(await documents.get(id)).toStrictEqual({ _id: 'mine', _rev: 'mine', _deleted: true, rev });
    }
    await expect(documents.put('', {})).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('documents: lists by prefix, in pages', async () => {
    const documents = (await open()).documents('orders');
    await Promise.all(['b1', 'a2', 'a1', 'A1', 'a3', 'a'].map((id) => documents.put(id, { name: id })));
    const ids = async (prefix: string, options?: { limit?: number; after?: string }) =>
      (await documents.list(prefix, options)).map(({ id }) => id);
    expect(await ids('a')).toEqual(['a', 'a1', 'a2', 'a3']);
    expect(await ids('a', { limit: 2 })).toEqual(['a', 'a1']);
    expect(await ids('a', { limit: 2, after: 'a1' })).toEqual(['a2', 'a3']);
    expect(await ids('a', { after: 'a3' })).toEqual([]);
    expect((await ids('')).sort()).toEqual(['A1', 'a', 'a1', 'a2', 'a3', 'b1']);
    expect(await ids('zzz')).toEqual([]);
    const [first] = await documents.list<{ name: string }>('a');
    expect(first).toStrictEqual({ id: 'a', name: 'a', rev: first?.rev });
  });

  it('documents: more than one page of the database', async () => {
    const documents = (await open()).documents('orders');
    const ids = Array.from({ length: 450 }, (_, index) => `o${1000 + index}`);
    await Promise.all(ids.map((id) => documents.put(id, {})));
    expect((await documents.list('o')).map(({ id }) => id)).toEqual(ids);
    expect((await documents.list('o', { after: 'o1199', limit: 3 })).map(({ id }) => id)).toEqual([
      'o1200',
      'o1201',
      'o1202',
    ]);
  });

  it('documents: namespaces do not see each other, and have proper names', async () => {
    const catalogue = await open();
    await catalogue.documents('orders').put('x', { from: 'orders' });
    expect(await catalogue.documents('reports').get('x')).toBeUndefined();
    expect(await catalogue.documents('orders').get('x')).toMatchObject({ from: 'orders' });
    expect(await catalogue.count()).toBe(0);
    for (const bad of ['', '../x', 'Orders', '_x']) {
      expect(() => catalogue.documents(bad)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    }
  });
}
