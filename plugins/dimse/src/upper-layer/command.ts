import { type DicomJson, type DimseRequest, type DimseResponse, statusCategory } from '@filmless/core/plugin';

type Service = DimseRequest['service'];

/** @dicom PS3.7 E.1 */
const COMMAND_FIELD: Record<Service, number> = {
  'C-STORE': 0x0001,
  'C-GET': 0x0010,
  'C-FIND': 0x0020,
  'C-MOVE': 0x0021,
  'C-ECHO': 0x0030,
  'N-EVENT-REPORT': 0x0100,
  'N-GET': 0x0110,
  'N-SET': 0x0120,
  'N-ACTION': 0x0130,
  'N-CREATE': 0x0140,
  'N-DELETE': 0x0150,
};
const SERVICE_BY_FIELD = new Map<number, Service>(
  Object.entries(COMMAND_FIELD).map(([service, field]) => [field, service as Service]),
);
const RESPONSE_BIT = 0x8000;
const CANCEL_FIELD = 0x0fff;
const NO_DATA_SET = 0x0101;

/** A command set that came, with the elements every service looks at. @dicom PS3.7 9.3, 10.3 */
export interface Command {
  kind: 'request' | 'response' | 'cancel';
  /** Undefined for C-CANCEL. */
  service: Service | undefined;
  /** Message ID of a request; Message ID Being Responded To of responses and C-CANCEL. */
  messageId: number;
  /** Affected or Requested SOP Class UID. */
  sopClassUID: string | undefined;
  sopInstanceUID: string | undefined;
  hasDataset: boolean;
  /** Responses only. */
  status: number;
  json: DicomJson;
}

/** The command, or undefined when the set is not a valid command. */
export function interpretCommand(json: DicomJson): Command | undefined {
  const field = numberOf(json, '00000100');
  if (field === undefined) return undefined;
  const cancel = field === CANCEL_FIELD;
  const response = !cancel && (field & RESPONSE_BIT) !== 0;
  const service = SERVICE_BY_FIELD.get(field & ~RESPONSE_BIT);
  const messageId = numberOf(json, cancel || response ? '00000120' : '00000110');
  if (messageId === undefined || (!cancel && !service)) return undefined;
  return {
    kind: cancel ? 'cancel' : response ? 'response' : 'request',
    service: cancel ? undefined : service,
    messageId,
    sopClassUID: textOf(json, '00000002') ?? textOf(json, '00000003'),
    sopInstanceUID: textOf(json, '00001000') ?? textOf(json, '00001001'),
    hasDataset: !cancel && (numberOf(json, '00000800') ?? NO_DATA_SET) !== NO_DATA_SET,
    status: numberOf(json, '00000900') ?? 0,
    json,
  };
}

export function numberOf(json: DicomJson, tag: string): number | undefined {
  const value = json[tag]?.Value?.[0];
  return typeof value === 'number' ? value : undefined;
}

export function textOf(json: DicomJson, tag: string): string | undefined {
  const value = json[tag]?.Value?.[0];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const us = (value: number) => ({ vr: 'US', Value: [value] });
const ui = (value: string) => ({ vr: 'UI', Value: [value] });

/** A request to send; `more` are elements of the service, e.g. Priority. */
export function requestCommand(
  service: Service,
  messageId: number,
  sopClassUID: string,
  hasDataset: boolean,
  more: DicomJson = {},
): DicomJson {
  const requested = service === 'N-GET' || service === 'N-SET' || service === 'N-ACTION' || service === 'N-DELETE';
  return {
    [requested ? '00000003' : '00000002']: ui(sopClassUID),
    '00000100': us(COMMAND_FIELD[service]),
    '00000110': us(messageId),
    '00000800': us(hasDataset ? 0x0001 : NO_DATA_SET),
    ...more,
  };
}

/** C-CANCEL. @dicom PS3.7 9.3.2.3 */
export function cancelCommand(messageId: number): DicomJson {
  return { '00000100': us(CANCEL_FIELD), '00000120': us(messageId), '00000800': us(NO_DATA_SET) };
}

/** The response to `request`. An error comment longer than LO allows is cut. @dicom PS3.7 C */
export function responseCommand(
  request: Command,
  status: number,
  hasDataset: boolean,
  errorComment?: string,
  more: DicomJson = {},
): DicomJson {
  const field = request.service ? COMMAND_FIELD[request.service] : 0;
  return {
    ...(request.sopClassUID ? { '00000002': ui(request.sopClassUID) } : {}),
    '00000100': us(field | RESPONSE_BIT),
    '00000120': us(request.messageId),
    '00000800': us(hasDataset ? 0x0001 : NO_DATA_SET),
    '00000900': us(status),
    ...(errorComment ? { '00000902': { vr: 'LO', Value: [asciiComment(errorComment)] } } : {}),
    ...(request.sopInstanceUID ? { '00001000': ui(request.sopInstanceUID) } : {}),
    ...more,
  };
}

/** Command sets know the default repertoire alone, and LO holds 64 characters without backslash. */
function asciiComment(comment: string): string {
  return comment.replace(/[^\x20-\x5b\x5d-\x7e]/g, '?').slice(0, 64);
}

/** Remaining sub-operations are told while there may be some. @dicom PS3.7 9.1.3.1.6, 9.1.4.1.7 */
export function subOperationCounts(status: number, counts: NonNullable<DimseResponse['subOperations']>): DicomJson {
  const mayRemain = ['pending', 'cancel'].includes(statusCategory(status));
  return {
    ...(mayRemain ? { '00001020': us(counts.remaining) } : {}),
    '00001021': us(counts.completed),
    '00001022': us(counts.failed),
    '00001023': us(counts.warning),
  };
}
