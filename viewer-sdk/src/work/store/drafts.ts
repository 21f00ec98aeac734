import type { Annotation, ManualCalibration } from '../../measure/annotation.ts';
import type { KeyObjectTitle } from '../codes.ts';
import type { MarkedImage } from '../session/study-work.ts';
import type { WritableMeasurement } from '../write/measured-values.ts';

/** What was not yet stored when it was written down: all of a study's work, not its changes. */
export interface Draft {
  /** Of the opening that made it. */
  readonly id: string;
  readonly server: string;
  readonly user: string;
  readonly study: string;
  readonly patientId: string;
  /** ISO 8601. */
  readonly savedAt: string;
  readonly annotations: readonly Annotation[];
  readonly calibrations: readonly ManualCalibration[];
  /** By tracking UID: what needs pixels cannot be measured again without them. */
  readonly measurements: Readonly<Record<string, WritableMeasurement>>;
  /** Tracking UIDs of annotations in the archive that were deleted. */
  readonly deleted: readonly string[];
  readonly keyImages: readonly MarkedImage[] | undefined;
  readonly keyTitle: KeyObjectTitle;
  readonly keyDescription: string;
}

/** Whose draft of which study. */
export type DraftOwner = Pick<Draft, 'server' | 'user' | 'study'>;

/** Keeps drafts in this browser. A browser that keeps nothing (private windows) rejects: the caller says so. */
export interface DraftStore {
  put(draft: Draft): Promise<void>;
  remove(id: string): Promise<void>;
  of(owner: DraftOwner): Promise<Draft[]>;
}

const DATABASE = 'filmless-drafts';
const STORE = 'drafts';
const BY_OWNER = 'owner';

/** Drafts in IndexedDB, which holds through crashes and closed windows. */
export class IndexedDrafts implements DraftStore {
  #database: Promise<IDBDatabase> | undefined;

  async put(draft: Draft): Promise<void> {
    await this.#run('readwrite', (store) => store.put(draft));
  }

  async remove(id: string): Promise<void> {
    await this.#run('readwrite', (store) => store.delete(id));
  }

  async of({ server, user, study }: DraftOwner): Promise<Draft[]> {
    const found = await this.#run<Draft[]>('readonly', (store) => store.index(BY_OWNER).getAll([server, user, study]));
    return found.sort((a, b) => b.savedAt.localeCompare(a.savedAt));
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(STORE, { keyPath: 'id' }).createIndex(BY_OWNER, ['server', 'user', 'study']);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no database'));
    });
    return this.#database;
  }

  async #run<T>(mode: IDBTransactionMode, action: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = action(transaction.objectStore(STORE));
      // Written only when the transaction is through.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('draft not kept'));
    });
  }
}
