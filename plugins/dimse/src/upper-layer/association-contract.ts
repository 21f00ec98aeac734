import type { DataSink } from './message-receiver.ts';
import type { AssociateAccept, AssociateReject, AssociateRequest } from './pdu.ts';

export interface AssociationLimits {
  /** What we announce, and the most we take. */
  maxPduBytes: number;
  maxAssociatePduBytes: number;
  maxCommandBytes: number;
  /** From the connection to the whole association request or answer. @dicom PS3.8 9.1.5 (ARTIM) */
  associateTimeoutMs: number;
  /** Nothing under way and nothing comes. */
  idleTimeoutMs: number;
  /** Inside a PDU or message; in each such span at least {@link minBytesPerSpan} must come. */
  silenceTimeoutMs: number;
  minBytesPerSpan: number;
  /** The peer does not take what we send. */
  sendTimeoutMs: number;
  /** How long the peer may take to close after a release, reject or abort. */
  closeTimeoutMs: number;
}

export interface AssociationClosed {
  how: 'released' | 'rejected' | 'aborted' | 'aborted-by-peer' | 'lost';
  detail: string;
}

/** A presentation context both sides agreed on. */
export interface AcceptedContext {
  id: number;
  abstractSyntax: string;
  transferSyntax: string;
  /** What *we* may be on this context. @dicom PS3.7 D.3.3.4 */
  role: { scu: boolean; scp: boolean };
}

export interface AssociationHandler {
  associateRequest(request: AssociateRequest): void;
  associateAccept(accept: AssociateAccept): void;
  associateReject(reject: AssociateReject): void;
  /** A command set came; returns where its data set goes, undefined when none follows. */
  command(context: AcceptedContext, command: Uint8Array): DataSink | undefined;
  /** True while an operation of either side is under way: no idle timeout then. */
  busy(): boolean;
  /** Told once, whatever ended it. */
  closed(how: AssociationClosed): void;
}
