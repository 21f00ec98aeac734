import { eventually } from './eventually.ts';
import type { NodeProcess } from './node-process.ts';

export interface StudyState {
  destination: string;
  StudyInstanceUID: string;
  expected: number;
  delivered: number;
  refused: number;
  reasons: { state: string; code: string; detail: string; instances: number }[];
}
interface DestinationState {
  key: string;
  waiting: number;
  refused: number;
  state: { problem?: { code: string; detail: string } } | null;
}
interface Rule {
  id: string;
  destination: string;
  when?: object;
  paused?: boolean;
}

/** The REST of forwarding, as its screen uses it. Throws when the node does not answer as it should. */
export function forwardingOf(node: NodeProcess) {
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await node.fetch(`/api/forwarding${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const studies = (query: string) => ask<{ total: number; items: StudyState[] }>('GET', `/studies?${query}`);
  return {
    studies,
    save: (rules: Rule[]) => ask('PUT', '/rules', { items: rules.map((rule) => ({ title: rule.id, ...rule })) }),
    dryRun: (rule: Omit<Rule, 'id'>) =>
      ask<{ looked: number; matched: number; studies: number }>('POST', '/dry-run', {
        rule: { id: 'tried', title: 'tried', ...rule },
      }),
    /** Waits until the destination has accepted so many instances of a study, which are all. */
    complete: (study: string, destination: string, instances: number) =>
      eventually(async () => {
        const [found] = (await studies(`study=${study}&destination=${encodeURIComponent(destination)}`)).items;
        return found?.delivered === instances && found.expected === instances;
      }),
    destination: async (key: string) =>
      (await ask<{ items: DestinationState[] }>('GET', '/destinations')).items.find((each) => each.key === key),
    verify: (key: string) =>
      ask<{ ok: boolean; detail: string }>('POST', `/destinations/${encodeURIComponent(key)}/verify`),
    send: (study: string, destination: string) => ask('POST', `/studies/${study}/send`, { destination }),
    retry: (destination: string) => ask('POST', '/retry', { destination }),
    putServer: (name: string, settings: object) => ask('PUT', `/stow/${name}`, settings),
    removeServer: async (name: string) =>
      (await node.fetch(`/api/forwarding/stow/${name}`, { method: 'DELETE' })).status,
  };
}
