import { validateResource } from '@medplum/core';
import type { Bundle, Patient, Resource } from '@medplum/fhirtypes';
import { expect } from 'vitest';
import type { NodeProcess } from './node-process.ts';

export const PATIENT_SYSTEM = 'urn:filmless:patient-id';

interface Answer<T = Resource> {
  status: number;
  headers: Headers;
  body: T;
}
/** Short ways to ask a node as a HIS does; every resource that comes is checked against R4's definitions, which the test loads. */
export function fhirClient(node: () => NodeProcess, key: () => string) {
  const ask = async <T = Resource>(path: string, init: RequestInit & { token?: string } = {}): Promise<Answer<T>> => {
    const { token, headers, ...rest } = init;
    const address = path.startsWith('http') ? path : `${node().url}/fhir/${path}`;
    const authorization = token === undefined ? node().authorization : `Bearer ${token}`;
    const response = await fetch(address, { ...rest, headers: { authorization, ...(headers as object) } });
    const text = await response.text();
    const body = (text === '' ? undefined : JSON.parse(text)) as T;
    if (text !== '' && (response.headers.get('content-type') ?? '').startsWith('application/fhir+json'))
      validateResource(body as Resource);
    return { status: response.status, headers: response.headers, body };
  };
  const find = async <T extends Resource>(path: string, token?: string) => {
    const { status, body } = await ask<Bundle<T>>(path, token === undefined ? {} : { token });
    expect(status, path).toBe(200);
    const matches = (body.entry ?? []).filter(({ search }) => search?.mode === 'match');
    return { bundle: body, total: body.total, resources: matches.flatMap(({ resource }) => resource ?? []) };
  };
  const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}, token = key()) =>
    ask(path, {
      method,
      token,
      headers: { 'content-type': 'application/fhir+json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const rest = async (method: string, path: string, body: object, token?: string) => {
    const authorization = token === undefined ? node().authorization : `Bearer ${token}`;
    const isBytes = body instanceof Uint8Array;
    const response = await fetch(`${node().url}${path}`, {
      method,
      headers: { authorization, 'content-type': isBytes ? 'application/pdf' : 'application/json' },
      body: isBytes ? new Blob([body as Uint8Array<ArrayBuffer>]) : JSON.stringify(body),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    expect(response.ok, `${method} ${path} ${JSON.stringify(answer)}`).toBe(true);
    return answer;
  };
  const tokenFor = async (target: object) =>
    String((await rest('POST', '/api/embed/tokens', { user: '王医生', ttlSeconds: 300, ...target }, key()))['token']);
  const deliver = (body: object) => rest('POST', '/api/reports', body, key());
  const idOf = async (id: string) =>
    (await find<Patient>(`Patient?identifier=${PATIENT_SYSTEM}|${id}`)).resources[0]?.id ?? '';
  return { ask, find, send, rest, tokenFor, deliver, idOf };
}
export type FhirClient = ReturnType<typeof fhirClient>;
