import { type ByteSource, FilmlessError } from '@filmless/core/plugin';
import { datasetOf } from '../convert/blob-dataset.ts';
import { convertedDataset } from '../convert/converted-dataset.ts';
import { isLittleEndianPair } from '../convert/little-endian.ts';
import type { InstanceToSend } from '../receive/protocol.ts';
import type { AcceptedContext } from '../upper-layer/association-contract.ts';
import type { DimseChannel } from '../upper-layer/dimse-channel.ts';
import type { OutgoingDataset } from '../upper-layer/pdu-sender.ts';

/** A stored object as it is delivered: with the identity that holds now. */
export type OpenObject = ByteSource & { readonly datasetOffsetBytes: number; close(): Promise<unknown> };
export type ObjectToOpen = Pick<InstanceToSend, 'SOPInstanceUID' | 'sha256' | 'datasetOffsetBytes'>;

export interface SendOptions {
  contexts: Iterable<AcceptedContext>;
  openObject(instance: ObjectToOpen): Promise<OpenObject>;
  timeoutMs: number;
  /** Of the C-MOVE this is done for. @dicom PS3.7 9.3.1.1 */
  originator?: { aeTitle: string; messageId: number } | undefined;
}

/**
 * C-STORE of a stored instance, byte for byte in the transfer syntax it is stored in. Our choice: where the receiver does not accept that one,
 * the two little endian syntaxes of uncompressed pixels stand in for each other; nothing else is converted.
 * Gives the receiver's status. Throws DEVICE_UNREACHABLE, NOT_ACCEPTABLE, BLOB_MISSING.
 * @dicom PS3.4 B.4
 */
export async function sendInstance(
  channel: DimseChannel,
  instance: InstanceToSend,
  options: SendOptions,
): Promise<{ status: number }> {
  const context = chooseContext(instance, options.contexts);
  const blob = await options.openObject(instance);
  try {
    const asStored = context.transferSyntax === instance.transferSyntaxUID;
    const dataset = asStored ? datasetOf(blob, blob.datasetOffsetBytes) : await convertedDataset(blob);
    return await storeDataset(channel, context, instance.SOPInstanceUID, dataset, options);
  } finally {
    await blob.close();
  }
}

/** C-STORE of a data set that is in the context's transfer syntax already. Throws DEVICE_UNREACHABLE. */
export async function storeDataset(
  channel: DimseChannel,
  context: AcceptedContext,
  SOPInstanceUID: string,
  dataset: OutgoingDataset,
  { originator, timeoutMs }: Pick<SendOptions, 'originator' | 'timeoutMs'>,
): Promise<{ status: number }> {
  const { command } = await channel.requestOne(context, 'C-STORE', {
    more: {
      '00000700': { vr: 'US', Value: [0] },
      '00001000': { vr: 'UI', Value: [SOPInstanceUID] },
      ...(originator && {
        '00001030': { vr: 'AE', Value: [originator.aeTitle] },
        '00001031': { vr: 'US', Value: [originator.messageId] },
      }),
    },
    dataset,
    timeoutMs,
  });
  return { status: command.status };
}

function chooseContext(
  { SOPClassUID, transferSyntaxUID }: InstanceToSend,
  contexts: Iterable<AcceptedContext>,
): AcceptedContext {
  const usable = [...contexts].filter(({ abstractSyntax, role }) => abstractSyntax === SOPClassUID && role.scu);
  const context =
    usable.find(({ transferSyntax }) => transferSyntax === transferSyntaxUID) ??
    usable.find(({ transferSyntax }) => isLittleEndianPair(transferSyntaxUID, transferSyntax));
  if (!context) {
    throw new FilmlessError(
      'NOT_ACCEPTABLE',
      usable.length > 0 ? 'the stored transfer syntax is not accepted' : 'the SOP class is not accepted',
    );
  }
  return context;
}
