import { ZodError } from 'zod';
import { FilmlessError } from './errors.ts';

/** Errors of the runtime, whose messages name code and files. Others may quote what they were given, so their messages stay out. */
const PLAIN_MESSAGES = [TypeError, RangeError, ReferenceError];

/** What of an error may be logged: kind, code and where it was thrown; a message only where it cannot carry patient data. */
export function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  const system = 'syscall' in error && 'code' in error;
  const quotable = error instanceof FilmlessError || system || PLAIN_MESSAGES.some((kind) => error instanceof kind);
  return {
    error: error.name,
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(quotable ? { message: error.message } : {}),
    ...(error instanceof ZodError ? { fields: error.issues.map((issue) => issue.path.map(String).join('.')) } : {}),
    at: (error.stack ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('at '))
      .slice(0, 12),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}
