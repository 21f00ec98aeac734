import { FilmlessError } from '../errors.ts';
import { identityOf, needs } from '../http/route-parts.ts';
import { sourceLimits } from '../security/scope.ts';
import type { ApiRoutes } from './services.ts';

const MEDIA_TYPES: ReadonlySet<string> = new Set(['application/dicom', 'application/octet-stream']);
const MAX_FILE_NAME = 255;

/** Files that staff bring: disks, sticks, mails. */
export const importsRoutes: ApiRoutes = ({ services }) => [
  {
    method: 'POST',
    path: '/api/imports',
    policy: needs('study.import'),
    summary: 'Takes one DICOM file (the body, application/dicom); X-File-Name is its percent-encoded name',
    async handle(request) {
      const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
      if (!MEDIA_TYPES.has(type))
        throw new FilmlessError('UNSUPPORTED_MEDIA_TYPE', 'send application/dicom or application/octet-stream');
      const fileName = fileNameOf(request.headers['x-file-name']);
      const { ingest } = services();
      await ingest.admit(Number(request.headers['content-length'] ?? 0));
      const { status, record } = await ingest.receiveStream(request.stream(), {
        via: 'import',
        ...sourceLimits(identityOf(request)),
        name: identityOf(request).id,
        ...(request.address === undefined ? {} : { address: request.address }),
        ...(fileName === undefined ? {} : { fileName }),
      });
      const { SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID } = record;
      return { body: { status, SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID } };
    },
  },
];

/** The last part of the name, without what does not belong into one. */
export function fileNameOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  let name: string;
  try {
    name = decodeURIComponent(header);
  } catch (error) {
    throw new FilmlessError('INVALID_REQUEST', 'X-File-Name: not percent-encoded UTF-8', { cause: error });
  }
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const clean = last.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').trim();
  return clean === '' || /^\.+$/.test(clean) ? undefined : [...clean].slice(0, MAX_FILE_NAME).join('');
}
