import { type Delivery, FilmlessError, type QueryIndex, type Security } from '@filmless/core/plugin';
import type { OpenClient } from '../client/client-association.ts';
import { StoreClient } from '../client/store-client.ts';
import type { Devices } from '../devices.ts';
import { numberOf, textOf } from '../upper-layer/command.ts';
import type { AssociationService } from './association-service.ts';
import { MOVE_SOP_CLASSES } from './query-models.ts';
import { retrieve, selectInstances } from './retrieve.ts';

interface Options {
  query: () => QueryIndex;
  delivery: () => Delivery;
  security: Security;
  devices: Devices;
  open: OpenClient;
}

/** C-MOVE: the instances go to a known device over an association of our own. @dicom PS3.4 C.4.2 */
export function moveService(options: Options): AssociationService {
  return {
    service: 'C-MOVE',
    sopClassUIDs: MOVE_SOP_CLASSES,
    permission: 'study.read',
    async *handle(request) {
      const destination = textOf(request.command, '00000600')?.trim();
      const device = destination === undefined ? undefined : options.devices.get(destination);
      if (!device || device.address === '')
        throw new FilmlessError('MOVE_DESTINATION_UNKNOWN', destination ?? 'none given');
      const instances = await selectInstances(request, options.query(), options.security);
      const originator = { aeTitle: request.calling.aeTitle, messageId: numberOf(request.command, '00000110') ?? 0 };
      const client = new StoreClient({
        open: options.open,
        device,
        delivery: options.delivery(),
        instances,
        originator,
      });
      try {
        yield* retrieve(instances, (instance) => client.store(instance), request.signal);
      } finally {
        await client.close();
      }
    },
  };
}
