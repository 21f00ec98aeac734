/** How the HIS reaches the PACS. The key stays on this server; a page gets tokens only. */
export interface PacsAccount {
  /** `https://pacs.hospital` */
  readonly url: string;
  /** A key of the HIS's service account at the node: `POST /api/users/his/keys`. */
  readonly key: string;
}

const LIFE_SECONDS = 300;

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
 * A short-lived token that is good for the images of one patient alone. `user` is the physician for whom the HIS asks: the node writes the
 * name down with what is looked at.
 */
export async function issuePacsToken({ url, key }: PacsAccount, user: string, patientId: string): Promise<string> {
  const response = await fetch(`${url}/api/embed/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ user, patientId, ttlSeconds: LIFE_SECONDS }),
  });
  if (!response.ok) throw new Error(`the PACS gave no token: HTTP ${response.status}`);
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'token' in answer && typeof answer.token === 'string')
    return answer.token;
  throw new Error('the PACS answered without a token');
}

/** The exams of a patient, newest first, by QIDO-RS from server to server. */
export async function listExams(account: PacsAccount, user: string, patientId: string): Promise<Exam[]> {
  const token = await issuePacsToken(account, user, patientId);
  const query = new URLSearchParams({
    PatientID: patientId,
    includefield: 'StudyDescription,ModalitiesInStudy',
    limit: '50',
  });
  const response = await fetch(`${account.url}/dicom-web/studies?${query}`, {
    headers: { accept: 'application/dicom+json', authorization: `Bearer ${token}` },
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
