/**
 * The protocol data units of the DICOM upper layer, as values.
 * @dicom PS3.8 9.3
 */
export const PDU_TYPE = {
  ASSOCIATE_RQ: 0x01,
  ASSOCIATE_AC: 0x02,
  ASSOCIATE_RJ: 0x03,
  DATA_TF: 0x04,
  RELEASE_RQ: 0x05,
  RELEASE_RP: 0x06,
  ABORT: 0x07,
} as const;

export const PDU_HEADER_BYTES = 6;
/** PDV item length (4), presentation context ID (1), message control header (1). */
export const PDV_HEADER_BYTES = 6;
/** @dicom PS3.7 A.2.1 */
export const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

/** @dicom PS3.8 9.3.2.2 */
export interface ProposedContext {
  id: number;
  abstractSyntax: string;
  transferSyntaxes: string[];
}

/** @dicom PS3.8 9.3.3.2 */
export interface ContextResult {
  id: number;
  result: ContextResultReason;
  /** Not significant when the context was not accepted. */
  transferSyntax: string;
}

export const CONTEXT_RESULT = {
  ACCEPTED: 0,
  USER_REJECTION: 1,
  NO_REASON: 2,
  ABSTRACT_SYNTAX_NOT_SUPPORTED: 3,
  TRANSFER_SYNTAXES_NOT_SUPPORTED: 4,
} as const;
export type ContextResultReason = (typeof CONTEXT_RESULT)[keyof typeof CONTEXT_RESULT];

/** Roles of the association requestor. @dicom PS3.7 D.3.3.4 */
export interface RoleSelection {
  sopClassUID: string;
  scu: boolean;
  scp: boolean;
}

/** @dicom PS3.7 D.3.3.5 */
export interface ExtendedNegotiation {
  sopClassUID: string;
  information: Uint8Array;
}

/** @dicom PS3.7 D.3.3.7 */
export interface UserIdentityRequest {
  type: number;
  positiveResponseRequested: boolean;
  primaryField: Uint8Array;
  secondaryField: Uint8Array;
}

export interface UserInformation {
  /** Largest P-DATA-TF variable field the sender of this item takes, in bytes; 0 = no limit. @dicom PS3.8 D.1 */
  maxPduBytes: number;
  implementationClassUID: string;
  implementationVersionName?: string;
  asynchronousOperations?: { invoked: number; performed: number };
  roles: RoleSelection[];
  extended: ExtendedNegotiation[];
  userIdentity?: UserIdentityRequest;
}

interface AssociatePdu {
  protocolVersion: number;
  calledAeTitle: string;
  callingAeTitle: string;
  applicationContext: string;
  userInformation: UserInformation;
}

export interface AssociateRequest extends AssociatePdu {
  contexts: ProposedContext[];
}

export interface AssociateAccept extends AssociatePdu {
  contexts: ContextResult[];
}

/** @dicom PS3.8 9.3.4, table 9-21 */
export interface AssociateReject {
  /** 1 permanent, 2 transient. */
  result: number;
  /** 1 service user, 2 provider (ACSE), 3 provider (presentation). */
  source: number;
  reason: number;
}

export const REJECT = {
  NO_REASON: { result: 1, source: 1, reason: 1 },
  APPLICATION_CONTEXT_NOT_SUPPORTED: { result: 1, source: 1, reason: 2 },
  CALLING_AE_NOT_RECOGNIZED: { result: 1, source: 1, reason: 3 },
  CALLED_AE_NOT_RECOGNIZED: { result: 1, source: 1, reason: 7 },
  PROTOCOL_VERSION_NOT_SUPPORTED: { result: 1, source: 2, reason: 2 },
  TEMPORARY_CONGESTION: { result: 2, source: 3, reason: 1 },
  LOCAL_LIMIT_EXCEEDED: { result: 2, source: 3, reason: 2 },
} as const satisfies Record<string, AssociateReject>;

/** @dicom PS3.8 9.3.8, table 9-26 */
export interface AbortPdu {
  /** 0 service user, 2 service provider. */
  source: number;
  reason: number;
}

export const ABORT = {
  BY_USER: { source: 0, reason: 0 },
  NOT_SPECIFIED: { source: 2, reason: 0 },
  UNRECOGNIZED_PDU: { source: 2, reason: 1 },
  UNEXPECTED_PDU: { source: 2, reason: 2 },
  UNRECOGNIZED_PARAMETER: { source: 2, reason: 4 },
  UNEXPECTED_PARAMETER: { source: 2, reason: 5 },
  INVALID_PARAMETER: { source: 2, reason: 6 },
} as const satisfies Record<string, AbortPdu>;

/** The peer broke the protocol (or a limit of ours): the association is aborted with `abort`. */
export class ProtocolViolation extends Error {
  readonly abort: AbortPdu;

  constructor(abort: AbortPdu, message: string) {
    super(message);
    this.name = 'ProtocolViolation';
    this.abort = abort;
  }
}

const REJECT_REASONS: Record<string, string> = {
  '1/1': 'no reason given',
  '1/2': 'application context name not supported',
  '1/3': 'calling AE title not recognized',
  '1/7': 'called AE title not recognized',
  '2/1': 'no reason given (ACSE)',
  '2/2': 'protocol version not supported',
  '3/1': 'temporary congestion',
  '3/2': 'local limit exceeded',
};

/** For people: why an association was rejected. */
export function describeReject(reject: AssociateReject): string {
  const reason =
    REJECT_REASONS[`${reject.source}/${reject.reason}`] ?? `source ${reject.source}, reason ${reject.reason}`;
  return `association rejected ${reject.result === 2 ? 'for now' : 'permanently'}: ${reason}`;
}
