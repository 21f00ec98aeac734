import {
  type ConvertedObject,
  type Delivery,
  type DeliveryOutcome,
  DIMSE_STATUS,
  EXPLICIT_VR_LITTLE_ENDIAN,
  FilmlessError,
  type InstanceConverter,
  type InstanceToDeliver,
  type Points,
  type SendingConnection,
  statusCategory,
} from '@filmless/core/plugin';
import { datasetOf } from '../convert/blob-dataset.ts';
import { convertedDataset } from '../convert/converted-dataset.ts';
import { isLittleEndianPair } from '../convert/little-endian.ts';
import type { AcceptedContext } from '../upper-layer/association-contract.ts';
import type { OutgoingDataset } from '../upper-layer/pdu-sender.ts';
import type { ClientAssociation, ClientTarget, OpenClient } from './client-association.ts';
import { keyOf, type SeenPairs } from './seen-pairs.ts';
import { storeDataset } from './send-instance.ts';

interface Options {
  open: OpenClient;
  device: ClientTarget;
  delivery: () => Delivery;
  points: Pick<Points, 'get'>;
  pairs: SeenPairs;
}

/** How an instance goes out: on which context, and what must be done to it first. */
interface Form {
  context: AcceptedContext;
  how: 'as-stored' | 'little-endian' | 'converted';
}

interface Prepared {
  context: AcceptedContext;
  dataset: OutgoingDataset;
  close(): Promise<unknown>;
}

/** An association to one device, opened with the first instance and anew when it ended or something of another kind is to be sent. */
export class DeviceConnection implements SendingConnection {
  readonly #options: Options;
  #association: ClientAssociation | undefined;
  #proposed: ReadonlySet<string> = new Set();

  constructor(options: Options) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#association?.isOpen ?? true;
  }

  async *send(instances: readonly InstanceToDeliver[], signal: AbortSignal): ReturnType<SendingConnection['send']> {
    const association = await this.#associationFor(instances, signal);
    const giveUp = () => association.abort('given up');
    signal.addEventListener('abort', giveUp, { once: true });
    let next: Promise<Prepared> | undefined;
    try {
      for (const [i, instance] of instances.entries()) {
        const now = next ?? this.#prepare(association, instance, signal);
        const after = instances[i + 1];
        next = undefined;
        const outcome = this.#store(association, instance, await settled(now));
        // The next one is opened while the device still works on this one.
        next = after && this.#prepare(association, after, signal);
        next?.catch(() => undefined);
        yield { SOPInstanceUID: instance.SOPInstanceUID, outcome: await outcome };
      }
    } finally {
      signal.removeEventListener('abort', giveUp);
      await next?.then(
        (prepared) => prepared.close(),
        () => undefined,
      );
    }
  }

  async close(): Promise<void> {
    await this.#association?.release();
    this.#association = undefined;
  }

  async #associationFor(instances: readonly InstanceToDeliver[], signal: AbortSignal): Promise<ClientAssociation> {
    if (this.#association?.isOpen && instances.every((instance) => this.#proposed.has(keyOf(instance))))
      return this.#association;
    await this.close();
    const { open, device, pairs } = this.#options;
    const proposals = pairs.proposals(instances);
    this.#association = await open(device, proposals, signal);
    this.#proposed = new Set(
      proposals.map(({ abstractSyntax, transferSyntaxes }) =>
        keyOf({ SOPClassUID: abstractSyntax, transferSyntaxUID: transferSyntaxes[0] ?? '' }),
      ),
    );
    return this.#association;
  }

  async #prepare(association: ClientAssociation, instance: InstanceToDeliver, signal: AbortSignal): Promise<Prepared> {
    const converter = this.#options.points.get('InstanceConverter', EXPLICIT_VR_LITTLE_ENDIAN);
    const { context, how } = chooseForm(instance, [...association.contexts], converter);
    const object: ConvertedObject =
      how === 'converted' && converter
        ? await converter.convert(instance, signal)
        : await this.#options.delivery().open(instance);
    try {
      const dataset =
        how === 'little-endian' ? await convertedDataset(object) : datasetOf(object, object.datasetOffsetBytes);
      return { context, dataset, close: () => object.close() };
    } catch (error) {
      await object.close();
      throw error;
    }
  }

  async #store(
    association: ClientAssociation,
    { SOPInstanceUID }: InstanceToDeliver,
    prepared: PromiseSettledResult<Prepared>,
  ): Promise<DeliveryOutcome> {
    if (prepared.status === 'rejected') return outcomeOfFailure(prepared.reason);
    const { context, dataset, close } = prepared.value;
    try {
      const { status } = await storeDataset(association.channel, context, SOPInstanceUID, dataset, {
        timeoutMs: association.responseTimeoutMs,
      });
      return outcomeOfStatus(status, context.transferSyntax);
    } catch (error) {
      if (FilmlessError.from(error).code === 'DEVICE_UNREACHABLE') throw error;
      return outcomeOfFailure(error);
    } finally {
      await close();
    }
  }
}

