import type { Catalogue, ConflictRecord, DocumentStore } from '../catalogue/contract.ts';
import type { InstanceRecord } from '../plugin.ts';
import type { ReportVersion } from '../reports/contract.ts';
import { VERSION_PREFIX } from '../reports/report-store.ts';
import { reportVersionSchema } from '../reports/schema.ts';
import type { EventFeed } from './after-subscriptions.ts';

/** Instances as they were committed. */
export function storedInstances(feed: Pick<Catalogue, 'changes' | 'onChange' | 'head'>): EventFeed<InstanceRecord> {
  return {
    async events(since, limit) {
      const { changes, lastSeq } = await feed.changes(since, limit);
      const events = changes.flatMap(({ record, deleted }) => (record && !deleted ? [record] : []));
      return { events, read: changes.length > 0, lastSeq };
    },
    head: () => feed.head(),
    onChange: (listener) => feed.onChange(listener),
  };
}

/** Conflicts as they stand: found, or decided. */
export function changedConflicts(
  feed: Pick<Catalogue, 'changes' | 'onChange' | 'head'>,
  catalogue: Pick<Catalogue, 'getConflict'>,
): EventFeed<ConflictRecord> {
  return {
    ...storedInstances(feed),
    async events(since, limit) {
      const { changes, lastSeq } = await feed.changes(since, limit);
      const found = await Promise.all(
        changes.map(({ id, deleted }) => (deleted ? undefined : catalogue.getConflict(id))),
      );
      return { events: found.filter((each) => each !== undefined), read: changes.length > 0, lastSeq };
    },
  };
}

/** Versions of reports as they were delivered, those that `which` names. */
export function reportVersions(
  documents: DocumentStore,
  which: (version: ReportVersion) => boolean,
): EventFeed<ReportVersion> {
  return {
    async events(since, limit) {
      const { changes, lastSeq } = await documents.changes(since, limit);
      const events = changes
        .filter(({ id, document }) => id.startsWith(VERSION_PREFIX) && document !== undefined)
        .map(({ document }) => reportVersionSchema.parse(document))
        .filter(which);
      return { events, read: changes.length > 0, lastSeq };
    },
    head: () => documents.head(),
    onChange: (listener) => documents.onChange(listener),
  };
}
