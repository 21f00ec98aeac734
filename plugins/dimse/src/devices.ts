import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Disposable, type DocumentStore, FilmlessError, type Logger } from '@filmless/core/plugin';
import { type DeviceSettings, deviceSchema } from './config.ts';
import { PendingDevices } from './pending-devices.ts';
import { StoredMap } from './stored-map.ts';

export interface Device extends DeviceSettings {
  origin: 'config' | 'rest';
  lastSeenAt: string | undefined;
  instancesReceived: number;
}

interface Activity {
  lastSeenAt: string | undefined;
  instancesReceived: number;
}

const RESOLVED_GOOD_FOR_MS = 60_000;

/** Devices this node knows: those of filmless.yaml and those added over REST, and those that were refused and wait for approval. */
export class Devices implements Disposable {
  readonly pending: PendingDevices;
  readonly #configured: ReadonlyMap<string, DeviceSettings>;
  readonly #added: StoredMap<DeviceSettings>;
  readonly #activity: StoredMap<Activity>;
  readonly #resolved = new Map<string, { addresses: string[]; at: number }>();
  readonly #listeners = new Set<(aeTitle: string) => void>();
  readonly #log: Logger;

  private constructor(
    configured: readonly DeviceSettings[],
    added: StoredMap<DeviceSettings>,
    activity: StoredMap<Activity>,
    pending: PendingDevices,
    log: Logger,
  ) {
    this.#configured = new Map(configured.map((device) => [device.aeTitle, device]));
    this.#added = added;
    this.#activity = activity;
    this.pending = pending;
    this.#log = log;
  }

  static async open(configured: readonly DeviceSettings[], documents: DocumentStore, log: Logger): Promise<Devices> {
    return new Devices(
      configured,
      await StoredMap.open<DeviceSettings>(documents, 'device:', log),
      await StoredMap.open<Activity>(documents, 'activity:', log),
      await PendingDevices.open(documents, log),
      log,
    );
  }

  get(aeTitle: string): Device | undefined {
    const configured = this.#configured.get(aeTitle);
    const settings = configured ?? this.#added.get(aeTitle);
    if (!settings) return undefined;
    const activity = this.#activity.get(aeTitle);
    return {
      ...settings,
      origin: configured ? 'config' : 'rest',
      lastSeenAt: activity?.lastSeenAt,
      instancesReceived: activity?.instancesReceived ?? 0,
    };
  }

  /** Throws NOT_FOUND. */
  require(aeTitle: string): Device {
    const device = this.get(aeTitle);
    if (!device) throw new FilmlessError('NOT_FOUND', `no device ${aeTitle}`);
    return device;
  }

  list(): Device[] {
    const titles = new Set([...this.#configured.keys(), ...this.#added.keys()]);
    return [...titles].sort().map((aeTitle) => this.require(aeTitle));
  }

  /** Throws CONFLICT when there is one. */
  async add(device: unknown): Promise<Device> {
    const settings = parseDevice(device);
    if (this.get(settings.aeTitle)) throw new FilmlessError('CONFLICT', `a device ${settings.aeTitle} exists already`);
    return this.#keep(settings);
  }

  /** Throws NOT_FOUND, and CONFLICT for one of filmless.yaml. */
  async replace(aeTitle: string, device: object): Promise<Device> {
    this.#requireAdded(aeTitle);
    return this.#keep(parseDevice({ ...device, aeTitle }));
  }

  /** Throws NOT_FOUND, and CONFLICT for one of filmless.yaml. */
  async remove(aeTitle: string): Promise<void> {
    this.#requireAdded(aeTitle);
    await this.#added.remove(aeTitle);
    this.#changed(aeTitle);
  }

  /** Makes a refused device a known one; what is not given is taken from its last attempt. Throws NOT_FOUND. */
  async approve(aeTitle: string, given: object): Promise<Device> {
    const pending = this.pending.get(aeTitle);
    if (!pending) throw new FilmlessError('NOT_FOUND', `no device ${aeTitle} waits for approval`);
    const known = this.get(aeTitle);
    if (known?.origin === 'config')
      throw new FilmlessError('CONFLICT', `${aeTitle} is set in filmless.yaml: correct its address there`);
    const before = this.#added.get(aeTitle) ?? {};
    return this.#keep(parseDevice({ ...before, address: pending.address, ...given, aeTitle }));
  }

  refused(aeTitle: string, address: string, calledAeTitle: string): void {
    this.pending.note(aeTitle, address, calledAeTitle);
  }

  seen(aeTitle: string): void {
    this.#note(aeTitle, 0);
  }

  received(aeTitle: string): void {
    this.#note(aeTitle, 1);
  }

  /** True when nothing is to be checked. @dicom our choice: an AE title alone is no proof of identity */
  async callsFromItsAddress(device: DeviceSettings, address: string): Promise<boolean> {
    if (!device.checkAddress || device.address === '' || device.address === address) return true;
    if (isIP(device.address) !== 0) return false;
    return (await this.#resolve(device.address)).includes(address);
  }

  /** Told the AE title of each device that was added, changed or removed. */
  onChange(listener: (aeTitle: string) => void): void {
    this.#listeners.add(listener);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#added.dispose(), this.#activity.dispose(), this.pending.dispose()]);
  }

  async #keep(settings: DeviceSettings): Promise<Device> {
    await this.#added.put(settings.aeTitle, settings);
    await this.pending.remove(settings.aeTitle);
    this.#changed(settings.aeTitle);
    return this.require(settings.aeTitle);
  }

  #requireAdded(aeTitle: string): void {
    if (this.require(aeTitle).origin === 'config')
      throw new FilmlessError('CONFLICT', `${aeTitle} is set in filmless.yaml: change it there`);
  }

  #note(aeTitle: string, instances: number): void {
    const before = this.#activity.get(aeTitle)?.instancesReceived ?? 0;
    this.#activity.putLater(aeTitle, { lastSeenAt: new Date().toISOString(), instancesReceived: before + instances });
  }

  #changed(aeTitle: string): void {
    this.#resolved.clear();
    for (const listener of this.#listeners) listener(aeTitle);
  }

  async #resolve(host: string): Promise<string[]> {
    const known = this.#resolved.get(host);
    if (known && Date.now() - known.at < RESOLVED_GOOD_FOR_MS) return known.addresses;
    try {
      const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
      this.#resolved.set(host, { addresses, at: Date.now() });
      return addresses;
    } catch (error) {
      this.#log.warn({ host, err: error }, 'The address of a device cannot be looked up');
      return [];
    }
  }
}

function parseDevice(value: unknown): DeviceSettings {
  const parsed = deviceSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new FilmlessError('INVALID_REQUEST', problems.join('; '));
}
