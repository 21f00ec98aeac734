import {
  type BlobStorage,
  type DicomJson,
  type DimseResponse,
  EXPLICIT_VR_LITTLE_ENDIAN,
  encodeDataset,
  FilmlessError,
  firstString,
  IMPLICIT_VR_LITTLE_ENDIAN,
  type InstanceRecord,
  items,
  type JobContext,
  type JobRunner,
  type Jobs,
  newUid,
  SOP_CLASS,
} from '@filmless/core/plugin';
import { z } from 'zod';
import type { ClientTarget, OpenClient } from '../client/client-association.ts';
import { numberOf } from '../upper-layer/command.ts';
import type { AssociationService } from './association-service.ts';

export const COMMITMENT_JOB = 'dimse.storage-commitment';
export const COMMITMENT_PERMISSION = 'dimse.commit';
/** @dicom PS3.4 J.3.5 */
const WELL_KNOWN_INSTANCE = '1.2.840.10008.1.20.1.1';
const REQUEST_COMMITMENT = 1;
const NO_SUCH_INSTANCE = 0x0112;
const CLASS_INSTANCE_CONFLICT = 0x0119;
const MAX_REFERENCES = 100_000;

const payloadSchema = z.object({
  transactionUid: z.string(),
  aeTitle: z.string(),
  association: z.string(),
  references: z.array(z.object({ sopClassUid: z.string(), sopInstanceUid: z.string() })).max(MAX_REFERENCES),
});
type Payload = z.infer<typeof payloadSchema>;

/** N-ACTION of the push model: the request is kept durably, then answered; the result follows as N-EVENT-REPORT. @dicom PS3.4 J.3.2 */
export function commitmentService(jobs: () => Jobs): AssociationService {
  return {
    service: 'N-ACTION',
    sopClassUIDs: [SOP_CLASS.StorageCommitmentPushModel],
    permission: COMMITMENT_PERMISSION,
    async *handle(request, link): AsyncGenerator<DimseResponse> {
      const actionTypeId = numberOf(request.command, '00001008');
      if (request.sopInstanceUID !== WELL_KNOWN_INSTANCE) return yield { status: NO_SUCH_INSTANCE };
      if (actionTypeId !== REQUEST_COMMITMENT) return yield { status: 0x0123, errorComment: 'no such action' };
      const transactionUid = request.dataset && firstString(request.dataset, 'TransactionUID');
      const references = request.dataset ? items(request.dataset, 'ReferencedSOPSequence').map(reference) : [];
      if (
        !transactionUid ||
        references.length === 0 ||
        references.length > MAX_REFERENCES ||
        references.some((one) => !one.sopInstanceUid)
      ) {
        return yield { status: 0x0115, errorComment: 'TransactionUID or ReferencedSOPSequence is not complete' };
      }
      const payload: Payload = { transactionUid, aeTitle: request.calling.aeTitle, association: link.id, references };
      await jobs().enqueue({
        kind: COMMITMENT_JOB,
        title: `Storage commitment for ${request.calling.aeTitle}`,
        payload,
        createdBy: request.calling.aeTitle,
        dedupeKey: `${COMMITMENT_JOB}:${request.calling.aeTitle}:${transactionUid}`,
      });
      yield { status: 0, command: { '00001008': { vr: 'US', Value: [REQUEST_COMMITMENT] } } };
    },
  };
}

function reference(item: DicomJson): { sopClassUid: string; sopInstanceUid: string } {
  return {
    sopClassUid: firstString(item, 'ReferencedSOPClassUID') ?? '',
    sopInstanceUid: firstString(item, 'ReferencedSOPInstanceUID') ?? '',
  };
}

interface JobOptions {
  ownAeTitle: string;
  records: (SOPInstanceUIDs: readonly string[]) => Promise<(InstanceRecord | undefined)[]>;
  storage: () => BlobStorage;
  /** Over the association of the request, if it is still open: throws DEVICE_UNREACHABLE when not. */
  reportOnAssociation(
    association: string,
    sopClassUID: string,
    sopInstanceUID: string,
    eventTypeId: number,
    dataset: DicomJson,
  ): Promise<{ status: number }>;
  device: (aeTitle: string) => ClientTarget | undefined;
  open: OpenClient;
}

