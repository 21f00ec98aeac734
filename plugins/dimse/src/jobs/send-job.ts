import {
  type Delivery,
  FilmlessError,
  type JobRunner,
  type QueryIndex,
  type Security,
  statusCategory,
} from '@filmless/core/plugin';
import { z } from 'zod';
import type { OpenClient } from '../client/client-association.ts';
import { StoreClient } from '../client/store-client.ts';
import type { Devices } from '../devices.ts';

export const SEND_JOB = 'dimse.send';

const payloadSchema = z.object({
  aeTitle: z.string(),
  studyInstanceUid: z.string(),
  seriesInstanceUid: z.string().optional(),
});

interface Options {
  devices: Devices;
  open: OpenClient;
  query: () => QueryIndex;
  delivery: () => Delivery;
  security: Security;
}

/** Sends a study to a device. May run again: the receiver gets the same instances. @dicom PS3.4 B */
export function sendJob(options: Options): JobRunner {
  return {
    concurrency: 2,
    maxAttempts: 5,
    async run({ job, signal, progress }) {
      const { aeTitle, studyInstanceUid, seriesInstanceUid } = payloadSchema.parse(job.payload);
      const device = options.devices.require(aeTitle);
      const instances = await options.query().instances({
        StudyInstanceUID: studyInstanceUid,
        ...(seriesInstanceUid ? { SeriesInstanceUID: seriesInstanceUid } : {}),
        scope: options.security.scopeOf(options.security.systemIdentity()),
      });
      if (instances.length === 0) throw new FilmlessError('STUDY_NOT_FOUND');
      const client = new StoreClient({ open: options.open, device, delivery: options.delivery(), instances });
      let failed = 0;
      let reason = '';
      try {
        for (const [i, instance] of instances.entries()) {
          if (signal.aborted) throw new FilmlessError('JOB_CANCELLED');
          progress(i, instances.length);
          try {
            const { status } = await client.store(instance);
            if (statusCategory(status) === 'failure')
              throw new FilmlessError(
                'DEVICE_UNREACHABLE',
                `the device answered status ${status.toString(16).toUpperCase().padStart(4, '0')}H`,
              );
          } catch (error) {
            failed += 1;
            reason ||= FilmlessError.from(error).message;
          }
        }
      } finally {
        await client.close();
      }
      progress(instances.length - failed, instances.length);
      if (failed > 0)
        throw new FilmlessError(
          'DEVICE_UNREACHABLE',
          `${failed} of ${instances.length} instances were not taken: ${reason}`,
        );
    },
  };
}
