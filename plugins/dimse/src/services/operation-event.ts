import { type AuditEvent, FilmlessError, firstString, keywordOf } from '@filmless/core/plugin';
import type { OpenAssociation } from '../receive/associations.ts';
import type { OperationAsked } from '../receive/protocol.ts';

const MAX_DETAIL = 500;
const ACTIONS: Readonly<Record<string, AuditEvent['action']>> = {
  'C-FIND': 'search',
  'C-MOVE': 'export',
  'C-GET': 'export',
};

/** What an operation of a peer is in the audit log. */
export function operationEvent(
  asked: Pick<OperationAsked, 'service' | 'dataset'>,
  association: Pick<OpenAssociation, 'identity' | 'address'>,
  error?: unknown,
): AuditEvent {
  const code = error === undefined ? undefined : FilmlessError.from(error).code;
  const dataset = asked.dataset ?? {};
  const patientId = firstString(dataset, 'PatientID');
  const studyInstanceUid = firstString(dataset, 'StudyInstanceUID');
  const detail = [code, asked.service === 'C-FIND' ? keysOf(dataset) : ''].filter(Boolean).join(' ');
  return {
    action: code === 'FORBIDDEN' ? 'refused' : (ACTIONS[asked.service] ?? 'change'),
    outcome: code === undefined ? 'success' : code === 'FORBIDDEN' ? 'refused' : 'failed',
    actor: { kind: association.identity.kind, id: association.identity.id },
    address: association.address,
    target: asked.service,
    ...(patientId ? { patientId } : {}),
    ...(studyInstanceUid ? { studyInstanceUid } : {}),
    ...(detail === '' ? {} : { detail }),
  };
}

/** Keys with values, as the peer asked: `StudyDate=20260101&Modality=CT`. */
function keysOf(dataset: NonNullable<OperationAsked['dataset']>): string {
  const keys = Object.keys(dataset).flatMap((tag) => {
    const keyword = keywordOf(tag);
    const value = keyword === undefined ? undefined : firstString(dataset, keyword);
    return keyword === undefined || !value ? [] : [`${keyword}=${value}`];
  });
  return keys.join('&').slice(0, MAX_DETAIL);
}
