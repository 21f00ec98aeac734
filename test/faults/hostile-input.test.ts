import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

/** Seeds are fixed so that a failure is found again. */
const RUNS = { numRuns: 40, seed: 20_260_102 };

interface Answer {
  status: number;
  type: string;
  body: Record<string, unknown>;
}

describe('whatever comes is answered in words, and the node stays up', { timeout: 180_000 }, () => {
  let node: NodeProcess;
  let stored: PhantomInstance;
  let serviceKey: string;

  beforeAll(async () => {
    node = await startNode();
    [stored] = (await storePhantoms(
      node,
      ctSlices({ count: 1, rows: 32, study: phantomStudy({ seed: 'hostile' }) }),
    )) as [PhantomInstance];
    await ok('/api/users', { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] });
    serviceKey = String((await ok('/api/users/his/keys', { title: 'HIS' }))['key']);
  });
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
  });

  const ok = async (path: string, body: object, authorization = node.authorization) => {
    const response = await fetch(node.url + path, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.ok, path).toBe(true);
    return (await response.json()) as Record<string, unknown>;
  };
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(node.url + path, init);
    const text = await response.text();
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    return { status: response.status, type, body: type.endsWith('json') ? parsed(text) : {} };
  };
  /** A refusal that says what was wrong, in the form of its door. */
  const expectRefused = ({ status, type, body }: Answer, what: string) => {
    expect(status, what).toBeGreaterThanOrEqual(400);
    expect(status, what).toBeLessThan(500);
    if (type === 'application/fhir+json') {
      expect(body, what).toMatchObject({ resourceType: 'OperationOutcome' });
      return;
    }
    expect(type, what).toBe('application/problem+json');
    expect(body, what).toMatchObject({ status, code: expect.stringMatching(/^[A-Z_]+$/) });
  };
  const expectUp = async () => {
    expect((await fetch(`${node.url}/readyz`)).status).toBe(200);
    expect((await node.fetch(`/api/studies/${stored.StudyInstanceUID}`)).status).toBe(200);
    expect(node.log()).not.toMatch(/uncaught|unhandled/i);
  };

  /** Doors that take JSON; none of what is sent to them is right. */
  const jsonDoors = (): [method: string, path: string][] => [
    ['POST', '/api/patients'],
    ['POST', '/api/patients/merge'],
    ['POST', '/api/patients/unmerge'],
    ['POST', `/api/studies/${stored.StudyInstanceUID}/patient`],
    ['POST', '/api/reports'],
    ['POST', '/api/users'],
    ['PUT', '/api/users/his'],
    ['POST', '/api/users/his/keys'],
    ['POST', '/api/emergencies'],
    ['PUT', '/api/restricted-patients/P1'],
    ['POST', '/api/his/dry-run'],
    ['POST', '/fhir/ServiceRequest'],
    ['PUT', '/fhir/ServiceRequest/x'],
  ];
  const send = (method: string, path: string, body: string | Uint8Array<ArrayBuffer>) =>
    ask(path, {
      method,
      headers: {
        authorization: node.authorization,
        'content-type': path.startsWith('/fhir') ? 'application/fhir+json' : 'application/json',
      },
      body,
    });

  it('JSON and FHIR that are none, or not what is asked for', async () => {
    // An empty object changes nothing where every field may be left out.
    const isNothing = (text: string) => /^\s*\{\s*\}\s*$/.test(text);
    const text = fc
      .oneof(
        fc.json({ maxDepth: 4 }),
        fc.json({ maxDepth: 4 }).map((one) => one.slice(0, -1)),
        fc.string({ maxLength: 200, unit: 'binary' }),
        fc.constantFrom(
          '',
          'null',
          '[]',
          '"x"',
          '{"__proto__":{"admin":true}}',
          '{"constructor":{"prototype":{"admin":true}}}',
          '{"resourceType":"ServiceRequest"}',
          '{"resourceType":"Patient","id":"1"}',
          '{"a":1,"a":2}',
          `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
          `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
          '1e999999',
          '\ufeff{}x',
        ),
      )
      .filter((one) => !isNothing(one));
    for (const [method, path] of jsonDoors()) {
      await fc.assert(
        fc.asyncProperty(text, async (one) =>
          expectRefused(await send(method, path, one), `${method} ${path} ${one.slice(0, 80)}`),
        ),
        RUNS,
      );
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
          const broken = new Uint8Array([0xff, 0xfe, ...bytes]);
          expectRefused(await send(method, path, broken), `${method} ${path} bytes`);
        }),
        { ...RUNS, numRuns: 10 },
      );
    }
    await expectUp();
  });

  it('bodies that are too long or of another kind', async () => {
    const long = JSON.stringify({ text: 'x'.repeat(20 * 1024 * 1024) });
    for (const [method, path] of jsonDoors()) {
      expectRefused(await send(method, path, long), `${method} ${path} 20 MB`);
      const xml = await ask(path, {
        method,
        headers: { authorization: node.authorization, 'content-type': 'application/xml' },
        body: '<Patient/>',
      });
      expectRefused(xml, `${method} ${path} XML`);
    }
    for (const type of ['application/dicom+json', 'multipart/related', 'multipart/related; type="application/dicom"'])
      expectRefused(
        await ask('/dicom-web/studies', {
          method: 'POST',
          headers: { authorization: node.authorization, 'content-type': type, accept: 'application/dicom+json' },
          body: '[{"00080018":',
        }),
        `STOW ${type}`,
      );
    await expectUp();
  });

  it('searches and addresses that nobody writes', async () => {
    const word = fc.string({ maxLength: 60, unit: 'binary' }).map((one) => encodeURIComponent(one.toWellFormed()));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          '/api/patients?text=',
          '/api/patients?limit=',
          '/api/orders?status=',
          '/api/orders?from=',
          '/api/reconciliation?state=',
          '/api/studies?orderBy=',
          '/dicom-web/studies?limit=',
          '/fhir/Patient?identifier=',
          '/fhir/ImagingStudy?_count=',
          '/wado?requestType=WADO&studyUID=',
        ),
        word,
        async (path, one) => {
          const answer = await ask(path + one, { headers: { authorization: node.authorization } });
          expect(answer.status, path + one).toBeLessThan(500);
          if (answer.status >= 400) expectRefused(answer, path + one);
        },
      ),
      { ...RUNS, numRuns: 200 },
    );
    for (const path of ['/api/patients/%E0%A4%A', '/api/orders/%00/x', '/fhir/Patient/..%2f..', '/api/studies/%ff'])
      expectRefused(await ask(path, { headers: { authorization: node.authorization } }), path);
    await expectUp();
  });

  describe('tokens', () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    /** One of every kind of door. */
    const doors = (): [method: string, path: string][] => [
      ['GET', '/api/studies'],
      ['GET', `/api/studies/${stored.StudyInstanceUID}`],
      ['GET', '/api/patients'],
      ['GET', '/api/events'],
      ['POST', '/api/reports'],
      ['GET', '/dicom-web/studies'],
      ['POST', '/dicom-web/studies'],
      ['GET', `/dicom-web/studies/${stored.StudyInstanceUID}/metadata`],
      ['GET', `/wado?requestType=WADO&studyUID=${stored.StudyInstanceUID}&seriesUID=1&objectUID=1`],
      ['GET', '/fhir/Patient'],
      ['POST', '/fhir/ServiceRequest'],
      ['GET', '/metrics'],
    ];
    const present = (token: string, [method, path]: readonly [string, string]) =>
      ask(path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: '{}' }),
      });
    const expectUnknown = async (token: string, door: readonly [string, string], what: string) => {
      const answer = await present(token, door);
      expectRefused(answer, `${what} ${door.join(' ')}`);
      expect(answer.status, `${what} ${door.join(' ')}`).toBe(401);
    };

    it('with none, another key, another audience, expired or changed are taken nowhere', async () => {
      const asked = { user: 'sunwei', patientId: stored.PatientID, ttlSeconds: 300 };
      const good = String((await ok('/api/embed/tokens', asked, `Bearer ${serviceKey}`))['token']);
      const [head = '', payload = '', signature = ''] = good.split('.');
      const header = parsed(Buffer.from(head, 'base64url').toString());
      const claims = parsed(Buffer.from(payload, 'base64url').toString());
      const file = parsed(await readFile(join(node.dataDirectory, 'signing-keys.json'), 'utf8'));
      const own = createPrivateKey((file['keys'] as { privateKey: string }[]).at(-1)?.privateKey ?? '');
      const signed = (head_: object, claims_: object, by: KeyObject) => {
        const text = `${encode(head_)}.${encode(claims_)}`;
        return `${text}.${sign(null, Buffer.from(text), by).toString('base64url')}`;
      };
      // The forger's tools work: what he makes with the node's own key is taken.
      expect((await present(signed(header, claims, own), ['GET', '/api/studies'])).status).toBe(200);
      const stranger = generateKeyPairSync('ed25519').privateKey;
      const seconds = Math.floor(Date.now() / 1000);
      const publicPem = createPublicKey(own).export({ type: 'spki', format: 'pem' });
      const hmacText = `${encode({ ...header, alg: 'HS256' })}.${payload}`;
      const hmac = createHmac('sha256', publicPem).update(hmacText).digest('base64url');
      const bad: Record<string, string> = {
        'alg none': `${encode({ ...header, alg: 'none' })}.${payload}.`,
        'alg None with the signature': `${encode({ ...header, alg: 'None' })}.${payload}.${signature}`,
        'the public key as a secret': `${hmacText}.${hmac}`,
        'another key': signed(header, claims, stranger),
        'a key in the token': signed(
          { ...header, kid: undefined, jwk: createPublicKey(stranger).export({ format: 'jwk' }) },
          claims,
          stranger,
        ),
        expired: signed(header, { ...claims, iat: seconds - 900, exp: seconds - 600 }, own),
        'not yet': signed(header, { ...claims, nbf: seconds + 3600 }, own),
        'another audience': signed(header, { ...claims, aud: 'urn:filmless:elsewhere' }, own),
        'another issuer': signed(header, { ...claims, iss: 'nobody' }, own),
        'another patient': `${head}.${encode({ ...claims, target: { patientId: 'B' } })}.${signature}`,
        'another kind': signed({ ...header, typ: 'JWT' }, claims, own),
        'no signature': `${head}.${payload}.`,
        'two parts': `${head}.${payload}`,
        'far too long': `${'a'.repeat(7000)}.b.c`,
      };
      for (const [what, token] of Object.entries(bad))
        for (const door of doors()) await expectUnknown(token, door, what);
      await expectUp();
    });

    it('that are garbage are taken nowhere', async () => {
      const part = fc.oneof(
        fc.json().map((text) => Buffer.from(text).toString('base64url')),
        fc.stringMatching(/^[A-Za-z0-9_-]{0,60}$/),
      );
      const token = fc.oneof(
        fc.tuple(part, part, part).map((parts) => parts.join('.')),
        fc.stringMatching(/^[!-~]{1,200}$/),
      );
      await fc.assert(
        fc.asyncProperty(token, fc.constantFrom(...doors()), (one, door) => expectUnknown(one, door, one)),
        { ...RUNS, numRuns: 300 },
      );
      await expectUp();
    });
  });
});

function parsed(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
