import { S3ServiceException } from '@aws-sdk/client-s3';
import { FilmlessError } from '@filmless/core/plugin';

/** Codes of a store that is out of room, Amazon's and those of MinIO and Ceph. */
const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'InsufficientStorage']);
/** What a person has to put right before any request can succeed. */
const REFUSED = new Set([
  'AccessDenied',
  'CredentialsProviderError',
  'Forbidden',
  'InvalidAccessKeyId',
  'InvalidBucketName',
  'NoSuchBucket',
  'PermanentRedirect',
  'SignatureDoesNotMatch',
]);

export function isAbsent(error: unknown): boolean {
  return nameOf(error) === 'NoSuchKey' || nameOf(error) === 'NotFound';
}

export function isOutOfRange(error: unknown): boolean {
  return nameOf(error) === 'InvalidRange' || statusOf(error) === 416;
}

/** A failed request as the registry's error; neither keys nor credentials are in its text. */
export function objectError(error: unknown, doing: string): FilmlessError {
  if (error instanceof FilmlessError) return error;
  const name = nameOf(error);
  const status = statusOf(error);
  if (FULL.has(name) || status === 507) {
    return new FilmlessError('STORAGE_FULL', `The object store has no room (${name})`, { cause: error });
  }
  if (isOutOfRange(error)) {
    return new FilmlessError('RANGE_NOT_SATISFIABLE', undefined, { cause: error });
  }
  // Refusals and bad requests stay what they are; all else may pass: no route, time-outs, 5xx, "slow down".
  if (REFUSED.has(name) || (status !== undefined && status < 500 && status !== 429)) {
    return new FilmlessError('STORAGE_FAILED', `${doing}: the object store refused (${name})`, { cause: error });
  }
  return new FilmlessError('UNAVAILABLE', `${doing}: the object store cannot be reached (${name})`, { cause: error });
}

/** At the start: CONFIG_INVALID with the setting to correct; undefined when the store may merely be away. */
export function configurationError(error: unknown): FilmlessError | undefined {
  const name = nameOf(error);
  const wrong = (text: string) => new FilmlessError('CONFIG_INVALID', `plugins.storage-s3.${text}`, { cause: error });
  switch (name) {
    case 'NoSuchBucket':
    case 'InvalidBucketName':
    case 'PermanentRedirect':
      return wrong(`bucket: the object store has no such bucket there (${name})`);
    case 'CredentialsProviderError':
      return wrong('credentials: there are none; set them here, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
    default:
      return REFUSED.has(name) ? wrong(`credentials: the object store does not accept them (${name})`) : undefined;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  return error instanceof S3ServiceException || typeof code !== 'string' ? error.name : code;
}
