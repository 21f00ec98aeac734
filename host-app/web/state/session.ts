import type { SessionUser } from '../api/session.ts';
import { currentSession, signIn, signOut } from '../api/session.ts';

/** Who is signed in. `change` is dispatched when that changes. */
class Session extends EventTarget {
  user: SessionUser | undefined;

  can(permission: string): boolean {
    return this.user?.permissions.includes(permission) ?? false;
  }

  async restore(): Promise<void> {
    this.#set(await currentSession());
  }

  async signIn(user: string, password: string, code?: string): Promise<void> {
    this.#set(await signIn(user, password, code));
  }

  /** Throws when the node was not told: the session is still open then, and the user has to know. */
  async signOut(): Promise<void> {
    const elsewhere = await signOut();
    this.#set(undefined);
    if (elsewhere !== undefined) window.location.assign(elsewhere);
  }

  /** The node said that the session is over. */
  end(): void {
    this.#set(undefined);
  }

  #set(user: SessionUser | undefined): void {
    this.user = user;
    this.dispatchEvent(new Event('change'));
  }
}

export const session = new Session();
