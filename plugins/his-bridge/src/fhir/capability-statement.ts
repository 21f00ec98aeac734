import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes';
import type { Fhir } from './context.ts';
import { REPORT_PARAMETERS } from './diagnostic-report.ts';
import { STUDY_PARAMETERS } from './imaging-study.ts';
import { PATIENT_PARAMETERS } from './patient.ts';
import { REQUEST_PARAMETERS } from './service-request.ts';

type ParameterType = 'token' | 'string' | 'date' | 'reference';
const TYPES: Readonly<Record<string, ParameterType>> = {
  name: 'string',
  birthdate: 'date',
  started: 'date',
  issued: 'date',
  authored: 'date',
  _lastUpdated: 'date',
  patient: 'reference',
  subject: 'reference',
  study: 'reference',
  imagingStudy: 'reference',
  'imaging-study': 'reference',
  'based-on': 'reference',
};

function resource(
  type: CapabilityStatementRestResource['type'],
  parameters: readonly string[],
  ...interactions: ('create' | 'update' | 'patch' | 'vread')[]
): CapabilityStatementRestResource {
  const search = parameters.filter((name) => !name.includes('.'));
  return {
    type,
    interaction: [...(['read', 'search-type'] as const), ...interactions].map((code) => ({ code })),
    versioning: type === 'DiagnosticReport' ? 'versioned' : 'no-version',
    readHistory: type === 'DiagnosticReport',
    conditionalRead: 'not-match',
    ...(search.length > 0 ? { searchParam: search.map((name) => ({ name, type: TYPES[name] ?? 'token' })) } : {}),
  };
}

/** What this server can do. @see https://hl7.org/fhir/R4/capabilitystatement.html */
export function capabilityStatement({ services: { node } }: Fhir, base: string): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: node.startedAt,
    kind: 'instance',
    software: { name: 'Filmless', version: node.version },
    implementation: { description: node.name, url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    patchFormat: ['application/json-patch+json'],
    rest: [
      {
        mode: 'server',
        security: { cors: true },
        resource: [
          resource('Patient', PATIENT_PARAMETERS),
          resource('ImagingStudy', STUDY_PARAMETERS),
          resource('DiagnosticReport', REPORT_PARAMETERS, 'vread'),
          resource('ServiceRequest', REQUEST_PARAMETERS, 'create', 'update', 'patch'),
          { type: 'Endpoint', interaction: [{ code: 'read' }] },
        ],
      },
    ],
  };
}
