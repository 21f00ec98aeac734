import {
  type AccessPolicy,
  DIMSE_STATUS,
  type DicomJson,
  FilmlessError,
  findTag,
  type HttpReply,
  type HttpRequest,
  type HttpRoute,
  isAcceptableUid,
  type Jobs,
  type QueryIndex,
  tagOf,
  vrOf,
} from '@filmless/core/plugin';
import { z } from 'zod';
import type { OpenClient } from './client/client-association.ts';
import { echo, findStudies } from './client/query-client.ts';
import { characterSetSchema, deviceSchema } from './config.ts';
import type { Devices } from './devices.ts';
import { RETRIEVE_JOB } from './jobs/retrieve-job.ts';
import { SEND_JOB } from './jobs/send-job.ts';

interface Options {
  devices: Devices;
  open: OpenClient;
  jobs: () => Jobs;
  query: () => QueryIndex;
}

const READ: AccessPolicy = { access: 'permission', permission: 'device.read' };
const MANAGE: AccessPolicy = { access: 'permission', permission: 'device.manage' };

/** Any UID an object may have been stored under. */
const uid = z.string().refine(isAcceptableUid, 'not a UID');
const approveSchema = z.strictObject({
  title: z.string().trim().max(100).optional(),
  department: z.string().trim().max(64).optional(),
  characterSet: characterSetSchema.optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  address: z.string().trim().max(253).optional(),
});
const querySchema = z.strictObject({
  level: z.enum(['STUDY', 'SERIES', 'IMAGE']).default('STUDY'),
  /** Keyword or tag → value; '' asks for the attribute back. */
  keys: z.record(z.string(), z.string().max(1024)).default({}),
  limit: z.number().int().min(1).max(1000).default(100),
});
const retrieveSchema = z.strictObject({ studyInstanceUid: uid, seriesInstanceUid: uid.optional() });
const sendSchema = z.strictObject({ studyInstanceUid: uid, seriesInstanceUid: uid.optional() });
const DEFAULT_STUDY_KEYS = [
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyInstanceUID',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'StudyDescription',
  'ModalitiesInStudy',
  'NumberOfStudyRelatedInstances',
];

/** REST of devices. */
export function deviceRoutes(options: Options): HttpRoute[] {
  const { devices } = options;
  const route = (
    method: HttpRoute['method'],
    path: string,
    policy: AccessPolicy,
    summary: string,
    handle: HttpRoute['handle'],
    body?: z.ZodType,
  ): HttpRoute => ({
    method,
    path: `/api/devices${path}`,
    policy,
    summary,
    handle,
    ...(body ? { requestSchema: z.toJSONSchema(body, { io: 'input' }) } : {}),
  });
  return [
    route('GET', '', READ, 'Known devices', () => ({ body: devices.list() })),
    route(
      'POST',
      '',
      MANAGE,
      'Add a device',
      async (request) => ({ status: 201, body: await devices.add(await bodyOf(request, deviceSchema)) }),
      deviceSchema,
    ),
    route('GET', '/pending', READ, 'Devices that were refused and wait for approval', () => ({
      body: devices.pending.list(),
    })),
    route(
      'POST',
      '/pending/:aet/approve',
      MANAGE,
      'Make a refused device a known one',
      async (request) => ({
        status: 201,
        body: await devices.approve(aetOf(request), await bodyOf(request, approveSchema)),
      }),
      approveSchema,
    ),
    route('DELETE', '/pending/:aet', MANAGE, 'Forget a refused device', async (request) => {
      await devices.pending.remove(aetOf(request));
      return { status: 204 };
    }),
    route('PUT', '/:aet', MANAGE, 'Change a device', async (request) => {
      const body = await bodyOf(request, deviceSchema.partial({ aeTitle: true }));
      if (body.aeTitle !== undefined && body.aeTitle !== aetOf(request))
        throw new FilmlessError('INVALID_REQUEST', 'aeTitle: not the one of the path');
      return { body: await devices.replace(aetOf(request), body) };
    }),
    route('DELETE', '/:aet', MANAGE, 'Remove a device', async (request) => {
      await devices.remove(aetOf(request));
      return { status: 204 };
    }),
    route('POST', '/:aet/echo', MANAGE, 'Verify that a device answers (C-ECHO)', (request) =>
      echoDevice(options, request),
    ),
    route(
      'POST',
      '/:aet/query',
      MANAGE,
      'Ask a device for studies, series or images (C-FIND)',
      (request) => queryDevice(options, request),
      querySchema,
    ),
    route(
      'POST',
      '/:aet/retrieve',
      MANAGE,
      'Have a device send a study here (C-MOVE)',
      async (request) => {
        const device = devices.require(aetOf(request));
        const body = await bodyOf(request, retrieveSchema);
        return enqueued(options, request, RETRIEVE_JOB, `Retrieve a study from ${device.aeTitle}`, {
          aeTitle: device.aeTitle,
          ...body,
        });
      },
      retrieveSchema,
    ),
    route(
      'POST',
      '/:aet/send',
      MANAGE,
      'Send a study to a device (C-STORE)',
      async (request) => {
        const device = devices.require(aetOf(request));
        const body = await bodyOf(request, sendSchema);
        const keys = { [tagOf('StudyInstanceUID')]: { vr: 'UI', Value: [body.studyInstanceUid] } };
        const { scope } = request;
        if ((await options.query().count({ level: 'STUDY', keys, include: [], limit: 1, offset: 0, scope })) === 0)
          throw new FilmlessError('STUDY_NOT_FOUND');
        const reply = await enqueued(options, request, SEND_JOB, `Send a study to ${device.aeTitle}`, {
          aeTitle: device.aeTitle,
          ...body,
        });
        return { ...reply, audit: { action: 'export', studyInstanceUid: body.studyInstanceUid } };
      },
      sendSchema,
    ),
  ];
}

