import type { OutgoingDataset } from './pdu-sender.ts';

/**
 * A data set whose fragments can all be even, as they must be: one of odd length (deflated ones, and files with an odd last value) gets a
 * NULL after its last byte. DCMTK and others abort the association over an odd fragment.
 * @dicom PS3.8 E, PS3.5 A.5
 */
export function toEvenLength(dataset: OutgoingDataset): OutgoingDataset {
  if (dataset.lengthBytes % 2 === 0) return dataset;
  return { lengthBytes: dataset.lengthBytes + 1, chunks: padded(dataset) };
}

/** The NULL comes with the last chunk: alone it would be an odd fragment after an odd fragment. */
async function* padded({ lengthBytes, chunks }: OutgoingDataset): AsyncGenerator<Uint8Array> {
  let left = lengthBytes;
  for await (const chunk of chunks) {
    left -= chunk.length;
    yield left === 0 ? Buffer.concat([chunk], chunk.length + 1) : chunk;
  }
}
