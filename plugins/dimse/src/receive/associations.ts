import type { AccessScope, Audit, Identity, Security } from '@filmless/core/plugin';
import type { DimseConfig } from '../config.ts';
import type { Device, Devices } from '../devices.ts';
import { APPLICATION_CONTEXT, type AssociateReject, describeReject, REJECT } from '../upper-layer/pdu.ts';
import type { AssociationAsked, AssociationDecision } from './protocol.ts';
import { RateLimit } from './rate-limit.ts';

/** An association that was accepted, as the main thread knows it. */
export interface OpenAssociation {
  id: string;
  callingAeTitle: string;
  address: string;
  identity: Identity;
  /** Undefined for a device that is not known, where any are accepted. */
  device: Device | undefined;
  openedAt: number;
}

/** Decides on associations, and counts those that are open. */
export class Associations {
  readonly #config: DimseConfig;
  readonly #ownAeTitle: string;
  readonly #devices: Devices;
  readonly #security: Security;
  readonly #audit: Audit;
  readonly #open = new Map<string, OpenAssociation>();
  readonly #rate: RateLimit;
  stopping = false;

  constructor(config: DimseConfig, ownAeTitle: string, devices: Devices, security: Security, audit: Audit) {
    this.#config = config;
    this.#ownAeTitle = ownAeTitle;
    this.#devices = devices;
    this.#security = security;
    this.#audit = audit;
    this.#rate = new RateLimit(config.limits.maxAssociationsPerMinute);
  }

  get size(): number {
    return this.#open.size;
  }

  get(id: string): OpenAssociation | undefined {
    return this.#open.get(id);
  }

  all(): OpenAssociation[] {
    return [...this.#open.values()];
  }

  close(id: string): OpenAssociation | undefined {
    const association = this.#open.get(id);
    this.#open.delete(id);
    return association;
  }

  async decide(asked: AssociationAsked): Promise<AssociationDecision> {
    const refusal = this.#refuseEarly(asked);
    if (refusal) return refused(refusal);
    const device = this.#devices.get(asked.callingAeTitle);
    if (!device && this.#config.accept === 'known') {
      this.#refuseDevice(asked, 'unknown device');
      return refused(REJECT.CALLING_AE_NOT_RECOGNIZED);
    }
    if (
      device &&
      this.#config.accept === 'known' &&
      !(await this.#devices.callsFromItsAddress(device, asked.address))
    ) {
      this.#refuseDevice(asked, 'another address');
      return refused(REJECT.CALLING_AE_NOT_RECOGNIZED, 'the known device calls from another address');
    }
    const untrusted = tlsFault(device, asked);
    if (untrusted !== undefined) {
      this.#refuseDevice(asked, untrusted);
      return refused(REJECT.CALLING_AE_NOT_RECOGNIZED, untrusted);
    }
    const ofDevice = this.all().filter((open) => open.callingAeTitle === asked.callingAeTitle).length;
    const limit = device?.maxAssociations ?? this.#config.limits.maxAssociationsPerDevice;
    if (ofDevice >= limit || this.#open.size >= this.#config.limits.maxAssociations)
      return refused(REJECT.LOCAL_LIMIT_EXCEEDED);
    const identity = this.#security.deviceIdentity(asked.callingAeTitle, limitOf(device));
    this.#open.set(asked.association, {
      id: asked.association,
      callingAeTitle: asked.callingAeTitle,
      address: asked.address,
      identity,
      device,
      openedAt: Date.now(),
    });
    if (device) this.#devices.seen(device.aeTitle);
    return {
      accepted: true,
      aeTitle: asked.callingAeTitle,
      characterSet: device?.characterSet ?? '',
      permissions: [...identity.permissions],
    };
  }

  /** Rate limits and the list of devices bound how often this happens. */
  #refuseDevice({ callingAeTitle, calledAeTitle, address }: AssociationAsked, why: string): void {
    this.#devices.refused(callingAeTitle, address, calledAeTitle);
    this.#audit.record({
      action: 'refused',
      outcome: 'refused',
      actor: { kind: 'device', id: callingAeTitle },
      address,
      target: 'association',
      detail: why,
    });
  }

  #refuseEarly(asked: AssociationAsked): AssociateReject | undefined {
    if ((asked.protocolVersion & 1) === 0) return REJECT.PROTOCOL_VERSION_NOT_SUPPORTED;
    if (asked.applicationContext !== APPLICATION_CONTEXT) return REJECT.APPLICATION_CONTEXT_NOT_SUPPORTED;
    if (this.stopping || !this.#rate.take(asked.address)) return REJECT.TEMPORARY_CONGESTION;
    if (this.#config.calledAeTitle === 'own' && asked.calledAeTitle !== this.#ownAeTitle)
      return REJECT.CALLED_AE_NOT_RECOGNIZED;
    return asked.callingAeTitle === '' ? REJECT.CALLING_AE_NOT_RECOGNIZED : undefined;
  }
}

/** An AE title is no proof of identity; a certificate is. Undefined when nothing is wrong. */
function tlsFault(device: Device | undefined, { tls }: AssociationAsked): string | undefined {
  if (!device?.tls) return undefined;
  if (!tls) return 'the device must call over TLS';
  const { certificate } = device.tls;
  return certificate !== undefined && certificate.toUpperCase() !== tls.certificate
    ? 'not the certificate named for the device'
    : undefined;
}

/** A device that sends, finds and fetches for some departments alone. */
function limitOf(device: Device | undefined): AccessScope | undefined {
  return device?.departments ? { kind: 'departments', departments: device.departments } : undefined;
}

function refused(reject: AssociateReject, detail = describeReject(reject)): AssociationDecision {
  return { accepted: false, reject, detail };
}
