import { ApiError, request } from './client.ts';
import type { LocalizedText } from './decode.ts';
import { list, localized, num, oneOf, optionalNum, record, str } from './decode.ts';

export interface NodeInfo {
  name: string;
  version: string;
  aeTitle: string;
  dicomPort: number | null;
  httpPort: number;
  startedAt: string;
  uptimeSeconds: number;
}

export async function getNode(signal?: AbortSignal): Promise<NodeInfo> {
  const item = record(await request('/api/node', signal ? { signal } : {}));
  return {
    name: str(item['name']),
    version: str(item['version']),
    aeTitle: str(item['aeTitle']),
    dicomPort: optionalNum(item['dicomPort']),
    httpPort: num(item['httpPort']),
    startedAt: str(item['startedAt']),
    uptimeSeconds: num(item['uptimeSeconds']),
  };
}

export type HealthState = 'ok' | 'warning' | 'failed';

export interface HealthReport {
  state: HealthState;
  checks: { key: string; title: LocalizedText; state: HealthState; detail: LocalizedText }[];
}

const STATES = ['failed', 'ok', 'warning'] as const;

export async function getHealth(signal?: AbortSignal): Promise<HealthReport> {
  const item = record(await request('/api/health', signal ? { signal } : {}));
  return {
    state: oneOf(item['state'], STATES),
    checks: list(item['checks'], (value) => {
      const check = record(value);
      return {
        key: str(check['key']),
        title: localized(check['title']),
        state: oneOf(check['state'], STATES),
        detail: localized(check['detail']),
      };
    }),
  };
}

/** Public: is the node there, and ready to serve? */
export async function isReady(signal?: AbortSignal): Promise<'ready' | 'not-ready' | 'unreachable'> {
  try {
    await request('/readyz', { ...(signal ? { signal } : {}), expectUnauthenticated: true });
    return 'ready';
  } catch (error) {
    const { code, status } = ApiError.from(error);
    if (code === 'BAD_ANSWER') return 'ready';
    return status === 0 ? 'unreachable' : 'not-ready';
  }
}
