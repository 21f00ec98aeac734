import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { dcmtk } from '../tools/dcmtk.ts';
import type { NodeProcess } from '../tools/node-process.ts';
import type { Orthanc } from '../tools/orthanc.ts';
import { compare, printComparisons } from './measure.ts';
import { writeStudy } from './slices.ts';

const SLICES = 500;
const RUNS = 5;

/** Reads a whole answer and throws its bytes away. Resolves to their number. */
function drain(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((done, fail) => {
    const sent = request(url, { headers }, (response) => {
      if (response.statusCode !== 200) fail(new Error(`${response.statusCode} for ${url}`));
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.once('end', () => done(bytes));
      response.once('error', fail);
    });
    sent.once('error', fail);
    sent.end();
  });
}

/** Metadata and the whole of a study of 500 slices, as a DICOMweb client asks for them. */
export async function measureRetrieval(node: NodeProcess, orthanc: Orthanc | undefined, folder: string): Promise<void> {
  const { StudyInstanceUID, files } = await writeStudy(folder, 'bench-retrieve', SLICES);
  for (const { aeTitle, dicomPort } of orthanc ? [node, orthanc] : [node]) {
    const { code } = await dcmtk('storescu', ['-aec', aeTitle, '127.0.0.1', String(dicomPort), ...files]);
    if (code !== 0) throw new Error('storescu failed');
  }
  // Both prepare metadata in the background once a study is quiet; neither is asked in the middle of that.
  await delay(15_000);
  const path = `/dicom-web/studies/${StudyInstanceUID}`;
  const read = (base: string, suffix: string, accept: string, authorization?: string) => async () => {
    const bytes = await drain(`${base}${path}${suffix}`, { accept, ...(authorization ? { authorization } : {}) });
    if (bytes < 100_000) throw new Error(`only ${bytes} bytes from ${base}${suffix}`);
  };
  const json = 'application/dicom+json';
  const dicom = 'multipart/related; type="application/dicom"';
  printComparisons([
    await compare(
      `metadata of a study of ${SLICES} slices`,
      10,
      RUNS,
      read(node.url, '/metadata', json, node.authorization),
      orthanc && read(orthanc.url, '/metadata', json),
    ),
    await compare(
      `WADO-RS of a study of ${SLICES} slices`,
      1,
      RUNS,
      read(node.url, '', dicom, node.authorization),
      orthanc && read(orthanc.url, '', dicom),
    ),
  ]);
}
