import type { DimseRequest, DimseResponse } from '@filmless/core/plugin';
import type { InstanceToSend } from '../receive/protocol.ts';

/** The association a request came over, for services that send over it as well. */
export interface AssociationLink {
  readonly id: string;
  /** A C-STORE sub-operation. Throws NOT_ACCEPTABLE when no presentation context fits, DEVICE_UNREACHABLE when the association has ended. */
  store(instance: InstanceToSend): Promise<{ status: number }>;
}

/** A service of this plugin; those of other plugins are `DimseService` contributions. */
export interface AssociationService {
  service: DimseRequest['service'];
  sopClassUIDs: readonly string[];
  permission: string;
  /** Pending responses first, the final one last; sent as they come. Throws FilmlessErrors. */
  handle(request: DimseRequest, link: AssociationLink): AsyncIterable<DimseResponse>;
}
