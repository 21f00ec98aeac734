import type { HttpRequest, PatientIdentifier, PluginContext } from '@filmless/core/plugin';
import type { Identifier } from '@medplum/fhirtypes';
import { z } from 'zod';
import type { PairIds } from './ids.ts';

export const FHIR_ROOT = '/fhir';

/** The key `fhir` of the plugin's configuration. */
export const fhirConfig = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** The `system` of patient identifiers by who gave them; `''` for those without an issuer. Others get one of Filmless. */
    identifierSystems: z.record(z.string().max(256), z.string().min(1).max(256)).default({}),
    accessionSystem: z.string().min(1).max(256).default('urn:filmless:accession-number'),
    orderSystem: z.string().min(1).max(256).default('urn:filmless:order'),
  })
  .prefault({});
export type FhirConfig = z.infer<typeof fhirConfig>;

/** The parts of a plugin's context that FHIR uses. */
export type FhirServices = Pick<
  PluginContext,
  'points' | 'patients' | 'orders' | 'reports' | 'query' | 'identities' | 'documents' | 'node' | 'security'
>;

export interface Fhir {
  services: FhirServices;
  config: FhirConfig;
  ids: PairIds;
}

export const baseOf = (request: HttpRequest): string => `${request.origin}${FHIR_ROOT}`;

const PATIENT_SYSTEM = 'urn:filmless:patient-id';
export const UID_SYSTEM = 'urn:dicom:uid';
const TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';

export function patientIdentifier({ config }: Fhir, { id, issuer }: PatientIdentifier): Identifier {
  return { use: 'usual', type: typeOf('MR'), system: systemOf(config, issuer), value: id };
}

function systemOf(config: FhirConfig, issuer: string): string {
  return (
    config.identifierSystems[issuer] ??
    (issuer === '' ? PATIENT_SYSTEM : `${PATIENT_SYSTEM}:${encodeURIComponent(issuer)}`)
  );
}

/** Who gave identifiers of this system; undefined for a system that is not ours. */
export function issuerOf({ config }: Fhir, system: string): string | undefined {
  const named = Object.entries(config.identifierSystems).find(([, uri]) => uri === system);
  if (named) return named[0];
  if (system === PATIENT_SYSTEM) return '';
  if (!system.startsWith(`${PATIENT_SYSTEM}:`)) return undefined;
  try {
    return decodeURIComponent(system.slice(PATIENT_SYSTEM.length + 1));
  } catch {
    return undefined;
  }
}

export const typeOf = (code: 'MR' | 'ACSN' | 'PLAC' | 'FILL') => ({ coding: [{ system: TYPES, code }] });

export const accessionIdentifier = ({ config }: Fhir, value: string): Identifier => ({
  type: typeOf('ACSN'),
  system: config.accessionSystem,
  value,
});

export const studyIdentifier = (uid: string): Identifier => ({ system: UID_SYSTEM, value: `urn:oid:${uid}` });
