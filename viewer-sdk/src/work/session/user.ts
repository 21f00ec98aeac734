import type { DicomWebClient } from '../../client/dicomweb-client.ts';

/**
 * The name of the user, for what he signs; empty where the server does not tell: another archive, or a page of another system.
 */
export async function askUser(client: DicomWebClient): Promise<string> {
  try {
    const answer = await client.request(
      '/api/sessions/current',
      { accept: 'application/json' },
      (response) => response.json() as Promise<unknown>,
    );
    const user = typeof answer === 'object' && answer !== null && 'user' in answer ? answer.user : undefined;
    if (typeof user !== 'object' || user === null) return '';
    for (const key of ['displayName', 'name']) {
      const value = (user as Record<string, unknown>)[key];
      if (typeof value === 'string' && value.trim() !== '') return value.trim();
    }
    return '';
  } catch {
    return '';
  }
}
