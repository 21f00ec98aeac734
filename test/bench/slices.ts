import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ctSlices, phantomStudy } from '@filmless/core/phantoms';

export interface StudyFiles {
  StudyInstanceUID: string;
  files: string[];
}

/** A study of CT slices of 512 x 512 x 16 bit (512 KiB of pixels each), as files in a folder of its own. */
export async function writeStudy(folder: string, seed: string, count: number): Promise<StudyFiles> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  let StudyInstanceUID = '';
  for await (const slice of ctSlices({ count, study: phantomStudy({ seed }) })) {
    StudyInstanceUID = slice.StudyInstanceUID;
    const path = join(folder, `${String(files.length).padStart(5, '0')}.dcm`);
    await writeFile(path, slice.bytes);
    files.push(path);
  }
  return { StudyInstanceUID, files };
}
