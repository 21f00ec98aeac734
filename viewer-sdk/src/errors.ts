/**
 * Everything that can go wrong inside the viewer, in one table: code and the message keys shown for it.
 * A retired code is never used again. The user's words live in `i18n/`; no message carries patient data.
 */
export const VIEWER_ERRORS = {
  /** `server` is not a URL, or a UID attribute is not a UID. */
  VIEWER_BAD_ATTRIBUTE: { retry: false },
  /** The server cannot be reached: network, certificate, CORS. */
  VIEWER_SERVER_UNREACHABLE: { retry: true },
  /** The server answered with a failure of its own (5xx). */
  VIEWER_SERVER_FAILED: { retry: true },
  /** The answer is not what DICOMweb promises. */
  VIEWER_BAD_RESPONSE: { retry: true },
  /** 401, after the token was renewed once. */
  VIEWER_UNAUTHENTICATED: { retry: true },
  /** 403. */
  VIEWER_FORBIDDEN: { retry: false },
  /** No study with this UID, accession number or patient ID. */
  VIEWER_STUDY_NOT_FOUND: { retry: true },
  /** Several patients share the accession number. */
  VIEWER_AMBIGUOUS: { retry: false },
  /** The images belong to another patient than the `patient` attribute names: they are not shown. */
  VIEWER_PATIENT_MISMATCH: { retry: false },
  /** An image claims to belong to another study or series than the one it was asked from. */
  VIEWER_IDENTITY_MISMATCH: { retry: false },
  /** The engine's files could not be loaded or started. */
  VIEWER_ENGINE_FAILED: { retry: true },
  /** The pixels cannot be decoded here. */
  VIEWER_IMAGE_UNREADABLE: { retry: true },
  /** A kind of image this viewer does not show yet (video, floating point …). */
  VIEWER_IMAGE_UNSUPPORTED: { retry: false },
} as const satisfies Record<string, { readonly retry: boolean }>;

export type ViewerErrorCode = keyof typeof VIEWER_ERRORS;

/** A failure with a code of the table. `detail` is technical, for IT, and never carries patient data. */
export class ViewerError extends Error {
  readonly code: ViewerErrorCode;
  readonly detail: string | undefined;

  constructor(code: ViewerErrorCode, detail?: string, options?: { cause?: unknown }) {
    super(detail ? `${code}: ${detail}` : code, options);
    this.name = 'ViewerError';
    this.code = code;
    this.detail = detail;
  }

  /** Whether trying the same again may help. */
  get retryable(): boolean {
    return VIEWER_ERRORS[this.code].retry;
  }
}

/** True for the end of a request that nobody wants any more: not a failure. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Any failure as a ViewerError; unknown ones get `fallback`. */
export function toViewerError(error: unknown, fallback: ViewerErrorCode): ViewerError {
  if (error instanceof ViewerError) return error;
  // Shell and engine are two files, each with this class of its own.
  if (error instanceof Error && error.name === 'ViewerError' && 'code' in error && isViewerErrorCode(error.code)) {
    return new ViewerError(
      error.code,
      'detail' in error && typeof error.detail === 'string' ? error.detail : undefined,
      { cause: error },
    );
  }
  return new ViewerError(fallback, error instanceof Error ? error.message : undefined, { cause: error });
}

function isViewerErrorCode(code: unknown): code is ViewerErrorCode {
  return typeof code === 'string' && Object.hasOwn(VIEWER_ERRORS, code);
}
