import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const META_START_BYTES = 132;

/** The files of a folder by their SOP Instance UID. */
export async function receivedFiles(directory: string): Promise<Map<string, Buffer>> {
  const names = await readdir(directory);
  const files = await Promise.all(names.map((name) => readFile(join(directory, name))));
  return new Map(files.map((file) => [metaValue(file, 0x0003), file]));
}

/** A value of the File Meta Information of a Part 10 file that a peer wrote: 0003 SOP instance, 0010 transfer syntax. @dicom PS3.10 7.1 */
export function metaValue(file: Buffer, element: number): string {
  for (let at = META_START_BYTES; at + 8 <= file.length && file.readUInt16LE(at) === 2; ) {
    const isLong = ['OB', 'UN', 'UT', 'OW', 'SQ'].includes(file.toString('latin1', at + 4, at + 6));
    const length = isLong ? file.readUInt32LE(at + 8) : file.readUInt16LE(at + 6);
    const start = at + (isLong ? 12 : 8);
    if (file.readUInt16LE(at + 2) === element)
      return file.toString('latin1', start, start + length).replace(/[\0 ]+$/, '');
    at = start + length;
  }
  return '';
}
