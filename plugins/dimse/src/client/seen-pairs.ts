import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, type InstanceToDeliver } from '@filmless/core/plugin';
import { type ContextProposal, MAX_CONTEXTS } from './client-association.ts';

type Kind = Pick<InstanceToDeliver, 'SOPClassUID' | 'transferSyntaxUID'>;

/** The kinds of objects a device was sent lately: an association proposes all of them, so that it need not be opened anew for the next kind. */
export class SeenPairs {
  /** Newest last. */
  readonly #pairs = new Map<string, Kind>();

  /** What to propose for these kinds and as many of the others as fit. @dicom PS3.8 9.3.2.2 */
  proposals(kinds: readonly Kind[]): ContextProposal[] {
    for (const kind of kinds) {
      this.#pairs.delete(keyOf(kind));
      this.#pairs.set(keyOf(kind), kind);
    }
    const wanted = new Map<string, Set<string>>();
    let contexts = 0;
    for (const { SOPClassUID, transferSyntaxUID } of [...this.#pairs.values()].reverse()) {
      const syntaxes = wanted.get(SOPClassUID) ?? new Set();
      // What stands in where the stored one is not taken; see `chooseForm`.
      const added = [transferSyntaxUID, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN].filter(
        (uid) => !syntaxes.has(uid),
      );
      contexts += new Set(added).size;
      if (contexts > MAX_CONTEXTS) {
        this.#pairs.delete(keyOf({ SOPClassUID, transferSyntaxUID }));
        continue;
      }
      wanted.set(SOPClassUID, new Set([...syntaxes, ...added]));
    }
    return [...wanted].flatMap(([abstractSyntax, syntaxes]) =>
      [...syntaxes].map((uid) => ({ abstractSyntax, transferSyntaxes: [uid] })),
    );
  }
}

export const keyOf = ({ SOPClassUID, transferSyntaxUID }: Kind): string => `${SOPClassUID} ${transferSyntaxUID}`;
