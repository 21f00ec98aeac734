import type { ViewerSignals } from './contract.ts';

type Listener<K extends keyof ViewerSignals> = (detail: ViewerSignals[K]) => void;

/** Tells a viewer's extensions what happens in it. A listener that throws is reported and stops nobody else. */
export class Signals {
  readonly #listeners = new Map<keyof ViewerSignals, Set<Listener<never>>>();

  on<K extends keyof ViewerSignals>(signal: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners.get(signal) ?? new Set();
    this.#listeners.set(signal, listeners);
    listeners.add(listener as Listener<never>);
    return () => listeners.delete(listener as Listener<never>);
  }

  emit<K extends keyof ViewerSignals>(signal: K, detail: ViewerSignals[K]): void {
    for (const listener of [...(this.#listeners.get(signal) ?? [])]) {
      try {
        (listener as Listener<K>)(detail);
      } catch (error) {
        reportError(error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
