import { request } from './client.ts';
import { bool, list, num, oneOf, record, str } from './decode.ts';

export interface Device {
  aeTitle: string;
  address: string;
  port: number;
  title: string;
  department: string;
  characterSet: string;
  capabilities: Record<string, boolean>;
  /** `config`: from filmless.yaml, not changed here. */
  origin: 'config' | 'rest';
  lastSeenAt: string;
  instancesReceived: number;
}

export type DeviceInput = Pick<Device, 'aeTitle' | 'address' | 'port' | 'title' | 'department' | 'characterSet'>;

function readDevice(value: unknown): Device {
  const item = record(value);
  return {
    aeTitle: str(item['aeTitle']),
    address: str(item['address']),
    port: num(item['port']),
    title: str(item['title']),
    department: str(item['department']),
    characterSet: str(item['characterSet']),
    capabilities: Object.fromEntries(Object.entries(record(item['capabilities'])).map(([key, on]) => [key, bool(on)])),
    origin: oneOf(item['origin'], ['rest', 'config']),
    lastSeenAt: str(item['lastSeenAt']),
    instancesReceived: num(item['instancesReceived']),
  };
}

export async function listDevices(signal?: AbortSignal): Promise<Device[]> {
  return list(await request('/api/devices', signal ? { signal } : {}), readDevice);
}

export async function createDevice(device: DeviceInput): Promise<void> {
  await request('/api/devices', { method: 'POST', body: device });
}

export async function updateDevice(aeTitle: string, device: DeviceInput): Promise<void> {
  await request(`/api/devices/${encodeURIComponent(aeTitle)}`, { method: 'PUT', body: device });
}

export async function deleteDevice(aeTitle: string): Promise<void> {
  await request(`/api/devices/${encodeURIComponent(aeTitle)}`, { method: 'DELETE' });
}

export interface EchoResult {
  ok: boolean;
  ms: number;
  detail: string;
}

/** C-ECHO from the node to the device. */
export async function echoDevice(aeTitle: string): Promise<EchoResult> {
  const item = record(await request(`/api/devices/${encodeURIComponent(aeTitle)}/echo`, { method: 'POST' }));
  return { ok: bool(item['ok']), ms: num(item['ms']), detail: str(item['detail']) };
}

/** A device that tried to connect and is not known. */
export interface PendingDevice {
  aeTitle: string;
  address: string;
  firstSeenAt: string;
  lastSeenAt: string;
  attempts: number;
  calledAeTitle: string;
}

export async function listPendingDevices(signal?: AbortSignal): Promise<PendingDevice[]> {
  return list(await request('/api/devices/pending', signal ? { signal } : {}), (value) => {
    const item = record(value);
    return {
      aeTitle: str(item['aeTitle']),
      address: str(item['address']),
      firstSeenAt: str(item['firstSeenAt']),
      lastSeenAt: str(item['lastSeenAt']),
      attempts: num(item['attempts']),
      calledAeTitle: str(item['calledAeTitle']),
    };
  });
}

export async function approveDevice(aeTitle: string, device: Omit<DeviceInput, 'aeTitle'>): Promise<void> {
  await request(`/api/devices/pending/${encodeURIComponent(aeTitle)}/approve`, { method: 'POST', body: device });
}

export async function dismissPendingDevice(aeTitle: string): Promise<void> {
  await request(`/api/devices/pending/${encodeURIComponent(aeTitle)}`, { method: 'DELETE' });
}
