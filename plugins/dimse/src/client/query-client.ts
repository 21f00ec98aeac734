import {
  type DicomJson,
  type DimseResponse,
  decodeDataset,
  EXPLICIT_VR_LITTLE_ENDIAN,
  encodeDataset,
  FilmlessError,
  IMPLICIT_VR_LITTLE_ENDIAN,
  SOP_CLASS,
  statusCategory,
} from '@filmless/core/plugin';
import { cancelCommand, numberOf } from '../upper-layer/command.ts';
import type { ClientTarget, OpenClient } from './client-association.ts';

const IDENTIFIER_SYNTAXES = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];
const MEDIUM_PRIORITY = { '00000700': { vr: 'US', Value: [0] } };

export interface QueryTarget extends ClientTarget {
  characterSet?: string | undefined;
}

/** C-ECHO. Throws DEVICE_UNREACHABLE, NOT_ACCEPTABLE. @dicom PS3.4 A */
export async function echo(
  open: OpenClient,
  device: ClientTarget,
  signal?: AbortSignal,
): Promise<{ status: number; ms: number }> {
  const startedAt = performance.now();
  const client = await open(
    device,
    [{ abstractSyntax: SOP_CLASS.Verification, transferSyntaxes: [IMPLICIT_VR_LITTLE_ENDIAN] }],
    signal,
  );
  try {
    const context = client.requireContext(SOP_CLASS.Verification);
    const { command } = await client.channel.requestOne(context, 'C-ECHO', { timeoutMs: client.responseTimeoutMs });
    return { status: command.status, ms: Math.round(performance.now() - startedAt) };
  } finally {
    await client.release();
  }
}

/**
 * C-FIND with the Study Root model: at most `limit` matches, then the query is cancelled. `identifier` must hold QueryRetrieveLevel.
 * Throws DEVICE_UNREACHABLE, NOT_ACCEPTABLE. @dicom PS3.4 C.4.1
 */
export async function findStudies(
  open: OpenClient,
  device: QueryTarget,
  identifier: DicomJson,
  options: { limit: number; signal?: AbortSignal },
): Promise<DicomJson[]> {
  const model = SOP_CLASS.StudyRootQueryRetrieveInformationModelFind;
  const client = await open(device, [{ abstractSyntax: model, transferSyntaxes: IDENTIFIER_SYNTAXES }], options.signal);
  try {
    const context = client.requireContext(model);
    const characterSet = device.characterSet ?? 'ISO_IR 192';
    const messageId = client.channel.nextMessageId();
    const matches: DicomJson[] = [];
    let cancelled = false;
    const request = {
      more: MEDIUM_PRIORITY,
      dataset: encodeDataset(identifier, { transferSyntaxUID: context.transferSyntax, characterSet }),
      timeoutMs: client.responseTimeoutMs,
    };
    for await (const { command, dataset } of client.channel.request(context, 'C-FIND', messageId, request)) {
      const category = statusCategory(command.status);
      if (category === 'failure') throw refusedBy(command.status);
      if (category === 'pending' && dataset && matches.length < options.limit) {
        matches.push(
          decodeDataset(
            dataset,
            context.transferSyntax,
            device.characterSet ? { assumedCharacterSet: device.characterSet } : {},
          ),
        );
      }
      if (!cancelled && (matches.length >= options.limit || options.signal?.aborted)) {
        cancelled = true;
        await client.channel.tell(context, cancelCommand(messageId));
      }
    }
    return matches;
  } finally {
    await client.release();
  }
}

export interface MoveProgress {
  remaining: number;
  completed: number;
  failed: number;
  warning: number;
}

/**
 * C-MOVE with the Study Root model: the device sends a study to `destination`, an AE title it knows.
 * Throws DEVICE_UNREACHABLE, NOT_ACCEPTABLE. @dicom PS3.4 C.4.2
 */
export async function moveStudy(
  open: OpenClient,
  device: QueryTarget,
  identifier: DicomJson,
  destination: string,
  options: { progress?: (progress: MoveProgress) => void; signal?: AbortSignal } = {},
): Promise<{ status: number } & MoveProgress> {
  const model = SOP_CLASS.StudyRootQueryRetrieveInformationModelMove;
  const client = await open(device, [{ abstractSyntax: model, transferSyntaxes: IDENTIFIER_SYNTAXES }], options.signal);
  try {
    const context = client.requireContext(model);
    const messageId = client.channel.nextMessageId();
    const cancel = () => void client.channel.tell(context, cancelCommand(messageId)).catch(() => undefined);
    options.signal?.addEventListener('abort', cancel, { once: true });
    let progress: MoveProgress = { remaining: 0, completed: 0, failed: 0, warning: 0 };
    let status = 0;
    const request = {
      more: { ...MEDIUM_PRIORITY, '00000600': { vr: 'AE', Value: [destination] } },
      dataset: encodeDataset(identifier, { transferSyntaxUID: context.transferSyntax }),
      timeoutMs: client.responseTimeoutMs,
    };
    try {
      for await (const { command } of client.channel.request(context, 'C-MOVE', messageId, request)) {
        status = command.status;
        progress = progressOf(command.json, progress);
        options.progress?.(progress);
      }
    } finally {
      options.signal?.removeEventListener('abort', cancel);
    }
    return { status, ...progress };
  } finally {
    await client.release();
  }
}

/** Counts are optional: what is not told stays as it was. */
function progressOf(command: DicomJson, before: MoveProgress): NonNullable<DimseResponse['subOperations']> {
  return {
    remaining: numberOf(command, '00001020') ?? 0,
    completed: numberOf(command, '00001021') ?? before.completed,
    failed: numberOf(command, '00001022') ?? before.failed,
    warning: numberOf(command, '00001023') ?? before.warning,
  };
}

/** The device's comment is left out: it may name a patient. */
function refusedBy(status: number): FilmlessError {
  return new FilmlessError(
    'DEVICE_UNREACHABLE',
    `the device answered status ${status.toString(16).toUpperCase().padStart(4, '0')}H`,
  );
}
