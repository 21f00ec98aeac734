import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dcmtk } from './dcmtk.ts';
import type { NodeProcess } from './node-process.ts';

/** Element by tag `ggggeeee`: its value, or the bytes of it. */
export type Identifier = Record<string, string | Uint8Array>;

/** Values by tag `gggg,eeee`, as DCMTK prints them. */
export type Answer = Record<string, string>;

export const TAG = {
  SpecificCharacterSet: '00080005',
  SOPClassUID: '00080016',
  SOPInstanceUID: '00080018',
  QueryRetrieveLevel: '00080052',
  PatientName: '00100010',
  PatientID: '00100020',
  StudyInstanceUID: '0020000d',
  SeriesInstanceUID: '0020000e',
} as const;

const UID_TAGS: ReadonlySet<string> = new Set([
  TAG.SOPClassUID,
  TAG.SOPInstanceUID,
  TAG.StudyInstanceUID,
  TAG.SeriesInstanceUID,
]);

/** An identifier as a bare data set in Implicit VR Little Endian, the bytes of its values as given. @dicom PS3.5 7.1.3 */
export function identifierBytes(identifier: Identifier): Buffer {
  return Buffer.concat(
    Object.entries(identifier)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([tag, value]) => {
        const raw = typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from(value);
        const padding = UID_TAGS.has(tag) ? '\0' : ' ';
        const bytes = raw.length % 2 === 0 ? raw : Buffer.concat([raw, Buffer.from(padding)]);
        const head = Buffer.alloc(8);
        head.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
        head.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
        head.writeUInt32LE(bytes.length, 4);
        return [head, bytes];
      }),
  );
}

interface FindOptions {
  /** `-S` Study Root, `-P` Patient Root, `-O` Patient/Study Only. */
  model?: '-S' | '-P' | '-O';
  calling?: string;
}

export interface FindResult {
  /** Values as the bytes that came, read as Latin 1. */
  raw: Answer[];
  /** Values as DCMTK reads them with the character set the answer declares. */
  answers: Answer[];
}

/** One query with findscu; throws when it does not end with success. What comes back is read by dcmdump, not by code of ours. */
export async function find(
  node: Pick<NodeProcess, 'aeTitle' | 'dicomPort'>,
  identifier: Identifier,
  options: FindOptions = {},
): Promise<FindResult> {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-find-'));
  try {
    const file = join(directory, 'identifier');
    await writeFile(file, identifierBytes(identifier));
    const args = [...peer(node, options), '-v', '-X', '-od', directory, '127.0.0.1', String(node.dicomPort), file];
    const { output } = await dcmtk('findscu', args);
    if (!output.includes('Received Final Find Response (Success)')) throw new Error(`findscu: ${output}`);
    const files = (await readdir(directory)).filter((name) => name.endsWith('.dcm')).sort();
    if (files.length === 0) return { raw: [], answers: [] };
    const paths = files.map((name) => join(directory, name));
    const dump = async (...extra: string[]) =>
      answersOf((await dcmtk('dcmdump', ['-q', '-Un', '+L', ...extra, ...paths])).output);
    const [raw, decoded] = await Promise.all([dump(), dump('+U8')]);
    return {
      raw,
      answers: decoded.map((answer) =>
        Object.fromEntries(Object.entries(answer).map(([tag, value]) => [tag, utf8(value)])),
      ),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Many queries over one association; all answers together. */
export async function findMany(
  node: Pick<NodeProcess, 'aeTitle' | 'dicomPort'>,
  identifiers: readonly Identifier[],
  options: FindOptions = {},
): Promise<Answer[]> {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-find-'));
  try {
    const files: string[] = [];
    for (const [i, identifier] of identifiers.entries()) {
      const file = join(directory, String(i));
      await writeFile(file, identifierBytes(identifier));
      files.push(file);
    }
    const args = [...peer(node, options), '-v', '+sr', '127.0.0.1', String(node.dicomPort), ...files];
    const { output } = await dcmtk('findscu', args);
    const succeeded = output.split('Received Final Find Response (Success)').length - 1;
    if (succeeded !== files.length) throw new Error(`findscu: ${succeeded} of ${files.length} queries succeeded`);
    return output
      .split('Find Response: ')
      .slice(1)
      .map((text) => elementsOf(text.split('Sending Find Request')[0] ?? ''));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function peer(node: Pick<NodeProcess, 'aeTitle'>, { model = '-S', calling = 'FINDSCU' }: FindOptions): string[] {
  return [model, '-aet', calling, '-aec', node.aeTitle];
}

/** dcmdump begins every file with the same line. */
function answersOf(dump: string): Answer[] {
  return dump
    .split(/^# Dicom-File-Format$/m)
    .slice(1)
    .map((text) => elementsOf(text.slice(Math.max(0, text.indexOf('# Dicom-Data-Set')))));
}

function elementsOf(text: string): Answer {
  const lines = text.matchAll(
    /^(?:I: |W: )?\(([0-9a-f]{4},[0-9a-f]{4})\) [A-Z]{2} (?:\[(.*)\]|(\d+)|\(no value available\)) +# +\d+, *\d+ /gm,
  );
  return Object.fromEntries(
    [...lines].map(([, tag = '', value, number]) => [tag, (value ?? number ?? '').replace(/[\0 ]+$/, '')]),
  );
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
