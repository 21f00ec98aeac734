import type { Disposable } from '../disposable.ts';
import { disposable } from '../disposable.ts';
import type { BeforeHookMap } from '../plugins/contract.ts';

type BeforeName = keyof BeforeHookMap;
type BeforeHandler<H extends BeforeName> = (event: BeforeHookMap[H]) => void | Promise<void>;

interface Registered {
  order: number;
  handler: BeforeHandler<BeforeName>;
}

/** Handlers in the request path: they run one after the other by `order`, may change the event, and refuse by throwing. */
export class BeforeHooks {
  readonly #handlers = new Map<BeforeName, Registered[]>();

  register<H extends BeforeName>(hook: H, handler: BeforeHandler<H>, order = 100): Disposable {
    const entry: Registered = { order, handler: handler as BeforeHandler<BeforeName> };
    const list = [...(this.#handlers.get(hook) ?? []), entry].sort((a, b) => a.order - b.order);
    this.#handlers.set(hook, list);
    return disposable(() => {
      this.#handlers.set(
        hook,
        (this.#handlers.get(hook) ?? []).filter((item) => item !== entry),
      );
    });
  }

  has(hook: BeforeName): boolean {
    return (this.#handlers.get(hook) ?? []).length > 0;
  }

  async run<H extends BeforeName>(hook: H, event: BeforeHookMap[H]): Promise<void> {
    for (const { handler } of this.#handlers.get(hook) ?? []) await handler(event);
  }
}
