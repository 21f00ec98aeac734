import type { Archive } from './archive.ts';
import type { BoardRow } from './holdings.ts';

/** `complete`: the hashes of both sides agree and every blob is here. */
export type StudyState = 'complete' | 'coming' | 'late' | 'differs';

export interface BoardStudy extends Omit<BoardRow, 'thereDigest' | 'missingSince'> {
  state: StudyState;
  missing: number;
  /** How long the oldest missing image has been missing. */
  lagSeconds: number;
}

export interface BoardNode {
  name: string;
  role: string;
  address: string;
  joinedAt: string;
  isReachable: boolean | null;
  studies: number;
  complete: number;
  missing: number;
  lagSeconds: number;
}

/** What every node has and what of it is here. */
export function boardOf(
  archive: Archive,
  warnLagSeconds: number,
  now: number,
): { nodes: BoardNode[]; studies: BoardStudy[] } {
  const studies = archive.holdings.board().map(({ thereDigest, missingSince, ...row }): BoardStudy => {
    const missing = Math.max(0, row.there - row.here);
    const lagSeconds = missingSince === null ? 0 : Math.max(0, Math.round((now - missingSince) / 1000));
    const agrees = thereDigest === archive.holdings.digestOf(row.node, row.study).digest;
    const isCentre = archive.role === 'centre';
    const state =
      missing === 0 && (agrees || !isCentre)
        ? 'complete'
        : lagSeconds > warnLagSeconds
          ? 'late'
          : missing > 0
            ? 'coming'
            : 'differs';
    return { ...row, missing, lagSeconds, state };
  });
  const nodes = archive.peers.list().map((peer): BoardNode => {
    const own = studies.filter(({ node }) => node === peer.name);
    return {
      name: peer.name,
      role: peer.role,
      address: peer.address,
      joinedAt: peer.joinedAt,
      isReachable: archive.links.stateOf(peer).isReachable,
      studies: own.length,
      complete: own.filter(({ state }) => state === 'complete').length,
      missing: own.reduce((sum, { missing }) => sum + missing, 0),
      lagSeconds: Math.max(0, ...own.map((study) => study.lagSeconds)),
    };
  });
  return { nodes, studies };
}
