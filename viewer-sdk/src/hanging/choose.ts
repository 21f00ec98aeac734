import type { Candidate } from './candidate.ts';
import type { HangingCell, HangingProtocol, Range, SeriesSelector } from './protocol.ts';

/** A protocol with what its cells show; a cell without a candidate stays empty. */
export interface Hanging {
  readonly protocol: HangingProtocol;
  readonly rows: number;
  readonly columns: number;
  readonly cells: readonly { readonly cell: HangingCell; readonly candidate: Candidate | undefined }[];
}

/** What protocols are chosen by. */
export interface StudyKind {
  readonly modalities: readonly string[];
  readonly bodyParts: readonly string[];
  /** Descriptions of study, series and protocols. */
  readonly descriptions: readonly string[];
  readonly priors: number;
}

export function kindOf(candidates: readonly Candidate[], studyDescription: string, priors: number): StudyKind {
  const own = candidates.filter(({ prior }) => prior === 0);
  return {
    modalities: [...new Set(own.map(({ modality }) => modality))],
    bodyParts: [...new Set(own.map(({ bodyPart }) => bodyPart).filter((part) => part !== ''))],
    descriptions: [studyDescription, ...own.map(({ description }) => description)],
    priors,
  };
}

/** The first protocol of the list that fits the study and finds enough to show. */
export function chooseHanging(
  protocols: readonly HangingProtocol[],
  kind: StudyKind,
  candidates: readonly Candidate[],
): Hanging | undefined {
  for (const protocol of protocols) {
    if (!matchesStudy(protocol, kind)) continue;
    const hanging = hang(protocol, candidates);
    if (hanging) return hanging;
  }
  return undefined;
}

/** Whether the protocol is meant for such a study. */
export function matchesStudy({ matches }: HangingProtocol, kind: StudyKind): boolean {
  const { modalities, bodyParts, keywords, priors } = matches;
  // Without a wish for earlier studies, they do not count against it.
  if (priors !== undefined && kind.priors < priors) return false;
  if (modalities && !modalities.some((modality) => kind.modalities.includes(modality))) return false;
  if (!bodyParts && !keywords) return true;
  const byPart = bodyParts?.some((part) => kind.bodyParts.includes(part.toUpperCase())) ?? false;
  return byPart || includesAny(kind.descriptions.join('\n'), keywords ?? []);
}

/** Fills the protocol's cells; `undefined` when too few find anything. */
export function hang(protocol: HangingProtocol, candidates: readonly Candidate[]): Hanging | undefined {
  const used = new Set<Candidate>();
  const { rows, columns } = protocol.layout;
  const filled = protocol.cells.slice(0, rows * columns).map((cell) => {
    const candidate = candidateFor(cell, candidates, used);
    if (candidate) used.add(candidate);
    return { cell, candidate };
  });
  const found = filled.filter(({ candidate }) => candidate !== undefined);
  if (found.length < (protocol.leastCells ?? 1)) return undefined;
  if (protocol.emptyCells === 'keep' || found.length === rows * columns)
    return { protocol, rows, columns, cells: filled };
  const across = Math.min(columns, found.length);
  return { protocol, rows: Math.ceil(found.length / across), columns: across, cells: found };
}

function candidateFor(
  { prior = 0, series }: HangingCell,
  candidates: readonly Candidate[],
  used: ReadonlySet<Candidate>,
): Candidate | undefined {
  for (const selector of series) {
    const [best] = candidates
      .filter((candidate) => candidate.prior === prior && (selector.repeat || !used.has(candidate)))
      .filter((candidate) => matchesSelector(selector, candidate))
      .sort(compareCandidates);
    if (best) return best;
  }
  return undefined;
}

export function matchesSelector(selector: SeriesSelector, candidate: Candidate): boolean {
  const { modalities, keywords, without, description, orientation, view, laterality } = selector;
  if (modalities && !modalities.includes(candidate.modality)) return false;
  if (keywords && !includesAny(candidate.description, keywords)) return false;
  if (without && includesAny(candidate.description, without)) return false;
  if (description !== undefined && !new RegExp(description, 'iu').test(candidate.description)) return false;
  if (orientation && candidate.orientation !== orientation) return false;
  if ((view || laterality) && candidate.contradictory) return false;
  if (view && candidate.view !== view.toUpperCase()) return false;
  if (laterality && candidate.laterality !== laterality) return false;
  return (
    isWithin(selector.slices, candidate.slices) &&
    isWithin(selector.bValue, candidate.bValue) &&
    isWithin(selector.thicknessMm, candidate.thicknessMm)
  );
}

function isWithin(range: Range | undefined, value: number | undefined): boolean {
  if (!range) return true;
  return (
    value !== undefined &&
    value >= (range.min ?? Number.NEGATIVE_INFINITY) &&
    value <= (range.max ?? Number.POSITIVE_INFINITY)
  );
}

/** Plain views before special ones, then by number. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    Number(a.modified) - Number(b.modified) ||
    (a.seriesNumber ?? Number.MAX_SAFE_INTEGER) - (b.seriesNumber ?? Number.MAX_SAFE_INTEGER)
  );
}

/** Chinese keywords anywhere, Latin ones as words of their own: "ax" is not in "max". */
function includesAny(description: string, keywords: readonly string[]): boolean {
  const lower = description.toLowerCase();
  return keywords.some((keyword) => {
    const wanted = keyword.toLowerCase();
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + 1)) {
      if (!isLetter(wanted[0]) || (!isLetter(lower[at - 1]) && !isLetter(lower[at + wanted.length]))) return true;
    }
    return false;
  });
}

const isLetter = (character: string | undefined): boolean => character !== undefined && /[a-z]/.test(character);
