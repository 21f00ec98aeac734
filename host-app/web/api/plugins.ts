import { request } from './client.ts';
import type { LocalizedText } from './decode.ts';
import { bool, list, localized, oneOf, record, str, strings } from './decode.ts';

export interface PluginStatus {
  id: string;
  title: LocalizedText;
  state: 'active' | 'disabled' | 'failed';
  essential: boolean;
  requires: string[];
  cause: { code: string; detail: string; at: string } | undefined;
  contributions: { point: string; key: string }[];
}

export async function listPlugins(signal?: AbortSignal): Promise<PluginStatus[]> {
  return list(await request('/api/plugins', signal ? { signal } : {}), (value) => {
    const item = record(value);
    const cause = record(item['cause']);
    return {
      id: str(item['id']),
      title: localized(item['title']),
      state: oneOf(item['state'], ['failed', 'active', 'disabled']),
      essential: bool(item['essential']),
      requires: strings(item['requires']),
      cause: item['cause']
        ? { code: str(cause['code']), detail: str(cause['detail']), at: str(cause['at']) }
        : undefined,
      contributions: list(item['contributions'], (entry) => ({
        point: str(record(entry)['point']),
        key: str(record(entry)['key']),
      })),
    };
  });
}

export async function setPluginEnabled(id: string, enabled: boolean): Promise<void> {
  await request(`/api/plugins/${encodeURIComponent(id)}/${enabled ? 'enable' : 'disable'}`, { method: 'POST' });
}

export interface UiEntry {
  slot: string;
  title: LocalizedText;
  /** '' where the plugin names none. */
  icon: string;
  /** Custom element the module defines. */
  element: string;
  module: string;
}

/** Screens of plugins this user may see. */
export async function listUi(signal?: AbortSignal): Promise<UiEntry[]> {
  return list(await request('/api/ui', signal ? { signal } : {}), (value) => {
    const item = record(value);
    return {
      slot: str(item['slot']),
      title: localized(item['title']),
      icon: str(item['icon']),
      element: str(item['element']),
      module: str(item['module']),
    };
  });
}
