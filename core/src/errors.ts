/**
 * Every error Filmless can answer with, in one table. A retired code is never used again.
 * Messages say what failed and what to do next, and never carry patient data.
 * `dimse` is the status a DIMSE peer sees (PS3.7 Annex C), `http` the one an HTTP client sees.
 */
interface ErrorDefinition {
  readonly http: number;
  readonly dimse: number;
  readonly title: string;
  readonly remedy: string;
}

const define = <K extends string>(table: Record<K, ErrorDefinition>) => table;

export const ERRORS = define({
  INTERNAL: {
    http: 500,
    dimse: 0x0110,
    title: 'Unexpected failure',
    remedy: 'See the log of this node at the time of the error.',
  },
  INVALID_REQUEST: {
    http: 400,
    dimse: 0xc000,
    title: 'The request is not valid',
    remedy: 'Correct the named part of the request and send it again.',
  },
  UNAUTHENTICATED: { http: 401, dimse: 0x0124, title: 'Sign-in needed', remedy: 'Sign in, or send a valid token.' },
  BAD_CREDENTIALS: {
    http: 401,
    dimse: 0x0124,
    title: 'User name or password is wrong',
    remedy: 'Check the user name and the password.',
  },
  TOKEN_INVALID: {
    http: 401,
    dimse: 0x0124,
    title: 'The token is not one of this node',
    remedy: 'Ask this node for a new token and send that.',
  },
  TOKEN_EXPIRED: {
    http: 401,
    dimse: 0x0124,
    title: 'The token has expired',
    remedy: 'Ask this node for a new token and send that.',
  },
  TOKEN_REVOKED: {
    http: 401,
    dimse: 0x0124,
    title: 'The token was revoked',
    remedy: 'Ask this node for a new token, if the account still may.',
  },
  SHARE_NOT_FOUND: {
    http: 404,
    dimse: 0x0124,
    title: 'There is no such shared link',
    remedy: 'Check that the whole address was opened, or ask whoever shared it for a new link.',
  },
  SHARE_CODE_NEEDED: {
    http: 401,
    dimse: 0x0124,
    title: 'The shared link needs its access code',
    remedy: 'Enter the eight digits that came another way than the link.',
  },
  SHARE_CODE_WRONG: {
    http: 401,
    dimse: 0x0124,
    title: 'The access code is wrong',
    remedy: 'Check the eight digits; after ten wrong codes the link is locked.',
  },
  SHARE_LOCKED: {
    http: 403,
    dimse: 0x0124,
    title: 'The shared link is locked after too many wrong access codes',
    remedy: 'Ask whoever shared it for a new link.',
  },
  SHARE_EXPIRED: {
    http: 410,
    dimse: 0x0124,
    title: 'The shared link has expired',
    remedy: 'Ask whoever shared it for a new link.',
  },
  SHARE_REVOKED: {
    http: 410,
    dimse: 0x0124,
    title: 'The shared link was revoked',
    remedy: 'Ask whoever shared it, if the images are still needed.',
  },
  SHARE_WITHDRAWN: {
    http: 403,
    dimse: 0x0124,
    title: 'The shared link shows nothing any more',
    remedy: 'Whoever shared it may not show this study now, or the study was changed: ask for a new link.',
  },
  PASSWORD_CHANGE_NEEDED: {
    http: 403,
    dimse: 0x0124,
    title: 'The password must be changed first',
    remedy: 'Set a new password, then go on.',
  },
  SECOND_FACTOR_NEEDED: {
    http: 401,
    dimse: 0x0124,
    title: 'A code of the authenticator is needed',
    remedy: 'Send the six digits, or a recovery code, with the password.',
  },
  FORBIDDEN: {
    http: 403,
    dimse: 0x0124,
    title: 'Not allowed',
    remedy: 'Ask IT for the permission named in the detail.',
  },
  NOT_FOUND: { http: 404, dimse: 0x0112, title: 'Not found', remedy: 'Check the identifier.' },
  METHOD_NOT_ALLOWED: {
    http: 405,
    dimse: 0x0211,
    title: 'Method not allowed',
    remedy: 'Use one of the methods in the Allow header.',
  },
  NOT_ACCEPTABLE: {
    http: 406,
    dimse: 0xa900,
    title: 'None of the accepted media types can be delivered',
    remedy: 'Accept one of the media types in the detail.',
  },
  CONFLICT: { http: 409, dimse: 0x0111, title: 'Conflicts with what is there', remedy: 'Reload and try again.' },
  KEPT_ELSEWHERE: {
    http: 409,
    dimse: 0x0111,
    title: 'Kept at another node, whose copy this is',
    remedy: 'Do it at the centre: it comes here by itself.',
  },
  KEY_DOES_NOT_FIT: {
    http: 409,
    dimse: 0x0111,
    title: 'The key does not fit',
    remedy: 'Give the secret key of the pair that it was encrypted for.',
  },
  RANGE_NOT_SATISFIABLE: {
    http: 416,
    dimse: 0xa900,
    title: 'Range outside the object',
    remedy: 'Ask for a range inside the size given.',
  },
  PAYLOAD_TOO_LARGE: {
    http: 413,
    dimse: 0xa700,
    title: 'Larger than this node accepts',
    remedy: 'Send smaller parts, or raise the limit in filmless.yaml.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    http: 415,
    dimse: 0xa900,
    title: 'Media type not supported',
    remedy: 'Send one of the media types in the detail.',
  },
  TOO_MANY_REQUESTS: { http: 429, dimse: 0xa700, title: 'Too many requests', remedy: 'Wait and try again.' },
  UNAVAILABLE: { http: 503, dimse: 0xa700, title: 'Not ready', remedy: 'Try again in a moment.' },
  STORAGE_FULL: {
    http: 507,
    dimse: 0xa700,
    title: 'The free-space floor of the storage is reached',
    remedy: 'Free disk space or add a disk; nothing was stored.',
  },
  STORAGE_FAILED: {
    http: 500,
    dimse: 0xa700,
    title: 'The storage could not keep the object',
    remedy: 'Check the disk; nothing was acknowledged.',
  },
  BLOB_MISSING: {
    http: 500,
    dimse: 0xa700,
    title: 'The stored object is not where it should be',
    remedy: 'Run filmless verify.',
  },
  BLOB_CORRUPT: {
    http: 500,
    dimse: 0xa700,
    title: 'The stored object does not match its hash',
    remedy: 'Run filmless verify and restore the object from a copy.',
  },
  NOT_DICOM: {
    http: 400,
    dimse: 0xc000,
    title: 'Not a DICOM object',
    remedy: 'The object is in quarantine; send a DICOM Part 10 file.',
  },
  DICOM_TRUNCATED: {
    http: 400,
    dimse: 0xc000,
    title: 'The DICOM object ends too early',
    remedy: 'The object is in quarantine; send it again.',
  },
  DICOM_MALFORMED: {
    http: 400,
    dimse: 0xc000,
    title: 'The DICOM object cannot be read',
    remedy: 'The object is in quarantine; see its reason.',
  },
  DICOM_IDENTIFIER_MISSING: {
    http: 400,
    dimse: 0xa900,
    title: 'A required unique identifier is missing',
    remedy: 'The object is in quarantine; SOP, study and series UIDs must have a value.',
  },
  SOP_CLASS_MISMATCH: {
    http: 409,
    dimse: 0xa900,
    title: 'The data set does not match the SOP class or instance announced',
    remedy: 'The object is in quarantine; check the sender.',
  },
  SOP_CLASS_NOT_SUPPORTED: {
    http: 415,
    dimse: 0x0122,
    title: 'SOP class not supported',
    remedy: 'Add the SOP class to the configuration of the DIMSE plugin.',
  },
  SOP_INSTANCE_NOT_FOUND: { http: 404, dimse: 0x0112, title: 'No such SOP instance', remedy: 'Check the UID.' },
  STUDY_NOT_FOUND: { http: 404, dimse: 0x0112, title: 'No such study', remedy: 'Check the Study Instance UID.' },
  FRAME_NOT_FOUND: {
    http: 404,
    dimse: 0x0112,
    title: 'No such frame',
    remedy: 'Frames are counted from 1 to Number of Frames.',
  },
  TRANSCODE_UNSUPPORTED: {
    http: 406,
    dimse: 0xa900,
    title: 'The image cannot be converted to the form asked for',
    remedy: 'Ask for transfer-syntax=* to get it as stored.',
  },
  DECODE_FAILED: {
    http: 500,
    dimse: 0xc000,
    title: 'The pixel data cannot be decoded',
    remedy: 'Ask for the object as stored; the file may be damaged.',
  },
  QUERY_INVALID_KEY: {
    http: 400,
    dimse: 0xa900,
    title: 'A query key is not valid',
    remedy: 'Correct the key named in the detail.',
  },
  QUERY_LEVEL_INVALID: {
    http: 400,
    dimse: 0xa900,
    title: 'The query level does not fit the model',
    remedy: 'Use a level of the information model, with the unique keys above it.',
  },
  MOVE_DESTINATION_UNKNOWN: {
    http: 400,
    dimse: 0xa801,
    title: 'Move destination unknown',
    remedy: 'Add the destination as a device.',
  },
  DEVICE_UNKNOWN: { http: 403, dimse: 0x0124, title: 'The device is not known', remedy: 'Approve it under Devices.' },
  DEVICE_UNREACHABLE: {
    http: 502,
    dimse: 0xa702,
    title: 'The device does not answer',
    remedy: 'Check its address, port and AE title, and that it is switched on.',
  },
  PLUGIN_FAILED: {
    http: 500,
    dimse: 0x0110,
    title: 'The plugin could not be started',
    remedy: 'See its cause under Plugins.',
  },
  PLUGIN_UNKNOWN: { http: 404, dimse: 0x0112, title: 'No such plugin', remedy: 'See filmless plugin list.' },
  PLUGIN_REQUIRED: {
    http: 409,
    dimse: 0x0110,
    title: 'The plugin is required',
    remedy: 'Disable what depends on it first.',
  },
  POINT_DUPLICATE_KEY: {
    http: 500,
    dimse: 0x0110,
    title: 'Two plugins contribute the same key',
    remedy: 'Disable one of the two plugins.',
  },
  CONFIG_INVALID: {
    http: 500,
    dimse: 0x0110,
    title: 'The configuration is not valid',
    remedy: 'Correct the named key in filmless.yaml.',
  },
  JOB_CANCELLED: {
    http: 409,
    dimse: 0xfe00,
    title: 'The job was cancelled',
    remedy: 'Start it again if it is still wanted.',
  },
  JOB_UNKNOWN_KIND: {
    http: 500,
    dimse: 0x0110,
    title: 'No plugin runs this kind of job',
    remedy: 'Enable the plugin that made the job.',
  },
});

export type ErrorCode = keyof typeof ERRORS;

/** An error with a code of the registry. `detail` goes to the peer: no patient data in it. */
export class FilmlessError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown }) {
    super(detail ? `${ERRORS[code].title}: ${detail}` : ERRORS[code].title, options);
    this.name = 'FilmlessError';
    this.code = code;
    this.detail = detail;
  }

  get httpStatus(): number {
    return ERRORS[this.code].http;
  }

  get dimseStatus(): number {
    return ERRORS[this.code].dimse;
  }

  get remedy(): string {
    return ERRORS[this.code].remedy;
  }

  /** What was thrown, as a FilmlessError: unknown causes become `INTERNAL` and keep their cause for the log. */
  static from(error: unknown): FilmlessError {
    return error instanceof FilmlessError ? error : new FilmlessError('INTERNAL', undefined, { cause: error });
  }
}
