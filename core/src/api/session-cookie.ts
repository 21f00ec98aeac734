import { SESSION_COOKIE } from '../http/authenticate.ts';
import type { HttpRequest } from '../http/contract.ts';
import type { SecuritySettings } from '../security/open-security.ts';

/** An empty value takes the cookie away. */
export function sessionCookie(request: Pick<HttpRequest, 'origin'>, value: string, settings: SecuritySettings): string {
  const { absoluteHours = 12, sameSite = 'strict' } = settings.sessions ?? {};
  const secure = request.origin.startsWith('https:') ? '; Secure' : '';
  const maxAgeS = value === '' ? 0 : absoluteHours * 3600;
  const site = sameSite === 'lax' ? 'Lax' : 'Strict';
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=${site}${secure}`;
}
