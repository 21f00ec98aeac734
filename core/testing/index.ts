/** Contract suites, phantoms and scripted peers that core's and every plugin's tests share. */

export * from './api-client.ts';
export * from './api-node.ts';
export * from './assert-every-route-refuses.ts';
export * from './catalogue-contract.ts';
export * from './certificates.ts';
export * from './dimse-peer/index.ts';
export * from './http-client.ts';
export * from './http-node.ts';
export * from './in-memory-catalogue.ts';
export * from './in-memory-storage.ts';
export type { FetchRecords, MakeQueryIndex } from './index-under-test.ts';
export * from './instance-file.ts';
export * from './instance-record.ts';
export * from './manual-clock.ts';
export { queryIndexContract } from './query-index-contract.ts';
export * from './query-records.ts';
export * from './raw-request.ts';
export * from './recording-log.ts';
export * from './storage-contract.ts';
export * from './until.ts';