/** As it is stored, where the device takes it so; otherwise, or when asked for, in explicit VR little endian. NOT_ACCEPTABLE. */
function chooseForm(
  { SOPClassUID, transferSyntaxUID, form }: InstanceToDeliver,
  contexts: readonly AcceptedContext[],
  converter: InstanceConverter | undefined,
): Form {
  const usable = contexts.filter(({ abstractSyntax, role }) => abstractSyntax === SOPClassUID && role.scu);
  const on = (how: Form['how'], which: (syntax: string) => boolean): Form[] =>
    usable.filter(({ transferSyntax }) => which(transferSyntax)).map((context) => ({ context, how }));
  const stored = on('as-stored', (syntax) => syntax === transferSyntaxUID);
  const explicit = (syntax: string) => syntax === EXPLICIT_VR_LITTLE_ENDIAN;
  const converted = [
    ...on('little-endian', (syntax) => isLittleEndianPair(transferSyntaxUID, syntax)),
    ...(converter?.canConvert(transferSyntaxUID) ? on('converted', explicit) : []),
  ];
  const wantsAnother = form === 'uncompressed' && transferSyntaxUID !== EXPLICIT_VR_LITTLE_ENDIAN;
  const [chosen] = wantsAnother
    ? [...converted.filter(({ context }) => explicit(context.transferSyntax)), ...stored, ...converted]
    : [...stored, ...converted];
  if (chosen) return chosen;
  throw new FilmlessError(
    'NOT_ACCEPTABLE',
    usable.length > 0 ? 'the stored transfer syntax is not accepted' : 'the SOP class is not accepted',
  );
}

/** @dicom PS3.4 B.2.3 */
function outcomeOfStatus(status: number, transferSyntaxUID: string): DeliveryOutcome {
  const category = statusCategory(status);
  // The device has it already.
  if (category === 'success' || category === 'warning' || status === DIMSE_STATUS.DuplicateSOPInstance)
    return { kind: 'delivered', transferSyntaxUID };
  const error = new FilmlessError(
    'NOT_ACCEPTABLE',
    `the device answered status ${status.toString(16).toUpperCase().padStart(4, '0')}H`,
  );
  const heals =
    (status & 0xff00) === DIMSE_STATUS.OutOfResources ||
    status === DIMSE_STATUS.ProcessingFailure ||
    status === DIMSE_STATUS.ResourceLimitation ||
    category === 'cancel';
  return { kind: heals ? 'later' : 'refused', error };
}

/** Of this node: bytes that are elsewhere may come yet, what cannot be written will not be written next time. */
function outcomeOfFailure(reason: unknown): DeliveryOutcome {
  const error = FilmlessError.from(reason);
  const willNotHeal = [
    'NOT_ACCEPTABLE',
    'TRANSCODE_UNSUPPORTED',
    'DECODE_FAILED',
    'PAYLOAD_TOO_LARGE',
    'DICOM_MALFORMED',
  ];
  return { kind: willNotHeal.includes(error.code) ? 'refused' : 'later', error };
}

async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([promise]);
  return result;
}
