import { request } from './client.ts';
import { bool, list, num, oneOf, optionalNum, record, str, strings } from './decode.ts';

/** What the node may ask of a device. */
export interface DeviceCapabilities {
  store: boolean;
  find: boolean;
  retrieve: boolean;
}

export interface DeviceInput {
  aeTitle: string;
  address: string;
  port: number;
  title: string;
  department: string;
  /** Empty: none is assumed. */
  characterSet: string;
  /** Refuse the AE title from another address. */
  checkAddress: boolean;
  capabilities: DeviceCapabilities;
  /** Not changed here, but kept: the node replaces a device as a whole. */
  maxAssociations: number | null;
  /** Called, and taken from, over TLS alone. */
  tls: boolean;
  /** SHA-256 of the certificate it proves itself with; empty: any that the node trusts. */
  certificate: string;
  /** Whose studies it may find and fetch; empty: all. */
  departments: readonly string[];
}

export interface Device extends DeviceInput {
  /** `config`: from filmless.yaml, not changed here. */
  origin: 'config' | 'rest';
  lastSeenAt: string;
  instancesReceived: number;
}

function readDevice(value: unknown): Device {
  const item = record(value);
  const capabilities = record(item['capabilities']);
  return {
    aeTitle: str(item['aeTitle']),
    address: str(item['address']),
    port: num(item['port']),
    title: str(item['title']),
    department: str(item['department']),
    characterSet: str(item['characterSet']),
    checkAddress: item['checkAddress'] !== false,
    capabilities: {
      store: bool(capabilities['store']),
      find: bool(capabilities['find']),
      retrieve: bool(capabilities['retrieve']),
    },
    maxAssociations: optionalNum(item['maxAssociations']),
    tls: item['tls'] !== undefined,
    certificate: str(record(item['tls'])['certificate']),
    departments: strings(item['departments']),
    origin: oneOf(item['origin'], ['rest', 'config']),
    lastSeenAt: str(item['lastSeenAt']),
    instancesReceived: num(item['instancesReceived']),
  };
}

/** Without what is empty: the node takes its own defaults there. */
function toBody(device: DeviceInput): object {
  const { aeTitle, address, port, title, department, checkAddress, capabilities } = device;
  const { characterSet, maxAssociations, tls, certificate, departments } = device;
  return {
    aeTitle,
    address,
    port,
    title,
    department,
    checkAddress,
    capabilities,
    ...(characterSet === '' ? {} : { characterSet }),
    ...(maxAssociations === null ? {} : { maxAssociations }),
    ...(tls ? { tls: certificate === '' ? {} : { certificate } } : {}),
    ...(departments.length === 0 ? {} : { departments }),
  };
}

export async function listDevices(signal?: AbortSignal): Promise<Device[]> {
  return list(await request('/api/devices', signal ? { signal } : {}), readDevice);
}

export async function createDevice(device: DeviceInput): Promise<void> {
  await request('/api/devices', { method: 'POST', body: toBody(device) });
}

/** Replaces the device as a whole. */
export async function updateDevice(aeTitle: string, device: DeviceInput): Promise<void> {
  await request(`/api/devices/${encodeURIComponent(aeTitle)}`, { method: 'PUT', body: toBody(device) });
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

export async function approveDevice(
  aeTitle: string,
  device: Pick<DeviceInput, 'address' | 'port' | 'title' | 'department' | 'characterSet'>,
): Promise<void> {
  const { address, port, title, department, characterSet } = device;
  await request(`/api/devices/pending/${encodeURIComponent(aeTitle)}/approve`, {
    method: 'POST',
    body: { address, port, title, department, ...(characterSet === '' ? {} : { characterSet }) },
  });
}

export async function dismissPendingDevice(aeTitle: string): Promise<void> {
  await request(`/api/devices/pending/${encodeURIComponent(aeTitle)}`, { method: 'DELETE' });
}
