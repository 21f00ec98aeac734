import { dataSetBytes } from './data-set-bytes.ts';

const PREAMBLE_BYTES = 128;

/** The data set of a file as it is given to a node: what follows the File Meta Information, of which preamble, prefix or all may be missing. */
export function storedDataSet(file: Uint8Array): Uint8Array {
  const hasPrefixAt = (at: number) => Buffer.from(file.subarray(at, at + 4)).toString('latin1') === 'DICM';
  if (hasPrefixAt(PREAMBLE_BYTES)) return dataSetBytes(file);
  if (hasPrefixAt(0)) return dataSetBytes(Buffer.concat([Buffer.alloc(PREAMBLE_BYTES), file]));
  const beginsWithGroup2 = file[0] === 2 && file[1] === 0;
  return beginsWithGroup2
    ? dataSetBytes(Buffer.concat([Buffer.alloc(PREAMBLE_BYTES), Buffer.from('DICM'), file]))
    : file;
}

/**
 * `padded`: stored with an odd length and sent with a NULL at its end, as DIMSE demands even fragments; all stored bytes are there.
 * @dicom PS3.8 E
 */
export function compareDataSets(received: Uint8Array, stored: Uint8Array): 'identical' | 'padded' | 'different' {
  if (Buffer.compare(received, stored) === 0) return 'identical';
  const isPadded = stored.length % 2 === 1 && received.length === stored.length + 1 && received.at(-1) === 0;
  return isPadded && Buffer.compare(received.subarray(0, stored.length), stored) === 0 ? 'padded' : 'different';
}
