import type { HttpReply, HttpRequest, HttpRoute } from '@filmless/core/plugin';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { capabilityStatement } from './capability-statement.ts';
import { baseOf, FHIR_ROOT, type Fhir } from './context.ts';
import { readReport, searchReports } from './diagnostic-report.ts';
import { dicomwebEndpoint, readStudy, searchStudies } from './imaging-study.ts';
import { FhirError, issueCodeOf, notFound, outcome } from './outcome.ts';
import { readPatient, searchPatients } from './patient.ts';
import { answering, FHIR_JSON, fhirJson, resourceReply } from './reply.ts';
import { readRequest, searchRequests } from './service-request.ts';
import { createRequest, patchRequest, replaceRequest } from './write-service-request.ts';

type Read = (fhir: Fhir, request: HttpRequest, id: string) => Promise<{ resource: Resource; told: HttpReply['audit'] }>;
type Find = (fhir: Fhir, request: HttpRequest) => Promise<Bundle>;

export const ORDER_PERMISSION = 'his.order';

/** Everything under `/fhir`. @see https://hl7.org/fhir/R4/http.html */
export function fhirRoutes(fhir: Fhir): HttpRoute[] {
  const route = (
    method: HttpRoute['method'],
    path: string,
    permission: string,
    summary: string,
    handle: (request: HttpRequest) => Promise<HttpReply>,
    audit?: HttpRoute['audit'],
  ): HttpRoute => ({
    method,
    path: `${FHIR_ROOT}/${path}`,
    summary: `FHIR R4: ${summary}`,
    policy: { access: 'permission', permission },
    ...(audit ? { audit } : {}),
    // Refusals before the handler: no identity, no permission.
    failure: ({ status, title, detail }) => ({
      contentType: FHIR_JSON,
      body: fhirJson(outcome('error', issueCodeOf(status), detail ? `${title}: ${detail}` : title)),
    }),
    handle: (request) => answering(request, () => handle(request)),
  });
  const id = ({ params }: HttpRequest) => params['id'] ?? '';
  const resource = (type: string, permission: string, read: Read, find: Find): HttpRoute[] => {
    const list = async (request: HttpRequest): Promise<HttpReply> => {
      const body = fhirJson(await find(fhir, request));
      return { headers: { 'content-type': FHIR_JSON, 'cache-control': 'no-store' }, body };
    };
    return [
      route('GET', type, permission, `search for ${type}`, list, 'search'),
      route('POST', `${type}/_search`, permission, `search for ${type}, the criteria in the body`, list, 'search'),
      route(
        'GET',
        `${type}/:id`,
        permission,
        `a ${type}`,
        async (request) => {
          const { resource: found, told } = await read(fhir, request, id(request));
          return resourceReply(request, found, told);
        },
        'open',
      ),
    ];
  };
  return [
    route(
      'GET',
      'metadata',
      'study.search',
      'what the server can do',
      async (request) => resourceReply(request, capabilityStatement(fhir, baseOf(request))),
      'none',
    ),
    ...resource('Patient', 'study.search', readPatient, searchPatients),
    ...resource('ImagingStudy', 'study.search', readStudy, searchStudies),
    ...resource('DiagnosticReport', 'study.read', readReport, searchReports),
    ...resource('ServiceRequest', 'study.search', readRequest, searchRequests),
    route(
      'GET',
      'DiagnosticReport/:id/_history/:version',
      'study.read',
      'a version of a DiagnosticReport',
      async (request) => {
        const { resource: found, told } = await readReport(fhir, request, id(request), request.params['version'] ?? '');
        return resourceReply(request, found, told);
      },
      'open',
    ),
    route('POST', 'ServiceRequest', ORDER_PERMISSION, 'orders an examination', (request) =>
      createRequest(fhir, request),
    ),
    route('PUT', 'ServiceRequest/:id', ORDER_PERMISSION, 'cancels an order', (request) =>
      replaceRequest(fhir, request, id(request)),
    ),
    route('PATCH', 'ServiceRequest/:id', ORDER_PERMISSION, 'cancels an order', (request) =>
      patchRequest(fhir, request, id(request)),
    ),
    route(
      'GET',
      'Endpoint/:id',
      'study.search',
      'where images are fetched',
      async (request) => {
        const endpoint = dicomwebEndpoint(request.origin);
        if (id(request) !== endpoint.id) throw notFound();
        return resourceReply(request, endpoint as Resource);
      },
      'none',
    ),
    ...(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) =>
      route(
        method,
        '*rest',
        'study.search',
        'what is not supported',
        async () => {
          throw new FhirError(404, 'not-supported', 'no such resource type or operation; see /fhir/metadata');
        },
        'none',
      ),
    ),
  ];
}
