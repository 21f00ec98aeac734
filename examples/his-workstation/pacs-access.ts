/** How the HIS reaches the PACS. The key stays on this server; a page gets tokens only. */
export interface PacsAccount {
  /** `https://pacs.hospital` */
  readonly url: string;
  /** A key of the HIS's service account at the node: `POST /api/users/his/keys`. */
  readonly key: string;
  /** How long a token of a page is good; the viewer asks for the next one by itself. Default 300. */
  readonly tokenSeconds?: number;
}

/**
 * A short-lived token that is good for the images of one patient alone. `user` is the physician for whom the HIS asks: the node writes the
 * name down with what is looked at.
 */
export async function issuePacsToken(
  { url, key, tokenSeconds = 300 }: PacsAccount,
  user: string,
  patientId: string,
): Promise<string> {
  const response = await fetch(`${url}/api/embed/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ user, patientId, ttlSeconds: tokenSeconds }),
  });
  if (!response.ok) throw new Error(`the PACS gave no token: HTTP ${response.status}`);
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'token' in answer && typeof answer.token === 'string')
    return answer.token;
  throw new Error('the PACS answered without a token');
}
