import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import { ZodError } from 'zod';

type IssueCode = OperationOutcomeIssue['code'];

/** An answer that is no resource: its status, and what FHIR calls it. */
export class FhirError extends Error {
  readonly status: number;
  readonly code: IssueCode;
  readonly headers: Record<string, string>;

  /** @param diagnostics goes to the client: no patient data in it */
  constructor(status: number, code: IssueCode, diagnostics: string, headers: Record<string, string> = {}) {
    super(diagnostics);
    this.name = 'FhirError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const notFound = (): FhirError =>
  new FhirError(404, 'not-found', 'there is no such resource, or you may not see it');

const CODES: Record<number, IssueCode> = {
  400: 'invalid',
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  406: 'not-supported',
  409: 'conflict',
  413: 'too-long',
  415: 'not-supported',
  429: 'throttled',
  503: 'transient',
};
export const issueCodeOf = (status: number): IssueCode => CODES[status] ?? (status >= 500 ? 'exception' : 'processing');

const MAX_ISSUES = 8;

export function outcome(
  severity: OperationOutcomeIssue['severity'],
  code: IssueCode,
  diagnostics: string,
): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: [{ severity, code, diagnostics }] };
}

/** What FHIR itself refuses; undefined for all else, which the node notes, logs and answers in the route's words. */
export function outcomeOf(
  error: unknown,
): { status: number; headers: Record<string, string>; body: OperationOutcome } | undefined {
  if (error instanceof FhirError)
    return { status: error.status, headers: error.headers, body: outcome('error', error.code, error.message) };
  return error instanceof ZodError ? { status: 400, headers: {}, body: invalid(error) } : undefined;
}

/** Names the elements, never their values. */
function invalid(error: ZodError): OperationOutcome {
  const issue = error.issues.slice(0, MAX_ISSUES).map((one): OperationOutcomeIssue => {
    const path = one.path.map(String).join('.');
    return { severity: 'error', code: 'invalid', diagnostics: one.message, ...(path ? { expression: [path] } : {}) };
  });
  return { resourceType: 'OperationOutcome', issue };
}
