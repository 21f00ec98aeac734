import { FilmlessError, type JobRunner, statusCategory } from '@filmless/core/plugin';
import { z } from 'zod';
import type { OpenClient } from '../client/client-association.ts';
import { moveStudy } from '../client/query-client.ts';
import type { Devices } from '../devices.ts';

export const RETRIEVE_JOB = 'dimse.retrieve';

const payloadSchema = z.object({
  aeTitle: z.string(),
  studyInstanceUid: z.string(),
  seriesInstanceUid: z.string().optional(),
});

interface Options {
  devices: Devices;
  open: OpenClient;
  /** Where the device shall send: this node. */
  ownAeTitle: string;
}

/** Has a device send a study here. May run again: what came already is a duplicate. @dicom PS3.4 C.4.2 */
export function retrieveJob(options: Options): JobRunner {
  return {
    concurrency: 2,
    maxAttempts: 3,
    async run({ job, signal, progress }) {
      const { aeTitle, studyInstanceUid, seriesInstanceUid } = payloadSchema.parse(job.payload);
      const device = options.devices.require(aeTitle);
      const identifier = {
        '00080052': { vr: 'CS', Value: [seriesInstanceUid ? 'SERIES' : 'STUDY'] },
        '0020000D': { vr: 'UI', Value: [studyInstanceUid] },
        ...(seriesInstanceUid ? { '0020000E': { vr: 'UI', Value: [seriesInstanceUid] } } : {}),
      };
      const result = await moveStudy(options.open, device, identifier, options.ownAeTitle, {
        signal,
        progress: ({ remaining, completed, failed, warning }) =>
          progress(completed + failed + warning, remaining + completed + failed + warning),
      });
      if (signal.aborted) throw new FilmlessError('JOB_CANCELLED');
      if (statusCategory(result.status) !== 'success') {
        throw new FilmlessError(
          'DEVICE_UNREACHABLE',
          `the device answered status ${result.status.toString(16).toUpperCase().padStart(4, '0')}H, ${result.failed} instances failed`,
        );
      }
    },
  };
}
