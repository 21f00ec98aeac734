import { ApiError } from '../api/client.ts';
import { t } from '../i18n/index.ts';

/** Their title alone says too little: the detail belongs beside it. */
const TOLD_BY_DETAIL: ReadonlySet<string> = new Set(['CONFLICT', 'INVALID_REQUEST', 'NOT_FOUND', 'FORBIDDEN']);

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
  const title = known?.title ?? (error.title || t.errors['INTERNAL']?.title || error.code);
  const detail = error.detail === '' ? '' : t.common.detail(error.detail);
  const isToldByDetail = detail !== '' && TOLD_BY_DETAIL.has(error.code);
  const forIt = [
    t.common.codeForIt(error.code),
    isToldByDetail ? '' : detail,
    error.requestId === '' ? '' : t.common.requestForIt(error.requestId),
  ];
  return {
    title: isToldByDetail ? t.common.because(title, detail) : title,
    remedy: known?.remedy ?? error.remedy,
    forIt: t.common.joined(forIt),
  };
}

/** The same for a code and detail that are part of a record (a job, a plugin, a quarantined file). */
export function codeText(code: string, detail = ''): ErrorText {
  return errorText(new ApiError({ code, status: 0, detail }));
}
