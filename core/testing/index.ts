/** Contract suites, phantoms and scripted peers that core's and every plugin's tests share. */
export * from './catalogue-contract.ts';
export * from './in-memory-catalogue.ts';
export * from './in-memory-storage.ts';
export * from './instance-record.ts';
export * from './storage-contract.ts';
export * from './instance-file.ts';
