import { request } from './client.ts';
import { list, num, record, str, strings } from './decode.ts';

/** A token that a page of another system holds. */
export interface EmbedToken {
  id: string;
  service: string;
  /** Who sits before the page, as the other system says. */
  user: string;
  issuedAt: string;
  expiresAt: string;
  /** Empty: it still counts. */
  revokedAt: string;
}

export interface EmbedSettings {
  /** Whose pages may ask with tokens and frame the viewer. */
  origins: string[];
  maxTtlSeconds: number;
}

const of = (signal?: AbortSignal) => (signal ? { signal } : {});

export async function listEmbedTokens(signal?: AbortSignal): Promise<EmbedToken[]> {
  return list(await request('/api/embed/tokens', of(signal)), (value) => {
    const item = record(value);
    return {
      id: str(item['id']),
      service: str(item['service']),
      user: str(item['user']),
      issuedAt: str(item['issuedAt']),
      expiresAt: str(item['expiresAt']),
      revokedAt: str(item['revokedAt']),
    };
  });
}

export async function revokeEmbedToken(id: string): Promise<void> {
  await request(`/api/embed/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

export async function getEmbedSettings(signal?: AbortSignal): Promise<EmbedSettings> {
  const item = record(await request('/api/embed/settings', of(signal)));
  return { origins: strings(item['origins']), maxTtlSeconds: num(item['maxTtlSeconds']) };
}