function aetOf(request: HttpRequest): string {
  return (request.params['aet'] ?? '').trim();
}

/** Throws INVALID_REQUEST with the wrong fields. */
async function bodyOf<S extends z.ZodType>(request: HttpRequest, schema: S): Promise<z.infer<S>> {
  const parsed = schema.safeParse((await request.json()) ?? {});
  if (parsed.success) return parsed.data;
  throw new FilmlessError(
    'INVALID_REQUEST',
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
  );
}

/** That a device does not answer is what was asked, not an error of the request. */
async function echoDevice({ devices, open }: Options, request: HttpRequest): Promise<HttpReply> {
  const device = devices.require(aetOf(request));
  const startedAt = performance.now();
  try {
    const { status, ms } = await echo(open, device, request.signal);
    const ok = status === DIMSE_STATUS.Success;
    return { body: { ok, ms, detail: ok ? '' : `status ${status.toString(16).toUpperCase().padStart(4, '0')}H` } };
  } catch (error) {
    return {
      body: { ok: false, ms: Math.round(performance.now() - startedAt), detail: FilmlessError.from(error).message },
    };
  }
}

async function queryDevice({ devices, open }: Options, request: HttpRequest): Promise<HttpReply> {
  const device = devices.require(aetOf(request));
  const { level, keys, limit } = await bodyOf(request, querySchema);
  const identifier: DicomJson = { '00080052': { vr: 'CS', Value: [level] } };
  if (level === 'STUDY')
    for (const keyword of DEFAULT_STUDY_KEYS) identifier[tagOf(keyword)] = { vr: vrOf(tagOf(keyword)) };
  for (const [key, value] of Object.entries(keys)) {
    const tag = findTag(key);
    if (tag === undefined) throw new FilmlessError('QUERY_INVALID_KEY', `${key} is no keyword or tag`);
    const vr = vrOf(tag);
    identifier[tag] = value === '' ? { vr } : { vr, Value: [vr === 'PN' ? { Alphabetic: value } : value] };
  }
  return { body: { items: await findStudies(open, device, identifier, { limit, signal: request.signal }) } };
}

async function enqueued(
  { jobs }: Options,
  request: HttpRequest,
  kind: string,
  title: string,
  payload: object,
): Promise<HttpReply> {
  const job = await jobs().enqueue({
    kind,
    title,
    payload,
    createdBy: request.identity?.id ?? '',
    dedupeKey: `${kind}:${JSON.stringify(payload)}`,
  });
  return { status: 202, body: job };
}
