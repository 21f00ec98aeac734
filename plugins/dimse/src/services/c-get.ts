import type { QueryIndex, Security } from '@filmless/core/plugin';
import type { AssociationService } from './association-service.ts';
import { GET_SOP_CLASSES } from './query-models.ts';
import { retrieve, selectInstances } from './retrieve.ts';

/** C-GET: the instances go back over the same association. @dicom PS3.4 C.4.3 */
export function getService(options: { query: () => QueryIndex; security: Security }): AssociationService {
  return {
    service: 'C-GET',
    sopClassUIDs: GET_SOP_CLASSES,
    permission: 'study.read',
    async *handle(request, link) {
      const instances = await selectInstances(request, options.query(), options.security);
      yield* retrieve(instances, (instance) => link.store(instance), request.signal);
    },
  };
}
