import { z } from 'zod';
import { isAcceptableUid } from '../dicom/uids.ts';
import { FilmlessError } from '../errors.ts';
import type { AccessPolicy, CorePermission, Identity } from '../security/contract.ts';
import type { HttpRequest } from './contract.ts';

export const SIGNED_IN: AccessPolicy = { access: 'signed-in' };

export function needs(permission: CorePermission): AccessPolicy {
  return { access: 'permission', permission };
}

/** Any UID an object may have been stored under. */
export const uidSchema = z.string().refine(isAcceptableUid, 'not a UID');

/** Whole numbers as they stand in a query. */
export const countSchema = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'not a whole number')
    .transform(Number)
    .pipe(z.number().max(max));

/** Values between commas. */
export const listSchema = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .pipe(z.array(z.string().max(64)).max(64));

/** The query as a record for zod. A key given twice is refused: which one counts would be a guess. */
export function parseQuery<T>(request: HttpRequest, schema: z.ZodType<T>): T {
  const given: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, value] of request.query) {
    if (key in given) throw new FilmlessError('INVALID_REQUEST', `${key.slice(0, 64)}: given more than once`);
    given[key] = value;
  }
  return schema.parse({ ...given });
}

/** A named part of the path. */
export function param(request: HttpRequest, name: string): string {
  return request.params[name] ?? '';
}

/** Of a route that is not public there is always one. */
export function identityOf(request: HttpRequest): Identity {
  if (!request.identity) throw new FilmlessError('UNAUTHENTICATED');
  return request.identity;
}
