/** What travels between a FHIRcast hub and its subscribers, as far as images are concerned. FHIRcast STU3 2.4–2.6, 3.4, 3.5 */

/** A context as the viewer understands it. */
export interface ImagingContext {
  /** Study Instance UID. */
  readonly study?: string;
  readonly accession?: string;
  /** Patient ID as the PACS knows it. */
  readonly patient?: string;
}

/** The events that are followed. */
export const CONTEXT_EVENTS = ['Patient-open', 'Patient-close', 'ImagingStudy-open', 'ImagingStudy-close'] as const;
export type ContextEventName = (typeof CONTEXT_EVENTS)[number];

export interface ContextNotification {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly topic: string;
  /** `syncerror` when the hub says that somebody could not follow. */
  readonly event: ContextEventName | 'syncerror' | undefined;
  readonly context: ImagingContext;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const items = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** What the hub sends after the connection is made: the subscription's confirmation, or its refusal or end. */
export type SubscriptionMessage =
  | { readonly mode: 'subscribe'; readonly leaseSeconds: number | undefined }
  | { readonly mode: 'denied'; readonly reason: string };

export function readSubscription(data: unknown): SubscriptionMessage | undefined {
  const message = fields(data);
  const mode = message['hub.mode'];
  if (mode === 'denied') return { mode, reason: text(message['hub.reason']) ?? '' };
  if (mode !== 'subscribe') return undefined;
  const lease = Number(message['hub.lease_seconds']);
  return { mode, leaseSeconds: Number.isFinite(lease) && lease > 0 ? lease : undefined };
}

/** A notification, `undefined` for anything else. @param patientSystem the identifiers' system that the PACS's patient IDs have */
export function readNotification(data: unknown, patientSystem: string | undefined): ContextNotification | undefined {
  const message = fields(data);
  const event = fields(message['event']);
  const id = text(message['id']);
  const topic = text(event['hub.topic']);
  const name = text(event['hub.event'])?.toLowerCase();
  if (id === undefined || topic === undefined || name === undefined) return undefined;
  const at = Date.parse(text(message['timestamp']) ?? '');
  return {
    id,
    at: Number.isNaN(at) ? Date.now() : at,
    topic,
    event: name === 'syncerror' ? name : CONTEXT_EVENTS.find((known) => known.toLowerCase() === name),
    context: readContext(event['context'], patientSystem),
  };
}

function readContext(context: unknown, patientSystem: string | undefined): ImagingContext {
  const resource = (key: string): Fields =>
    fields(items(context).find((entry) => text(entry['key'])?.toLowerCase() === key)?.['resource']);
  const study = resource('study');
  const uid = studyUid(study);
  const accession = accessionNumber(study);
  const patient = patientId(resource('patient'), patientSystem) ?? subjectId(study);
  return { ...(uid && { study: uid }), ...(accession && { accession }), ...(patient && { patient }) };
}

/** DICOM's UID stands among the identifiers as a URN. FHIR R4 ImagingStudy.identifier */
function studyUid(study: Fields): string | undefined {
  const value = text(items(study['identifier']).find(({ system }) => system === 'urn:dicom:uid')?.['value']);
  return value?.replace(/^urn:oid:/, '') ?? text(study['uid'])?.replace(/^urn:oid:/, '');
}

function accessionNumber(study: Fields): string | undefined {
  const entry = items(study['identifier']).find((identifier) => hasCode(identifier, 'ACSN'));
  return text(entry?.['value']);
}

/** The identifier of the system asked for; else the medical record number; else the only one there is. */
function patientId(patient: Fields, system: string | undefined): string | undefined {
  const identifiers = items(patient['identifier']);
  const chosen =
    system === undefined
      ? (identifiers.find((identifier) => hasCode(identifier, 'MR')) ??
        (identifiers.length === 1 ? identifiers[0] : undefined))
      : identifiers.find((identifier) => identifier['system'] === system);
  return text(chosen?.['value']);
}

const subjectId = (study: Fields): string | undefined => text(fields(fields(study['subject'])['identifier'])['value']);

const hasCode = (identifier: Fields, code: string): boolean =>
  items(fields(identifier['type'])['coding']).some((coding) => coding['code'] === code);

/** The request by which a subscriber changes the context. FHIRcast STU3 2.6 */
export function contextRequest(
  id: string,
  topic: string,
  event: ContextEventName,
  context: ImagingContext,
  patientSystem: string | undefined,
): object {
  const { study, accession, patient } = context;
  const patientResource = patient !== undefined && {
    key: 'patient',
    resource: {
      resourceType: 'Patient',
      id: `filmless-${id}-patient`,
      identifier: [{ ...(patientSystem && { system: patientSystem }), type: coded('MR'), value: patient }],
    },
  };
  const studyResource = study !== undefined && {
    key: 'study',
    resource: {
      resourceType: 'ImagingStudy',
      id: `filmless-${id}-study`,
      status: 'available',
      identifier: [
        { system: 'urn:dicom:uid', value: `urn:oid:${study}` },
        ...(accession ? [{ type: coded('ACSN'), value: accession }] : []),
      ],
      subject: { reference: `Patient/filmless-${id}-patient` },
    },
  };
  return {
    timestamp: new Date().toISOString(),
    id,
    event: {
      'hub.topic': topic,
      'hub.event': event,
      context: [patientResource, studyResource].filter((entry) => entry !== false),
    },
  };
}

const coded = (code: string): object => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }],
});
