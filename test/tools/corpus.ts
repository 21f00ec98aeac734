import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'corpus');

/** The folder of real files beside the project, when it is there. Tests that need it are left out aloud. */
export const corpusFolder: string | undefined = existsSync(join(folder, 'MANIFEST.tsv')) ? folder : undefined;
if (!corpusFolder) console.warn('No corpus of real files beside the project: its tests are left out');

export interface CorpusFile {
  path: string;
  sha256: string;
}

/** The corpus' DICOM files, by its manifest. */
export function corpusFiles(): CorpusFile[] {
  if (!corpusFolder) return [];
  const lines = readFileSync(join(corpusFolder, 'MANIFEST.tsv'), 'utf8').trimEnd().split('\n').slice(1);
  return lines
    .map((line) => line.split('\t'))
    .map(([path, sha256]) => ({ path: join(corpusFolder, path ?? ''), sha256: sha256 ?? '' }))
    .filter(
      ({ path }) =>
        !/\/(hl7|fhir)\//.test(path) && !/\.(txt|md|json|xml|hl7|tsv|html)$/i.test(path) && existsSync(path),
    );
}
