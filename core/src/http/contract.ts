import type { Readable } from 'node:stream';
import type { AuditAction, AuditEvent } from '../audit/contract.ts';
import type { AccessPolicy, AccessScope, Identity } from '../security/contract.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** From `:name` parts of the path, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Scheme, host and port as the client used them, no trailing slash: `https://pacs.hospital`. */
  readonly origin: string;
  /** Network address of the client. */
  readonly address?: string;
  /** Undefined on public routes without credentials. */
  readonly identity: Identity | undefined;
  readonly scope: AccessScope;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** The body as it comes. */
  stream(): Readable;
  /** The body as JSON, at most 1 MiB; INVALID_REQUEST otherwise. Parse it with zod. */
  json(): Promise<unknown>;
}

/** A long body that is written from buffers used again and again: garbage from fresh ones costs more than all else in sending. */
export interface BodyWriter {
  /**
   * Called once, unless there is nothing to send (HEAD) or the client left before. `write` resolves when the chunk is out of the process's
   * hands: only then may its memory be used again. It rejects when the client left. Throwing cuts the connection.
   */
  writeTo(write: (chunk: Uint8Array) => Promise<void>): Promise<void>;
  /** Called when the answer is over, whether anything was written or not: gives back what the body holds open. */
  close?(): void | Promise<void>;
}

export interface HttpReply {
  status?: number;
  headers?: Record<string, string | string[]>;
  /** Objects become JSON. Strings need a content-type header. */
  body?: string | Uint8Array | Readable | BodyWriter | object | null;
  /** True: already compressed or not worth it. */
  noCompression?: boolean;
  /** For the audit log, what path and policy do not tell: which account was made, whose study is sent. */
  audit?: Partial<Pick<AuditEvent, 'action' | 'target' | 'patientId' | 'studyInstanceUid' | 'detail'>>;
}

export interface HttpRoute {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** `/dicom-web/studies/:study`; a last part `*rest` takes the rest of the path. */
  path: string;
  policy: AccessPolicy;
  /** What using it means for the audit log, when policy and method do not tell; see audit/request-audit.ts. */
  audit?: AuditAction | 'none';
  /** One line for /api/openapi.json. */
  summary: string;
  /** JSON Schema (z.toJSONSchema) of the body, if any. */
  requestSchema?: object;
  responseSchema?: object;
  /** The body of refusals and failures in the words of the route's own protocol; `application/problem+json` without it. */
  failure?(problem: { status: number; code: string; title: string; detail?: string }): {
    contentType: string;
    body: string;
  };
  handle(request: HttpRequest): Promise<HttpReply> | HttpReply;
}
