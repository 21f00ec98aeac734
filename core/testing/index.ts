/** Contract suites, phantoms and scripted peers that core's and every plugin's tests share. */
export * from './in-memory-storage.ts';
export * from './storage-contract.ts';