/** Tells the device what is kept: on its own association while that is open, else on one of ours. @dicom PS3.4 J.3.3 */
export function commitmentJob(options: JobOptions): JobRunner {
  return {
    concurrency: 2,
    maxAttempts: 10,
    async run({ job, signal }: JobContext): Promise<void> {
      const payload = payloadSchema.parse(job.payload);
      const { eventTypeId, dataset } = await commitmentResult(options, payload);
      const status = await report(options, payload, eventTypeId, dataset, signal);
      if (status !== 0)
        throw new FilmlessError(
          'DEVICE_UNREACHABLE',
          `the device answered status ${status.toString(16).toUpperCase()}H to the report`,
        );
    },
  };
}

/** Only what is in the catalogue and in the storage is committed. */
async function commitmentResult(
  options: JobOptions,
  payload: Payload,
): Promise<{ eventTypeId: number; dataset: DicomJson }> {
  const committed: DicomJson[] = [];
  const failed: DicomJson[] = [];
  const records = await options.records(payload.references.map((one) => one.sopInstanceUid));
  for (const [i, { sopClassUid, sopInstanceUid }] of payload.references.entries()) {
    const record = records[i];
    const kept = record !== undefined && (await options.storage().has(record.sha256));
    const item = { '00081150': { vr: 'UI', Value: [sopClassUid] }, '00081155': { vr: 'UI', Value: [sopInstanceUid] } };
    if (kept && record.SOPClassUID === sopClassUid) committed.push(item);
    else failed.push({ ...item, '00081197': { vr: 'US', Value: [kept ? CLASS_INSTANCE_CONFLICT : NO_SUCH_INSTANCE] } });
  }
  const dataset: DicomJson = {
    '00080054': { vr: 'AE', Value: [options.ownAeTitle] },
    '00081195': { vr: 'UI', Value: [payload.transactionUid || newUid()] },
    ...(committed.length > 0 ? { '00081199': { vr: 'SQ', Value: committed } } : {}),
    ...(failed.length > 0 ? { '00081198': { vr: 'SQ', Value: failed } } : {}),
  };
  return { eventTypeId: failed.length > 0 ? 2 : 1, dataset };
}

async function report(
  options: JobOptions,
  payload: Payload,
  eventTypeId: number,
  dataset: DicomJson,
  signal: AbortSignal,
): Promise<number> {
  const sopClass = SOP_CLASS.StorageCommitmentPushModel;
  try {
    return (await options.reportOnAssociation(payload.association, sopClass, WELL_KNOWN_INSTANCE, eventTypeId, dataset))
      .status;
  } catch (error) {
    if (!['DEVICE_UNREACHABLE', 'UNAVAILABLE'].includes(FilmlessError.from(error).code)) throw error;
  }
  const device = options.device(payload.aeTitle);
  if (!device)
    throw new FilmlessError(
      'DEVICE_UNREACHABLE',
      `${payload.aeTitle} is not a known device, and its association has ended`,
    );
  const proposal = {
    abstractSyntax: sopClass,
    transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN],
    role: { scu: false, scp: true },
  };
  const client = await options.open(device, [proposal], signal);
  try {
    const context = client.requireContext(sopClass);
    const { command } = await client.channel.requestOne(context, 'N-EVENT-REPORT', {
      more: { '00001000': { vr: 'UI', Value: [WELL_KNOWN_INSTANCE] }, '00001002': { vr: 'US', Value: [eventTypeId] } },
      dataset: encodeDataset(dataset, { transferSyntaxUID: context.transferSyntax }),
      timeoutMs: client.responseTimeoutMs,
    });
    return command.status;
  } finally {
    await client.release();
  }
}
