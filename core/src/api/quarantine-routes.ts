import { ulid } from 'ulid';
import { z } from 'zod';
import type { InstanceSource } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import type { HttpRequest } from '../http/contract.ts';
import { identityOf, needs, param } from '../http/route-parts.ts';
import type { ReceiveOutcome } from '../ingest/contract.ts';
import type { QuarantineEntry } from '../storage/contract.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const viaSchema = z.enum(['dimse', 'stow', 'import', 'capture', 'replication', 'rebuild']).catch('import');

/** What could not be read waits here for a person. */
export const quarantineRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'GET',
    path: '/api/quarantine',
    policy: needs('system.read'),
    summary: 'What could not be read, and why',
    handle: async (request) => ({ body: isLimited(request) ? [] : await services().storage.listQuarantine() }),
  },
  {
    method: 'GET',
    path: '/api/quarantine/:id/content',
    policy: needs('study.decide'),
    audit: 'export',
    summary: 'The file as it came',
    async handle(request) {
      const { storage } = services();
      const entry = await entryOf(services(), request);
      log.info({ audit: 'quarantine.download', who: identityOf(request).id, target: entry.id }, 'quarantine read');
      return {
        headers: {
          'Content-Type': 'application/octet-stream',
          'Content-Length': String(entry.sizeBytes),
          'Content-Disposition': `attachment; filename="${entry.id}.bin"`,
        },
        body: await storage.streamQuarantine(entry.id),
        noCompression: true,
      };
    },
  },
  {
    method: 'POST',
    path: '/api/quarantine/:id/retry',
    policy: needs('study.decide'),
    summary: 'Tries to take the file again; it leaves the quarantine when that works',
    async handle(request) {
      const entry = await entryOf(services(), request);
      const { status, record } = await receiveAgain(services(), entry);
      await services().storage.removeQuarantine(entry.id);
      log.info(
        { audit: 'quarantine.retry', who: identityOf(request).id, target: entry.id, status },
        'quarantine retried',
      );
      const { SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID } = record;
      return { body: { status, SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/quarantine/:id',
    policy: needs('study.decide'),
    summary: 'Throws the file away',
    async handle(request) {
      const entry = await entryOf(services(), request);
      await services().storage.removeQuarantine(entry.id);
      log.info({ audit: 'quarantine.remove', who: identityOf(request).id, target: entry.id }, 'quarantine removed');
      return { status: 204 };
    },
  },
];

/** Whose a file is that cannot be read, nobody knows: it is not for those who see some patients alone. */
function isLimited(request: HttpRequest): boolean {
  return identityOf(request).limit !== undefined;
}

async function entryOf({ storage }: ApiServices, request: HttpRequest): Promise<QuarantineEntry> {
  const id = param(request, 'id');
  const entries = isLimited(request) ? [] : await storage.listQuarantine();
  const entry = entries.find((candidate) => candidate.id === id);
  if (!entry) throw new FilmlessError('NOT_FOUND', 'no such file in quarantine');
  return entry;
}

/** What fails again is put into quarantine again by ingest; that copy is taken out, so that the first stays the only one. */
async function receiveAgain({ storage, ingest }: ApiServices, entry: QuarantineEntry): Promise<ReceiveOutcome> {
  const mark = `retry-${ulid()}`;
  const source: InstanceSource = { via: viaSchema.parse(entry.via), name: entry.source, fileName: mark };
  try {
    return await ingest.receiveStream(await storage.streamQuarantine(entry.id), source);
  } catch (error) {
    const copies = (await storage.listQuarantine()).filter(({ fileName }) => fileName === mark);
    for (const { id } of copies) await storage.removeQuarantine(id);
    throw error;
  }
}
