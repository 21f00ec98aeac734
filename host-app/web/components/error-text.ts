import { ApiError } from '../api/client.ts';
import { t } from '../i18n/index.ts';

export interface ErrorText {
  title: string;
  remedy: string;
  /** Code, what the node said and the request, for IT. */
  forIt: string;
}

/** The user's words for whatever was thrown. */
export function errorText(thrown: unknown): ErrorText {
  const error = ApiError.from(thrown);
  const known = t.errors[error.code];
  const forIt = [
    t.common.codeForIt(error.code),
    error.detail,
    error.requestId === '' ? '' : t.common.requestForIt(error.requestId),
  ];
  return {
    title: known?.title ?? (error.title || t.errors['INTERNAL']?.title || error.code),
    remedy: known?.remedy ?? error.remedy,
    forIt: t.common.joined(forIt),
  };
}

/** The same for a code and detail that are part of a record (a job, a plugin, a quarantined file). */
export function codeText(code: string, detail = ''): ErrorText {
  return errorText(new ApiError({ code, status: 0, detail }));
}
