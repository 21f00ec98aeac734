import {
  DIMSE_STATUS,
  type DicomJson,
  type DimseRequest,
  type DimseResponse,
  FilmlessError,
  type InstanceLocator,
  type InstanceSelector,
  type QueryIndex,
  type Security,
  statusCategory,
  strings,
} from '@filmless/core/plugin';
import { queryLevel } from './query-models.ts';

/** Sends one stored instance as it is. Its errors count as failed sub-operations. */
export type SendInstance = (instance: InstanceLocator) => Promise<{ status: number }>;

/** At most so many pending responses per second: progress for people, not one message per image. */
const PROGRESS_EVERY_MS = 500;
const UNIQUE_KEYS = ['PatientID', 'StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID'] as const;
const LEVEL_KEY = {
  PATIENT: 'PatientID',
  STUDY: 'StudyInstanceUID',
  SERIES: 'SeriesInstanceUID',
  IMAGE: 'SOPInstanceUID',
} as const;

/** The instances an identifier of C-MOVE or C-GET names. Throws QUERY_LEVEL_INVALID, QUERY_INVALID_KEY. @dicom PS3.4 C.4.2.1.4 */
export async function selectInstances(
  request: DimseRequest,
  query: QueryIndex,
  security: Security,
): Promise<InstanceLocator[]> {
  const identifier = request.dataset;
  if (!identifier) throw new FilmlessError('QUERY_LEVEL_INVALID', 'the identifier is missing');
  const level = queryLevel(request.sopClassUID, identifier);
  const selector: InstanceSelector = { scope: security.scopeOf(request.calling.identity) };
  for (const keyword of UNIQUE_KEYS) {
    const values = strings(identifier, keyword)
      .flatMap((value) => value.split('\\'))
      .filter((value) => value !== '');
    // An empty or wildcard key would select the whole archive.
    if (values.some((value) => keyword !== 'PatientID' && /[*?]/.test(value)))
      throw new FilmlessError('QUERY_INVALID_KEY', `${keyword} may not hold wildcards`);
    const [first] = values;
    if (first === undefined) continue;
    if (keyword === 'PatientID') selector.PatientID = first;
    else selector[keyword] = values;
  }
  if (selector[LEVEL_KEY[level]] === undefined)
    throw new FilmlessError('QUERY_INVALID_KEY', `${LEVEL_KEY[level]} is missing`);
  return query.instances(selector);
}

/**
 * Sends instances one after another and tells how it goes. A cancel takes effect between two instances.
 * @dicom PS3.4 C.4.2, C.4.3
 */
export async function* retrieve(
  instances: readonly InstanceLocator[],
  send: SendInstance,
  signal: AbortSignal,
): AsyncGenerator<DimseResponse> {
  const counts = { remaining: instances.length, completed: 0, failed: 0, warning: 0 };
  const failed: string[] = [];
  let toldAt = Date.now();
  let comment: string | undefined;
  for (const instance of instances) {
    if (signal.aborted) {
      yield { status: DIMSE_STATUS.Cancel, subOperations: { ...counts }, ...failedList(failed) };
      return;
    }
    const outcome = await sendOne(instance, send);
    counts.remaining -= 1;
    counts[outcome.kind] += 1;
    if (outcome.kind === 'failed') failed.push(instance.SOPInstanceUID);
    comment ??= outcome.comment;
    if (counts.remaining > 0 && Date.now() - toldAt >= PROGRESS_EVERY_MS) {
      toldAt = Date.now();
      yield { status: DIMSE_STATUS.Pending, subOperations: { ...counts } };
    }
  }
  const { remaining: _, ...final } = counts;
  const status = finalStatus(final);
  yield {
    status,
    subOperations: { remaining: 0, ...final },
    ...failedList(failed),
    ...(comment && status !== DIMSE_STATUS.Success ? { errorComment: comment } : {}),
  };
}

function finalStatus({ completed, failed, warning }: { completed: number; failed: number; warning: number }): number {
  if (failed === 0 && warning === 0) return DIMSE_STATUS.Success;
  return completed === 0 && warning === 0
    ? DIMSE_STATUS.UnableToPerformSubOperations
    : DIMSE_STATUS.SubOperationsCompleteWithFailures;
}

async function sendOne(
  instance: InstanceLocator,
  send: SendInstance,
): Promise<{ kind: 'completed' | 'failed' | 'warning'; comment?: string }> {
  try {
    const { status } = await send(instance);
    const category = statusCategory(status);
    if (category === 'success') return { kind: 'completed' };
    if (category === 'warning') return { kind: 'warning' };
    return {
      kind: 'failed',
      comment: `the receiver answered status ${status.toString(16).toUpperCase().padStart(4, '0')}H`,
    };
  } catch (error) {
    return { kind: 'failed', comment: FilmlessError.from(error).detail ?? FilmlessError.from(error).message };
  }
}

/** @dicom PS3.4 C.4.2.1.4.2 */
function failedList(failed: readonly string[]): { dataset?: DicomJson } {
  return failed.length === 0 ? {} : { dataset: { '00080058': { vr: 'UI', Value: [...failed] } } };
}
