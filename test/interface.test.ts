import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../core/src/errors.ts';
import { type NodeProcess, startNode } from './tools/node-process.ts';

const root = resolve(import.meta.dirname, '..');
const contract = readFileSync(join(root, 'docs/interface.md'), 'utf8');

/** The names that the outside relies on (docs/interface.md), against a running node. */
describe('the published interface', () => {
  let node: NodeProcess;

  beforeAll(async () => {
    node = await startNode({ env: { FILMLESS_AET: 'INTERFACE' } });
  });
  afterAll(async () => {
    await node.stop();
    await node.remove();
  });

  it.each(['/healthz', '/readyz', '/metrics', '/dicom-web/studies', '/api/openapi.json'])(
    '%s answers and is in the contract',
    async (path) => {
      expect(contract).toContain(path.split('/')[1] ?? '');
      expect((await node.fetch(path)).status).toBe(200);
    },
  );

  it('signs in at /api/sessions with {user, password}, answers a token and sets a cookie that scripts cannot read', async () => {
    const response = await fetch(`${node.url}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'admin', password: node.password }),
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('set-cookie')).toMatch(/HttpOnly/i);
    const { token } = (await response.json()) as { token: string };
    const bearer = await fetch(`${node.url}/dicom-web/studies`, { headers: { authorization: `Bearer ${token}` } });
    expect(bearer.status).toBe(200);
  });

  it('answers errors as problem+json with a code of the registry', async () => {
    const response = await node.fetch('/api/studies/1.2.3');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const { code } = (await response.json()) as { code: string };
    expect(Object.keys(ERRORS)).toContain(code);
  });

  it('takes its name from FILMLESS_AET', async () => {
    expect(await (await node.fetch('/api/node')).json()).toMatchObject({
      aeTitle: 'INTERFACE',
      dicomPort: node.dicomPort,
    });
  });

  it('stops on SIGTERM with exit code 0', async () => {
    const other = await startNode();
    expect(await other.stop()).toBe(0);
    await other.remove();
  });

  it('names a misspelt setting and starts nothing', async () => {
    await expect(startNode({ config: { htpp: { port: 1 } } })).rejects.toThrow(/htpp/);
  });
});
