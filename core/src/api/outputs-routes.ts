import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { identityOf, needs, uidSchema } from '../http/route-parts.ts';
import type { ApiRoutes } from './services.ts';

const MOST_STUDIES = 500;

const outputBody = z.strictObject({
  /** `export`: a file or the clipboard. */
  what: z.enum(['print', 'export']),
  of: z.enum(['images', 'report', 'list']),
  studyInstanceUids: z.array(uidSchema).min(1).max(MOST_STUDIES),
});

/** What a page prints or saves by itself, the node would not see. */
export const outputsRoutes: ApiRoutes = ({ services }) => [
  {
    method: 'POST',
    path: '/api/outputs',
    policy: needs('study.read'),
    // Written below, study by study.
    audit: 'none',
    summary: 'Tells the audit log that a page has printed or saved images, a report or a list of studies',
    requestSchema: z.toJSONSchema(outputBody),
    async handle(request) {
      const { what, of, studyInstanceUids } = outputBody.parse(await request.json());
      const { query, audit } = services();
      const found = await Promise.all(studyInstanceUids.map((uid) => query.study(uid, request.scope)));
      const studies = found.flatMap((one) => (one ? [one.study] : []));
      if (studies.length < found.length) throw new FilmlessError('STUDY_NOT_FOUND');
      const { kind, id } = identityOf(request);
      const written = studies.map(({ StudyInstanceUID, PatientID }) =>
        audit.recordDurably({
          action: what,
          outcome: 'success',
          actor: { kind, id },
          address: request.address ?? '',
          patientId: PatientID,
          studyInstanceUid: StudyInstanceUID,
          detail: of,
        }),
      );
      await Promise.all(written);
      return { status: 204 };
    },
  },
];
