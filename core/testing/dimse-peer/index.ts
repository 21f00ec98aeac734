/** What tests of DICOM's network side share: a peer that says exactly what it is told, and a node to say it to. */
export * from './pdus.ts';
export * from './plugin-node.ts';
export * from './raw-peer.ts';
