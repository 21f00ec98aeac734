import type { Archive } from './archive.ts';
import type { Role } from './config.ts';
import type { StudyRow } from './study-tally.ts';

const MOST_STUDIES = 200;

/** `complete`: the hashes of both sides agree and every blob is here. `remote`: a gateway fetches it when somebody opens it. */
export type StudyState = 'complete' | 'coming' | 'late' | 'differs' | 'remote';

export interface BoardStudy extends Omit<StudyRow, 'openSince' | 'agrees' | 'asked'> {
  state: StudyState;
  /** How long something has been missing or has not agreed. */
  lagSeconds: number;
}

export interface BoardNode {
  name: string;
  role: Role;
  address: string;
  joinedAt: string;
  isReachable: boolean | null;
  studies: number;
  complete: number;
  missing: number;
  lagSeconds: number;
}

export interface Board {
  nodes: BoardNode[];
  /** Those that are not complete first, then the newest; at most 200. */
  studies: BoardStudy[];
  /** All there are. */
  total: number;
}

type Sources = Pick<Archive, 'role' | 'peers' | 'links' | 'holdings'>;

/** What every node has and what of it is here. */
export function boardOf({ role, peers, links, holdings }: Sources, warnLagSeconds: number, now: number): Board {
  // A gateway lacks what nobody has opened, and that is as it should be.
  const lagOf = (since: number | null) =>
    since === null || role === 'gateway' ? 0 : Math.max(0, Math.round((now - since) / 1000));
  const studies = holdings.tally.rows(MOST_STUDIES).map(({ openSince, agrees, asked, ...row }): BoardStudy => {
    const lagSeconds = lagOf(openSince);
    return { ...row, lagSeconds, state: stateOf({ ...row, agrees, asked, lagSeconds }, role, warnLagSeconds) };
  });
  const sums = new Map(holdings.tally.nodes().map((each) => [each.node, each]));
  const nodes = peers.list().map((peer): BoardNode => {
    const { studies: count = 0, complete = 0, missing = 0, openSince = null } = sums.get(peer.name) ?? {};
    const { name, address, joinedAt } = peer;
    const { isReachable } = links.stateOf(peer);
    const lagSeconds = lagOf(openSince);
    return { name, role: peer.role, address, joinedAt, isReachable, studies: count, complete, missing, lagSeconds };
  });
  return { nodes, studies, total: [...sums.values()].reduce((sum, each) => sum + each.studies, 0) };
}

/** Green only when the hashes agree; a gateway is told no hashes and compares each blob with its own. */
export function stateOf(
  { missing, agrees, asked, lagSeconds }: Pick<StudyRow, 'missing' | 'agrees' | 'asked'> & { lagSeconds: number },
  role: Role | undefined,
  warnLagSeconds: number,
): StudyState {
  if (missing === 0 && (agrees || role === 'gateway')) return 'complete';
  if (role === 'gateway') return asked > 0 ? 'coming' : 'remote';
  if (lagSeconds > warnLagSeconds) return 'late';
  return missing > 0 ? 'coming' : 'differs';
}
