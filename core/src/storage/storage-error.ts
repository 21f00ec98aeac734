import { FilmlessError } from '../errors.ts';

function hasCode(error: unknown): error is { code: string } {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}

/** The system's error code (`ENOENT`, …) of a failed file operation, '' when there is none. */
export function systemErrorCode(error: unknown): string {
  return hasCode(error) ? error.code : '';
}

/** A failed file operation as the registry's error: STORAGE_FULL when the disk or a quota is full, otherwise STORAGE_FAILED. */
export function storageError(error: unknown, doing: string): FilmlessError {
  if (error instanceof FilmlessError) return error;
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new FilmlessError('STORAGE_FULL', code, { cause: error });
  return new FilmlessError('STORAGE_FAILED', code ? `${doing} (${code})` : doing, { cause: error });
}
