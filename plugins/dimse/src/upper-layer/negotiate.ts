import { EXPLICIT_VR_BIG_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '@filmless/core/plugin';
import type { AcceptedContext } from './association-contract.ts';
import {
  type AssociateRequest,
  CONTEXT_RESULT,
  type ContextResult,
  type ExtendedNegotiation,
  type RoleSelection,
} from './pdu.ts';

/** What one kind of SOP class is accepted with. */
export interface AbstractSyntaxPolicy {
  /** Known transfer syntaxes; the first of the peer's that is known is taken, see {@link chooseTransferSyntax}. */
  transferSyntaxes: ReadonlySet<string>;
  /** The peer may ask to be the SCP of it (storage, for C-GET). */
  peerMayBeScp: boolean;
  /** Answer to SOP class extended negotiation, byte by byte at most this. @dicom PS3.4 C.5.1.1 */
  extended?: Uint8Array;
}

export interface Negotiated {
  results: ContextResult[];
  contexts: AcceptedContext[];
  roles: RoleSelection[];
  extended: ExtendedNegotiation[];
}

/** @dicom PS3.7 D.3, PS3.8 9.3.3 */
export function negotiate(
  request: AssociateRequest,
  policyOf: (abstractSyntax: string) => AbstractSyntaxPolicy | undefined,
): Negotiated {
  const proposedRoles = new Map(request.userInformation.roles.map((role) => [role.sopClassUID, role]));
  const negotiated: Negotiated = { results: [], contexts: [], roles: [], extended: [] };
  const acceptedRoles = new Map<string, RoleSelection>();
  for (const { id, abstractSyntax, transferSyntaxes } of request.contexts) {
    const policy = policyOf(abstractSyntax);
    const transferSyntax = policy && chooseTransferSyntax(transferSyntaxes, policy.transferSyntaxes);
    if (!policy || !transferSyntax) {
      const result = policy
        ? CONTEXT_RESULT.TRANSFER_SYNTAXES_NOT_SUPPORTED
        : CONTEXT_RESULT.ABSTRACT_SYNTAX_NOT_SUPPORTED;
      negotiated.results.push({ id, result, transferSyntax: transferSyntaxes[0] ?? IMPLICIT_VR_LITTLE_ENDIAN });
      continue;
    }
    const proposed = proposedRoles.get(abstractSyntax);
    const peer = proposed ? { scu: proposed.scu, scp: proposed.scp && policy.peerMayBeScp } : { scu: true, scp: false };
    if (proposed) acceptedRoles.set(abstractSyntax, { sopClassUID: abstractSyntax, ...peer });
    negotiated.results.push({ id, result: CONTEXT_RESULT.ACCEPTED, transferSyntax });
    negotiated.contexts.push({ id, abstractSyntax, transferSyntax, role: { scu: peer.scp, scp: peer.scu } });
  }
  negotiated.roles.push(...acceptedRoles.values());
  const accepted = new Set(negotiated.contexts.map((context) => context.abstractSyntax));
  for (const { sopClassUID, information } of request.userInformation.extended) {
    const ours = accepted.has(sopClassUID) ? policyOf(sopClassUID)?.extended : undefined;
    if (ours)
      negotiated.extended.push({ sopClassUID, information: information.map((byte, i) => byte & (ours[i] ?? 0)) });
  }
  return negotiated;
}

/**
 * Our choice: the first of the peer's that we know, since the peer puts what it has first; but where that one holds the pixels uncompressed,
 * Explicit VR Little Endian if it is offered too, which keeps every VR.
 */
export function chooseTransferSyntax(proposed: readonly string[], known: ReadonlySet<string>): string | undefined {
  const first = proposed.find((uid) => known.has(uid));
  const uncompressed = first === IMPLICIT_VR_LITTLE_ENDIAN || first === EXPLICIT_VR_BIG_ENDIAN;
  return uncompressed && proposed.includes(EXPLICIT_VR_LITTLE_ENDIAN) && known.has(EXPLICIT_VR_LITTLE_ENDIAN)
    ? EXPLICIT_VR_LITTLE_ENDIAN
    : first;
}
