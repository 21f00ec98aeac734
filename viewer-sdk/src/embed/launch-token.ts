const KEPT = 'filmless-launch';

interface Kept {
  address: string;
  token: string;
  expiresAt: string;
}

/**
 * The token of a page that another system launched: exchanged for the code in the address, once, and kept for this tab alone, so that the
 * page can be loaded again while it lasts. Undefined when a person opened the page.
 */
export function launchToken(query: URLSearchParams): Promise<string> | undefined {
  const code = query.get('launch');
  if (code === null) return kept(location.pathname + location.search);
  query.delete('launch');
  const address = `${location.pathname}?${query}`;
  history.replaceState(history.state, '', address);
  return redeem(code, address);
}

async function redeem(code: string, address: string): Promise<string> {
  const response = await fetch('/api/embed/launches/redeem', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    credentials: 'omit',
    body: JSON.stringify({ code }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok || !isGiven(answer)) throw new Error(`the launch was refused: HTTP ${response.status}`);
  sessionStorage.setItem(KEPT, JSON.stringify({ ...answer, address } satisfies Kept));
  return answer.token;
}

function kept(address: string): Promise<string> | undefined {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Partial<Kept> | null;
    if (found?.address !== address || !isGiven(found) || Date.parse(found.expiresAt) <= Date.now()) return undefined;
    return Promise.resolve(found.token);
  } catch {
    return undefined;
  }
}

function isGiven(value: unknown): value is { token: string; expiresAt: string } {
  const given = value as { token?: unknown; expiresAt?: unknown } | null | undefined;
  return typeof given?.token === 'string' && typeof given.expiresAt === 'string';
}
