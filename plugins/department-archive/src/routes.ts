import {
  FilmlessError,
  type HttpReply,
  type HttpRequest,
  type HttpRoute,
  type PluginContext,
} from '@filmless/core/plugin';
import { z } from 'zod';
import type { Archive } from './archive.ts';
import { boardOf } from './board.ts';
import type { ArchiveConfig } from './config.ts';

export const PERMISSION = 'archive.manage';
const codeBody = z.strictObject({ role: z.enum(['department', 'gateway']) });
const joinBody = z.strictObject({ code: z.string().min(1).max(2000) });

/** REST of the hospital screen. */
export function archiveRoutes(context: PluginContext<ArchiveConfig>, archive: Archive): HttpRoute[] {
  return [
    route(
      'GET',
      '/board',
      'The nodes of the hospital, and for each study what is there and what is here',
      async (request) => {
        const { nodes, studies, total } = boardOf(archive, context.config.warnLagSeconds, Date.now());
        const items = await Promise.all(
          studies.map(async (each) => {
            const found = await context.query.study(each.study, request.scope);
            const {
              PatientName = '',
              PatientNameIdeographic = '',
              PatientID = '',
              StudyDate = '',
              StudyDescription = '',
              modalities = [],
            } = found?.study ?? {};
            return {
              ...each,
              PatientName: PatientNameIdeographic || PatientName,
              PatientID,
              StudyDate,
              StudyDescription,
              modalities,
            };
          }),
        );
        const own = {
          name: context.node.name,
          role: archive.role ?? null,
          address: archive.address,
          fingerprint: archive.fingerprint,
        };
        return {
          body: { own, nodes, total, studies: items, warnLagSeconds: context.config.warnLagSeconds },
        };
      },
    ),
    route(
      'POST',
      '/join-codes',
      'Makes a code by which another node joins this one; good once, for a quarter of an hour',
      async (request) => {
        const { role } = parsed(codeBody, await request.json());
        return {
          status: 201,
          body: await archive.makeCode(role),
          audit: { action: 'change', target: `join code for a ${role}` },
        };
      },
      codeBody,
    ),
    route(
      'POST',
      '/join',
      'Joins this node to the centre that made the code',
      async (request) => {
        const { name, address } = await archive.join(parsed(joinBody, await request.json()).code);
        return {
          body: { name, address, role: archive.role },
          audit: { action: 'change', target: `node ${name}`, detail: 'joined' },
        };
      },
      joinBody,
    ),
    route('DELETE', '/nodes/:name', 'Removes a node: it is refused from now on', async (request) => {
      const name = request.params['name'] ?? '';
      await archive.remove(name);
      return { body: {}, audit: { action: 'change', target: `node ${name}`, detail: 'removed' } };
    }),
    route('POST', '/repair', 'Asks the nodes at once for what is missing here', async () => {
      await archive.repair();
      return { status: 202, body: {}, audit: { action: 'change', target: 'archive repair' } };
    }),
    route('POST', '/studies/:study/fetch', 'Brings a study here before others', (request) => {
      const studyInstanceUid = request.params['study'] ?? '';
      archive.holdings.want(studyInstanceUid, 'hint');
      archive.wake();
      return { status: 202, body: {}, audit: { action: 'change', target: 'archive fetch', studyInstanceUid } };
    }),
  ];
}

function route(
  method: HttpRoute['method'],
  path: string,
  summary: string,
  handle: (request: HttpRequest) => HttpReply | Promise<HttpReply>,
  body?: z.ZodType,
): HttpRoute {
  return {
    method,
    path: `/api/archive${path}`,
    policy: { access: 'permission', permission: PERMISSION },
    summary,
    handle,
    ...(body ? { requestSchema: z.toJSONSchema(body, { io: 'input' }) } : {}),
  };
}

/** @throws INVALID_REQUEST with the wrong fields */
function parsed<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new FilmlessError(
    'INVALID_REQUEST',
    result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
  );
}
