import { FilmlessError } from '../errors.ts';

/** HTTP status of a PouchDB error or of one document's result; 0 when there is none. */
export function pouchStatus(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 0;
  if ('status' in error && typeof error.status === 'number') return error.status;
  // CouchDB's answer to one document of many has no status.
  if ('error' in error && error.error === 'conflict') return 409;
  return 0;
}

/** A failed operation on the records as the registry's error. The cause, for the log, may name the server but no patient. */
export function catalogueError(error: unknown): FilmlessError {
  if (error instanceof FilmlessError) return error;
  const status = pouchStatus(error);
  if (status === 409) return new FilmlessError('CONFLICT', 'The document was changed meanwhile', { cause: error });
  return new FilmlessError('UNAVAILABLE', 'The catalogue does not answer', { cause: error });
}
