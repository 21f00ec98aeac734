import { type Delivery, FilmlessError, type InstanceSender, type Points } from '@filmless/core/plugin';
import type { Devices } from '../devices.ts';
import type { OpenClient } from './client-association.ts';
import { DeviceConnection } from './device-connection.ts';
import { echo } from './query-client.ts';
import { SeenPairs } from './seen-pairs.ts';

/** Opening an association anew for a kind of object it was not opened for costs more than going on with the others first. */
const BATCH_SIZE = 16;

interface Options {
  devices: Devices;
  open: OpenClient;
  delivery: () => Delivery;
  points: Pick<Points, 'get'>;
}

/** C-STORE to the devices that take it, for whoever forwards. @dicom PS3.4 B */
export function dimseSender({ devices, open, delivery, points }: Options): InstanceSender {
  const seen = new Map<string, SeenPairs>();
  const device = (name: string) => {
    const found = devices.require(name);
    if (!found.capabilities.store) throw new FilmlessError('NOT_FOUND', `the device ${name} does not store`);
    return found;
  };
  return {
    title: { 'zh-CN': 'DICOM 设备（C-STORE）', en: 'DICOM device (C-STORE)' },
    batchSize: BATCH_SIZE,
    destinations: async () =>
      devices
        .list()
        .filter(({ capabilities, address }) => capabilities.store && address !== '')
        .map(({ aeTitle, title }) => ({ name: aeTitle, title, sources: [aeTitle] })),
    connect: async (name) => {
      const pairs = seen.get(name) ?? new SeenPairs();
      seen.set(name, pairs);
      return new DeviceConnection({ open, device: device(name), delivery, points, pairs });
    },
    verify: async (name, signal) => {
      const { status } = await echo(open, device(name), signal);
      if (status !== 0) throw new FilmlessError('DEVICE_UNREACHABLE', 'the device refuses C-ECHO');
    },
  };
}
