/**
 * The one module a plugin imports.
 */
import type { FilmlessPlugin } from './plugins/contract.ts';

/** Declares a plugin; the type of its configuration follows from its schema. */
export function definePlugin<C>(plugin: FilmlessPlugin<C>): FilmlessPlugin<C> {
  return plugin;
}

export type * from './alarms/contract.ts';
export type { Audit, AuditEvent } from './audit/contract.ts';
export type * from './catalogue/contract.ts';
export type { CopiedDocument, NodeCopy } from './catalogue/node-copy.ts';
export type * from './catalogue/replication-contract.ts';
export type * from './clinical/contract.ts';
export { identifiersOf } from './clinical/identifiers-of.ts';
export { isAboutPersons } from './clinical/person-condition.ts';
export * from './dicom/index.ts';
export * from './disposable.ts';
export * from './errors.ts';
export type * from './http/contract.ts';
export { readTlsFiles, TLS_POLICY, type TlsFileSettings, type TlsMaterial, watchTlsFiles } from './http/tls-files.ts';
export type * from './ingest/contract.ts';
export type * from './jobs/contract.ts';
export type * from './plugins/contract.ts';
export type * from './query/contract.ts';
export { type MatchingKey, matchesKey, parseKey, storedText } from './query/matching.ts';
export { matchesWildcard } from './query/wildcard.ts';
export type * from './reports/contract.ts';
export type * from './security/contract.ts';
export { scopeCovers, scopeForReports, sourceLimits } from './security/scope.ts';
export type * from './sending/contract.ts';
export { assertBlobName, SHA256_PATTERN } from './storage/blob-path.ts';
export { BlobPlacer } from './storage/blob-placer.ts';
export type * from './storage/contract.ts';
export type { Tally } from './storage/count-blobs.ts';
export { FreeSpace, readDiskSpace } from './storage/free-space.ts';
export type * from './storage/sources.ts';
export { StagedWriter } from './storage/staged-writer.ts';
export { StagingAhead } from './storage/staging-ahead.ts';
export { storageError } from './storage/storage-error.ts';
export { UsageCounter } from './storage/usage-counter.ts';
