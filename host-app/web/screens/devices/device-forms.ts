import type { Device, DeviceInput, PendingDevice } from '../../api/devices.ts';
import { approveDevice, createDevice, updateDevice } from '../../api/devices.ts';
import { notifyDone } from '../../components/notify.ts';
import { t } from '../../i18n/index.ts';
import { NEW_DEVICE } from './device-rules.ts';

/** What the device dialog is opened for. */
export interface DeviceForm {
  heading: string;
  action: string;
  device: DeviceInput;
  /** The AE title is what the device is known by: it stays. */
  fixedAeTitle: boolean;
  /** Only what an approval asks. */
  brief: boolean;
  takenAeTitles: readonly string[];
  save: (device: DeviceInput) => Promise<void>;
}

export function addForm(takenAeTitles: readonly string[]): DeviceForm {
  return {
    heading: t.devices.addTitle,
    action: t.common.save,
    device: NEW_DEVICE,
    fixedAeTitle: false,
    brief: false,
    takenAeTitles,
    async save(device) {
      await createDevice(device);
      notifyDone(t.devices.saved(device.aeTitle));
    },
  };
}

export function editForm(known: Device): DeviceForm {
  return {
    heading: t.devices.editTitle(known.aeTitle),
    action: t.common.save,
    device: known,
    fixedAeTitle: true,
    brief: false,
    takenAeTitles: [],
    async save(device) {
      await updateDevice(known.aeTitle, device);
      notifyDone(t.devices.saved(known.aeTitle));
    },
  };
}

export function approveForm({ aeTitle, address }: PendingDevice): DeviceForm {
  return {
    heading: t.devices.approveTitle(aeTitle),
    action: t.devices.approve,
    device: { ...NEW_DEVICE, aeTitle, address, title: aeTitle },
    fixedAeTitle: true,
    brief: true,
    takenAeTitles: [],
    async save(device) {
      await approveDevice(aeTitle, device);
      notifyDone(t.devices.approved(aeTitle));
    },
  };
}
