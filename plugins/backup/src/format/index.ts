/** The format of backup disks: what lies where, and how to read it. Everything on a disk can be read without Filmless too. */
export * from './catalogue-entry.ts';
export * from './cipher.ts';
export * from './disk-reader.ts';
export * from './manifest.ts';
export * from './marker.ts';
export * from './paths.ts';
export * from './readme.ts';
