import { createHash } from 'node:crypto';
import type { HttpReply, HttpRequest } from '@filmless/core/plugin';
import type { Resource } from '@medplum/fhirtypes';
import { FhirError, outcomeOf } from './outcome.ts';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8; fhirVersion=4.0';
const TAKEN = new Set(['*/*', 'application/*', 'application/json', 'application/fhir+json', 'json']);

/** JSON is what there is. `_format` goes before Accept. @throws FhirError 406 */
export function assertJson(request: HttpRequest): void {
  const format = request.query.get('_format');
  const wanted = format === null || format === '' ? (request.headers['accept'] ?? '*/*') : format.replaceAll(' ', '+');
  const types = wanted.split(',').map((one) => {
    const [type = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    return { type, refused: parameters.some((part) => /^q=0(\.0*)?$/.test(part)) };
  });
  if (!types.some(({ type, refused }) => TAKEN.has(type) && !refused))
    throw new FhirError(406, 'not-supported', 'application/fhir+json is what there is; XML is not supported');
}

/** Names a version after the content, where there is no number for it. */
export function contentVersion(resource: object): string {
  return createHash('sha256').update(JSON.stringify(resource)).digest('hex').slice(0, 20);
}

/** What a string of FHIR may not hold. @see https://hl7.org/fhir/R4/datatypes.html#string */
const CONTROL = /[^\t\n\r\u0020-\uFFFF]/g;

/** Values come from devices and other systems: what no string may hold is shown as a replacement character. */
export function fhirJson(resource: Resource): string {
  return JSON.stringify(resource, (_, value: unknown) =>
    typeof value === 'string' ? value.replace(CONTROL, '\u{FFFD}') : value,
  );
}

/** A resource with its ETag; 304 when the client has this version. */
export function resourceReply(
  request: HttpRequest,
  resource: Resource,
  told?: HttpReply['audit'],
  status = 200,
  headers: Record<string, string> = {},
): HttpReply {
  const { versionId, lastUpdated } = resource.meta ?? {};
  const etag = versionId === undefined ? undefined : `W/"${versionId}"`;
  const all: Record<string, string> = {
    ...headers,
    'cache-control': 'private, no-cache',
    ...(etag ? { etag } : {}),
    ...(lastUpdated ? { 'last-modified': new Date(lastUpdated).toUTCString() } : {}),
  };
  const asked = request.headers['if-none-match'];
  const audit = told ? { audit: told } : {};
  if (etag && request.method !== 'POST' && asked?.split(',').some((one) => one.trim() === etag || one.trim() === '*'))
    return { status: 304, headers: all, ...audit };
  return { status, headers: { ...all, 'content-type': FHIR_JSON }, body: fhirJson(resource), ...audit };
}

/** Runs a handler; what FHIR refuses becomes an OperationOutcome. Refusals and failures of the node stay what they are, for its audit and log. */
export async function answering(request: HttpRequest, handle: () => Promise<HttpReply>): Promise<HttpReply> {
  try {
    assertJson(request);
    return await handle();
  } catch (error) {
    const answer = outcomeOf(error);
    if (!answer) throw error;
    return {
      status: answer.status,
      headers: { ...answer.headers, 'content-type': FHIR_JSON },
      body: fhirJson(answer.body),
    };
  }
}
