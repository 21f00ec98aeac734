import { type BlobStorage, FilmlessError, type InstanceLocator } from '@filmless/core/plugin';
import { datasetOf } from './blob-dataset.ts';
import { type ClientAssociation, type ClientTarget, MAX_CONTEXTS, type OpenClient } from './client-association.ts';

interface Options {
  open: OpenClient;
  device: ClientTarget;
  storage: BlobStorage;
  /** All that will be sent: what is proposed follows from it. */
  instances: readonly InstanceLocator[];
  /** Of the C-MOVE this is done for. @dicom PS3.7 9.3.1.1 */
  originator?: { aeTitle: string; messageId: number };
}

/** A lost association is opened again so often in a row, then the device is given up. */
const MAX_FAILURES = 2;

/**
 * Sends stored instances to one device, each in the transfer syntax it is stored in, byte for byte.
 * Our choice: nothing is converted; where the device does not accept the stored syntax, the instance fails.
 * @dicom PS3.4 B
 */
export class StoreClient {
  readonly #options: Options;
  /** Every pair of SOP class and transfer syntax, as many at a time as an association holds. */
  readonly #groups: { abstractSyntax: string; transferSyntax: string }[][] = [];
  #association: ClientAssociation | undefined;
  #group = -1;
  #failures = 0;
  #givenUp: FilmlessError | undefined;

  constructor(options: Options) {
    this.#options = options;
    const pairs = new Map(
      options.instances.map(({ SOPClassUID, transferSyntaxUID }) => [
        `${SOPClassUID} ${transferSyntaxUID}`,
        { abstractSyntax: SOPClassUID, transferSyntax: transferSyntaxUID },
      ]),
    );
    const all = [...pairs.values()];
    for (let start = 0; start < all.length; start += MAX_CONTEXTS)
      this.#groups.push(all.slice(start, start + MAX_CONTEXTS));
  }

  /** The receiver's status. Throws DEVICE_UNREACHABLE, NOT_ACCEPTABLE, BLOB_MISSING. */
  async store(instance: InstanceLocator): Promise<{ status: number; comment: string | undefined }> {
    const association = await this.#associationFor(instance);
    const context = association.contextFor(instance.SOPClassUID, instance.transferSyntaxUID);
    if (!context) throw new FilmlessError('NOT_ACCEPTABLE', 'the receiver does not accept the stored transfer syntax');
    const blob = await this.#options.storage.open(instance.sha256);
    try {
      const { originator } = this.#options;
      const { command } = await association.channel.requestOne(context, 'C-STORE', {
        more: {
          '00000700': { vr: 'US', Value: [0] },
          '00001000': { vr: 'UI', Value: [instance.SOPInstanceUID] },
          ...(originator
            ? {
                '00001030': { vr: 'AE', Value: [originator.aeTitle] },
                '00001031': { vr: 'US', Value: [originator.messageId] },
              }
            : {}),
        },
        dataset: datasetOf(blob, instance.datasetOffsetBytes),
        timeoutMs: association.responseTimeoutMs,
      });
      this.#failures = 0;
      const comment = command.json['00000902']?.Value?.[0];
      return { status: command.status, comment: typeof comment === 'string' ? comment : undefined };
    } finally {
      await blob.close();
    }
  }

  async close(): Promise<void> {
    await this.#association?.release();
    this.#association = undefined;
  }

  async #associationFor({ SOPClassUID, transferSyntaxUID }: InstanceLocator): Promise<ClientAssociation> {
    const group = this.#groups.findIndex((pairs) =>
      pairs.some((pair) => pair.abstractSyntax === SOPClassUID && pair.transferSyntax === transferSyntaxUID),
    );
    if (this.#association?.isOpen && group === this.#group) return this.#association;
    if (this.#givenUp) throw this.#givenUp;
    await this.close();
    try {
      const { open, device } = this.#options;
      const proposals = (this.#groups[group] ?? []).map(({ abstractSyntax, transferSyntax }) => ({
        abstractSyntax,
        transferSyntaxes: [transferSyntax],
      }));
      // Counted until something was stored: a device that drops every association is given up as well.
      this.#failures += 1;
      this.#association = await open(device, proposals);
      if (this.#failures > MAX_FAILURES)
        this.#givenUp = new FilmlessError('DEVICE_UNREACHABLE', 'the device keeps ending the association');
      this.#group = group;
      return this.#association;
    } catch (error) {
      this.#givenUp = FilmlessError.from(error);
      throw this.#givenUp;
    }
  }
}
