import {
  type Delivery,
  EXPLICIT_VR_LITTLE_ENDIAN,
  FilmlessError,
  IMPLICIT_VR_LITTLE_ENDIAN,
  type InstanceLocator,
} from '@filmless/core/plugin';
import { isLittleEndianPair } from '../convert/little-endian.ts';
import {
  type ClientAssociation,
  type ClientTarget,
  type ContextProposal,
  MAX_CONTEXTS,
  type OpenClient,
} from './client-association.ts';
import { sendInstance } from './send-instance.ts';

interface Options {
  open: OpenClient;
  device: ClientTarget;
  delivery: Delivery;
  /** All that will be sent: what is proposed follows from it. */
  instances: readonly InstanceLocator[];
  /** Of the C-MOVE this is done for. */
  originator?: { aeTitle: string; messageId: number };
}

/** A lost association is opened again so often in a row, then the device is given up. */
const MAX_FAILURES = 2;

/** What one association is to carry. */
interface Group {
  pairs: Set<string>;
  proposals: ContextProposal[];
}

/** Sends stored instances to one device, over as few associations as presentation contexts allow. @dicom PS3.4 B */
export class StoreClient {
  readonly #options: Options;
  readonly #groups: Group[];
  #association: ClientAssociation | undefined;
  #group: Group | undefined;
  #failures = 0;
  #givenUp: FilmlessError | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#groups = groupsOf(options.instances);
  }

  /** The receiver's status. Throws DEVICE_UNREACHABLE, NOT_ACCEPTABLE, BLOB_MISSING. */
  async store(instance: InstanceLocator): Promise<{ status: number }> {
    const association = await this.#associationFor(instance);
    const { delivery, originator } = this.#options;
    const sent = await sendInstance(association.channel, instance, {
      contexts: association.contexts,
      openObject: (object) => delivery.open(object),
      timeoutMs: association.responseTimeoutMs,
      originator,
    });
    this.#failures = 0;
    return sent;
  }

  async close(): Promise<void> {
    await this.#association?.release();
    this.#association = undefined;
  }

  async #associationFor(instance: InstanceLocator): Promise<ClientAssociation> {
    const group = this.#groups.find(({ pairs }) => pairs.has(pairOf(instance)));
    if (this.#association?.isOpen && group === this.#group) return this.#association;
    if (this.#givenUp) throw this.#givenUp;
    await this.close();
    // Counted until something was stored: a device that drops every association is given up as well.
    this.#failures += 1;
    if (this.#failures > MAX_FAILURES)
      this.#givenUp = new FilmlessError('DEVICE_UNREACHABLE', 'the device keeps ending the association');
    if (this.#givenUp) throw this.#givenUp;
    try {
      this.#association = await this.#options.open(this.#options.device, group?.proposals ?? []);
    } catch (error) {
      this.#givenUp = FilmlessError.from(error);
      throw this.#givenUp;
    }
    this.#group = group;
    return this.#association;
  }
}

const pairOf = ({ SOPClassUID, transferSyntaxUID }: Pick<InstanceLocator, 'SOPClassUID' | 'transferSyntaxUID'>) =>
  `${SOPClassUID} ${transferSyntaxUID}`;

/** Each pair of SOP class and stored transfer syntax gets a context of its own, uncompressed little endian ones a second to fall back to. */
function groupsOf(instances: readonly InstanceLocator[]): Group[] {
  const groups: Group[] = [];
  let group: Group | undefined;
  const stored = new Set(instances.map(pairOf));
  for (const pair of stored) {
    const [abstractSyntax = '', transferSyntax = ''] = pair.split(' ');
    const other = [IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN].find((uid) =>
      isLittleEndianPair(transferSyntax, uid),
    );
    const fallback = other !== undefined && !stored.has(`${abstractSyntax} ${other}`) ? [other] : [];
    const proposals = [transferSyntax, ...fallback].map((uid) => ({ abstractSyntax, transferSyntaxes: [uid] }));
    if (!group || group.proposals.length + proposals.length > MAX_CONTEXTS) {
      group = { pairs: new Set(), proposals: [] };
      groups.push(group);
    }
    group.pairs.add(pair);
    group.proposals.push(...proposals);
  }
  return groups;
}
