import type { DocumentStore } from '../catalogue/contract.ts';
import type { EventFeed } from '../events/after-subscriptions.ts';
import type { Order } from './contract.ts';
import { ORDER_PREFIX } from './order-store.ts';
import { orderSchema } from './schema.ts';

/** Orders that were placed or changed, as they stand now. */
export function changedOrders(documents: DocumentStore): EventFeed<Order> {
  return {
    async events(since, limit) {
      const { changes, lastSeq } = await documents.changes(since, limit);
      const events = changes
        .filter(({ id, document }) => id.startsWith(ORDER_PREFIX) && document !== undefined)
        .map(({ document }) => orderSchema.parse(document));
      return { events, read: changes.length > 0, lastSeq };
    },
    head: () => documents.head(),
    onChange: (listener) => documents.onChange(listener),
  };
}
