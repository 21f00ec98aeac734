import { existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';

/** Documents that people and other systems made, beside the records of instances. */
export const CLINICAL: readonly string[] = ['reports', 'patients', 'orders'];

/**
 * Whether this node's clinical documents are another node's, who alone writes them. Remembered over restarts: what came before one and is looked
 * at after it must not be taken for this node's own before anybody says again what the node is.
 */
export class Following {
  /** It is there while the node follows. */
  readonly #mark: string;
  #isFollowing: boolean;

  constructor(mark: string) {
    this.#mark = mark;
    this.#isFollowing = existsSync(mark);
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  async set(isFollowing: boolean): Promise<void> {
    // At once: the first documents may come while the mark is made.
    this.#isFollowing = isFollowing;
    if (isFollowing) await (await open(this.#mark, 'w')).close();
    else await rm(this.#mark, { force: true });
  }

  /** Whether documents of this namespace may be written here. */
  mayWrite(namespace: string): boolean {
    return !this.#isFollowing || !CLINICAL.includes(namespace);
  }
}
