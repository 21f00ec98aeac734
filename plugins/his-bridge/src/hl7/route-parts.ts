import { FilmlessError, type HttpReply, type HttpRequest, type HttpRoute } from '@filmless/core/plugin';
import { z } from 'zod';

export const HIS_PERMISSION = 'his.manage';

/** A route below `/api/his`, for who looks after the interfaces. */
export function hisRoute(
  method: HttpRoute['method'],
  path: string,
  summary: string,
  handle: (request: HttpRequest) => HttpReply | Promise<HttpReply>,
  body?: z.ZodType,
): HttpRoute {
  return {
    method,
    path: `/api/his${path}`,
    policy: { access: 'permission', permission: HIS_PERMISSION },
    summary,
    handle,
    ...(body ? { requestSchema: z.toJSONSchema(body, { io: 'input' }) } : {}),
  };
}

/** @throws INVALID_REQUEST with the wrong fields */
export function parsed<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new FilmlessError(
    'INVALID_REQUEST',
    result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
  );
}
