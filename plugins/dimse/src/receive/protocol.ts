import type {
  Admittance,
  DicomJson,
  DimseRequest,
  DimseResponse,
  ErrorCode,
  StagedFile,
  TlsMaterial,
} from '@filmless/core/plugin';
import type { AssociationLimits } from '../upper-layer/association-contract.ts';
import type { AssociateReject } from '../upper-layer/pdu.ts';

/** Whatever a method returns, nobody looks at it. */
type Nothing = unknown;

/** What receiving threads and the main thread say to each other. Plain data only. */

/** Given to a receiver at its start. */
export interface ReceiverStart {
  host: string;
  port: number;
  /** Several receivers listen on the same port. */
  shared: boolean;
  stagingDirectory: string;
  /** Associations and connections that have none yet, per thread. */
  maxConnections: number;
  maxConnectionsPerAddress: number;
  limits: AssociationLimits;
  maxIdentifierBytes: number;
  responseTimeoutMs: number;
  /** Listens with TLS on this port too. */
  tls?: { port: number; clientCertificate: 'asked' | 'required' };
  settings: ReceiverSettings;
}

/** May change while running. */
export interface ReceiverSettings {
  /** SOP classes accepted for C-STORE, and their transfer syntaxes. */
  storageSopClasses: readonly string[];
  storageTransferSyntaxes: readonly string[];
  /** SOP classes of all other services. */
  serviceSopClasses: readonly string[];
  /** Of the TLS port; others when the files change. */
  tls?: TlsMaterial;
}

/** What TLS says of a peer. */
export interface PeerTls {
  /** SHA-256 of its certificate as `AA:BB:…`; undefined when it showed none that is trusted. */
  certificate: string | undefined;
}

export interface AssociationAsked {
  association: string;
  callingAeTitle: string;
  calledAeTitle: string;
  address: string;
  /** Undefined over a plain connection. */
  tls?: PeerTls | undefined;
  implementation: string;
  protocolVersion: number;
  applicationContext: string;
}

export type AssociationDecision =
  | { accepted: true; aeTitle: string; characterSet: string; permissions: readonly string[] }
  | { accepted: false; reject: AssociateReject; detail: string };

export interface OperationAsked {
  association: string;
  operation: string;
  service: DimseRequest['service'];
  sopClassUID: string;
  sopInstanceUID: string | undefined;
  command: DicomJson;
  dataset: DicomJson | undefined;
}

/** A C-STORE sub-operation of C-GET. */
export interface StoreAsked {
  association: string;
  instance: InstanceToSend;
}

export interface InstanceToSend {
  SOPClassUID: string;
  SOPInstanceUID: string;
  transferSyntaxUID: string;
  sha256: string;
  sizeBytes: number;
  datasetOffsetBytes: number;
}

export interface Caller {
  aeTitle: string;
  address: string;
}

export type MainMethods = {
  associate: { argument: AssociationAsked; answer: AssociationDecision };
  closed: { argument: { association: string; how: string; detail: string; bytesReceived: number }; answer: Nothing };
  admit: { argument: { sizeBytes: number }; answer: Admittance };
  /** The header as JSON text: a fifth of the cost of a structured clone. */
  receive: {
    argument: { source: Caller; file: Omit<StagedFile, 'placed'>; header: string; placing?: number };
    answer: { status: 'stored' | 'duplicate' | 'conflict' };
  };
  /** The file of a `receive` with this number has its name in the store, durably. */
  placed: { argument: { placing: number; formerBytes: number | undefined }; answer: Nothing };
  notPlaced: { argument: { placing: number; code: ErrorCode; detail: string | undefined }; answer: Nothing };
  quarantine: {
    argument: { source: Caller; file: StagedFile; code: ErrorCode; detail: string | undefined };
    answer: Nothing;
  };
  operate: { argument: OperationAsked; answer: Nothing };
  cancel: { argument: { operation: string }; answer: Nothing };
  openBlob: {
    argument: { SOPInstanceUID: string; sha256: string; datasetOffsetBytes: number };
    answer: { handle: number; sizeBytes: number; datasetOffsetBytes: number };
  };
  readBlob: { argument: { handle: number; offsetBytes: number; lengthBytes: number }; answer: Uint8Array };
  closeBlob: { argument: { handle: number }; answer: Nothing };
  log: {
    argument: { level: 'debug' | 'info' | 'warn' | 'error'; fields: Record<string, string | number>; message: string };
    answer: Nothing;
  };
};

export type ReceiverMethods = {
  start: { argument: ReceiverStart; answer: Nothing };
  settings: { argument: ReceiverSettings; answer: Nothing };
  respond: { argument: { association: string; operation: string; responses: DimseResponse[] }; answer: Nothing };
  store: { argument: StoreAsked; answer: { status: number } };
  reportEvent: {
    argument: {
      association: string;
      sopClassUID: string;
      sopInstanceUID: string;
      eventTypeId: number;
      dataset: DicomJson;
    };
    answer: { status: number };
  };
  /** Ends associations of a device that is not known any more. */
  abort: { argument: { associations: readonly string[]; detail: string }; answer: Nothing };
  /** Stops listening; associations may finish until then. */
  stop: { argument: { drainTimeoutMs: number }; answer: Nothing };
  ping: { argument: undefined; answer: { associations: number } };
};
