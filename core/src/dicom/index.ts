/** DICOM files, data sets and tables. Knows nothing of the rest of Filmless. */

export * from './dataset.ts';
export { decodeDataset } from './decode-dataset.ts';
export { dictionaryEntry, findTag, isPrivateCreator, keywordOf, tagOf, tagToHex, vrOf } from './dictionary.ts';
export { encodeCommandSet, encodeDataset } from './encode-dataset.ts';
export { encodeFileMetaInformation } from './file-meta.ts';
export * from './frames.ts';
export { readInstanceHeader } from './instance-header.ts';
export * from './sop-classes.ts';
export * from './status.ts';
export * from './transfer-syntaxes.ts';
export * from './types.ts';
export * from './uids.ts';
export { sourceOfBytes } from './windows.ts';
