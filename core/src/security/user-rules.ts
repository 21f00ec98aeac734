import { z } from 'zod';

export const PASSWORD_MIN_LENGTH = 8;
const PASSWORD_MAX_LENGTH = 256;

/** User names are compared without regard to case or width, as people type them. */
export function normalizeUserName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** No colon (HTTP Basic ends the name there), nothing that needs care in a path or a log line. */
export const userNameSchema = z
  .string()
  .transform(normalizeUserName)
  .pipe(
    z
      .string()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u, 'letters, digits, dot, dash, underscore or @; at most 64'),
  );

export const passwordSchema = z
  .string()
  .min(PASSWORD_MIN_LENGTH, `at least ${PASSWORD_MIN_LENGTH} characters`)
  .max(PASSWORD_MAX_LENGTH, `at most ${PASSWORD_MAX_LENGTH} characters`);

export const displayNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^\P{Cc}+$/u, 'no control characters');
