import type { Snapshots } from '../snapshots/snapshots.ts';
import type { Drills } from './drills.ts';
import type { Restores } from './restore-job.ts';

/** What brings a node back: snapshots on the disks, restoring, and drills that show that it would work. */
export interface Safety {
  snapshots: Snapshots;
  restores: Restores;
  drills: Drills;
  /** Roots of attached disks. */
  attached(): string[];
}
