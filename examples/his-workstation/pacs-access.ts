/** How the HIS reaches the PACS. The account's secret stays on this server; a page gets tokens only. */
export interface PacsAccount {
  /** `https://pacs.hospital` */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** An exam as the HIS lists it. */
export interface Exam {
  readonly study: string;
  readonly accession: string;
  /** DA */
  readonly date: string;
  readonly modalities: readonly string[];
  readonly description: string;
}

/**
 * A token for a page that shows the images of one patient. This is the one place that knows how a token is had: the account signs in, and
 * its session is the token.
 */
export async function issuePacsToken(account: PacsAccount, _patientId: string): Promise<string> {
  const response = await fetch(`${account.url}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: account.user, password: account.password }),
  });
  if (!response.ok) throw new Error(`the PACS refused the account: HTTP ${response.status}`);
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'token' in answer && typeof answer.token === 'string')
    return answer.token;
  throw new Error('the PACS answered without a token');
}

/** The exams of a patient, newest first, by QIDO-RS from server to server. */
export async function listExams(account: PacsAccount, patientId: string): Promise<Exam[]> {
  const query = new URLSearchParams({
    PatientID: patientId,
    includefield: 'StudyDescription,ModalitiesInStudy',
    limit: '50',
  });
  const basic = Buffer.from(`${account.user}:${account.password}`).toString('base64');
  const response = await fetch(`${account.url}/dicom-web/studies?${query}`, {
    headers: { accept: 'application/dicom+json', authorization: `Basic ${basic}` },
  });
  if (response.status === 204) return [];
  if (!response.ok) throw new Error(`the PACS answered HTTP ${response.status}`);
  const studies = (await response.json()) as Record<string, { Value?: unknown[] } | undefined>[];
  const text = (study: (typeof studies)[number], tag: string) => (study[tag]?.Value ?? []).map(String);
  return studies
    .filter((study) => text(study, '00100020')[0]?.trim() === patientId)
    .map((study) => ({
      study: text(study, '0020000D')[0] ?? '',
      accession: text(study, '00080050')[0] ?? '',
      date: text(study, '00080020')[0] ?? '',
      modalities: text(study, '00080061'),
      description: text(study, '00081030')[0] ?? '',
    }))
    .sort((a, b) => b.date.localeCompare(a.date));
}
