import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { identityOf, needs, param, uidSchema } from '../http/route-parts.ts';
import type { StudyRow } from '../query/contract.ts';
import type { Identity } from '../security/contract.ts';
import { MAX_SHARE_DAYS, type OpenedShare } from '../security/share-links.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const MAX_LISTED = 500;

const createBody = z.strictObject({
  studyInstanceUid: uidSchema,
  expiresInDays: z.number().int().min(1).max(MAX_SHARE_DAYS),
  note: z
    .string()
    .trim()
    .max(200)
    .regex(/^\P{Cc}*$/u, 'no control characters')
    .default('')
    .describe('For whom it is'),
  accessCode: z.boolean().default(true).describe('Ask for eight digits that go another way than the link'),
  report: z.boolean().default(false).describe('Show the reports of the study too'),
});
const redeemBody = z.strictObject({
  id: z.string().max(64),
  secret: z.string().max(64),
  accessCode: z
    .string()
    .max(32)
    .transform((text) => text.replaceAll(/[\s-]/g, ''))
    .optional(),
});

/** Links that show one study to people without an account. */
export const sharesRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'POST',
    path: '/api/shares',
    policy: needs('share.create'),
    // Written below, with whose study and until when.
    audit: 'none',
    summary: 'Shares a study by link; the secret in its address and the access code are shown here alone',
    requestSchema: z.toJSONSchema(createBody, { io: 'input' }),
    async handle(request) {
      const identity = identityOf(request);
      const body = createBody.parse(await request.json());
      const { shares } = services().security;
      // By what the link will see: an emergency of its maker opens nothing to others.
      const seen = await shares.identityFor(identity, body.studyInstanceUid);
      const study = await visibleStudy(services(), body.studyInstanceUid, seen);
      if (!study) throw new FilmlessError('STUDY_NOT_FOUND');
      const { id, secret, accessCode, expiresAt } = await shares.create(identity, study, body);
      await services().audit.recordDurably({
        action: 'token',
        outcome: 'success',
        actor: { kind: identity.kind, id: identity.id },
        address: request.address ?? '',
        target: id,
        patientId: study.PatientID,
        studyInstanceUid: body.studyInstanceUid,
        detail: `shared until ${expiresAt}${body.report ? ', with reports' : ''}${accessCode === undefined ? ', without access code' : ''}`,
      });
      log.info({ audit: 'share.create', who: identity.id, target: id }, 'study shared by link');
      return {
        status: 201,
        headers: { 'Cache-Control': 'no-store' },
        body: {
          id,
          // Browsers send no fragment: the secret is in no log and no Referer.
          url: `${request.origin}/share/${id}#${secret}`,
          ...(accessCode === undefined ? {} : { accessCode }),
          expiresAt,
        },
        noCompression: true,
      };
    },
  },
  {
    method: 'GET',
    path: '/api/shares',
    policy: needs('share.create'),
    summary: 'Shared links, the newest first: one’s own, all of an administrator',
    async handle(request) {
      const { query, security } = services();
      const listed = await security.shares.list(ownerOf(services(), identityOf(request)));
      // Which study it is, for whoever may see it himself.
      const shown = listed.slice(0, MAX_LISTED).map(async (share) => {
        const found = await query.study(share.studyInstanceUid, request.scope);
        return { ...share, ...(found ? { study: found.study } : {}) };
      });
      return { body: { shares: await Promise.all(shown), maxDays: security.shares.maxDays } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/shares/:id',
    policy: needs('share.create'),
    summary: 'Revokes a shared link at once: one’s own, any of an administrator',
    async handle(request) {
      const identity = identityOf(request);
      const id = param(request, 'id');
      const studyInstanceUid = await services().security.shares.revoke(id, ownerOf(services(), identity));
      log.info({ audit: 'share.revoke', who: identity.id, target: id }, 'shared link revoked');
      return { status: 204, audit: { target: id, studyInstanceUid, detail: 'shared link revoked' } };
    },
  },
  {
    method: 'POST',
    path: '/api/shares/redeem',
    policy: { access: 'public', why: "carries a shared link's secret, and its access code" },
    summary: 'Exchanges what a shared link carries for a token of some minutes',
    requestSchema: z.toJSONSchema(redeemBody, { io: 'input' }),
    async handle(request) {
      const body = redeemBody.parse(await request.json());
      const address = request.address ?? '';
      const { opened, token, expiresAt, isNew } = await redeem(services(), body, address).catch((error: unknown) => {
        const { code } = FilmlessError.from(error);
        // That a code is asked for refuses nobody.
        if (code !== 'SHARE_CODE_NEEDED')
          services().audit.recordOnce(['share', address, body.id, code].join('\n'), {
            action: 'sign-in',
            outcome: 'refused',
            actor: { kind: 'unknown', id: '' },
            address,
            target: code === 'SHARE_NOT_FOUND' ? '' : body.id,
            detail: `shared link: ${code}`,
          });
        throw error;
      });
      const { id, share, identity } = opened;
      if (isNew) {
        await services().audit.recordDurably({
          action: 'sign-in',
          outcome: 'success',
          actor: { kind: identity.kind, id: identity.id },
          address,
          target: id,
          studyInstanceUid: share.studyInstanceUid,
          detail: 'shared link opened',
        });
        log.info({ audit: 'share.open', who: identity.id, target: id, address }, 'shared link opened');
      }
      const { studyInstanceUid, report } = share;
      return {
        status: 201,
        headers: { 'Cache-Control': 'no-store' },
        body: { token, expiresAt, studyInstanceUid, report, linkExpiresAt: share.expiresAt },
        noCompression: true,
      };
    },
  },
];

/** @throws as `ShareLinks.open`; SHARE_WITHDRAWN when the study is out of sight now */
async function redeem(
  services: Pick<ApiServices, 'security' | 'query'>,
  given: z.infer<typeof redeemBody>,
  address: string,
): Promise<{ opened: OpenedShare; token: string; expiresAt: string; isNew: boolean }> {
  const { shares } = services.security;
  const opened = await shares.open(given, address);
  if (!(await visibleStudy(services, opened.share.studyInstanceUid, opened.identity)))
    throw new FilmlessError('SHARE_WITHDRAWN');
  return { opened, ...(await shares.issueToken(opened, address)) };
}

async function visibleStudy(
  { security, query }: Pick<ApiServices, 'security' | 'query'>,
  studyInstanceUid: string,
  identity: Identity,
): Promise<StudyRow | undefined> {
  return (await query.study(studyInstanceUid, security.service.scopeOf(identity)))?.study;
}

/** Whose links somebody may see and revoke; undefined = everybody's. */
function ownerOf({ security }: Pick<ApiServices, 'security'>, identity: Identity): string | undefined {
  return security.service.decide(identity, 'user.manage').allowed ? undefined : identity.id;
}
