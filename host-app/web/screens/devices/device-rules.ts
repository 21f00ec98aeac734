import type { DeviceInput } from '../../api/devices.ts';
import { t } from '../../i18n/index.ts';

/** Character sets devices in Chinese hospitals use. @dicom PS3.3 C.12.1.1.2 */
export const CHARACTER_SETS = ['', 'GB18030', 'GBK', 'ISO_IR 192', '\\ISO 2022 IR 58', 'ISO_IR 100'] as const;

export const NEW_DEVICE: DeviceInput = {
  aeTitle: '',
  address: '',
  port: 104,
  title: '',
  department: '',
  characterSet: 'GB18030',
  checkAddress: true,
  capabilities: { store: true, find: false, retrieve: false },
  maxAssociations: null,
  tls: false,
  certificate: '',
  departments: [],
};

export type DeviceProblems = Partial<Record<keyof DeviceInput, string>>;

/** AE: 1–16 characters of the default repertoire, no backslash or control, no space at either end. @dicom PS3.5 6.2 */
export function isAeTitle(text: string): boolean {
  return /^[\x20-\x5b\x5d-\x7e]{1,16}$/.test(text) && text.trim() === text;
}

/** What is wrong with a device as it was filled in, by field. */
export function deviceProblems(device: DeviceInput, takenAeTitles: readonly string[]): DeviceProblems {
  const problems: DeviceProblems = {};
  if (!isAeTitle(device.aeTitle)) problems.aeTitle = t.devices.invalidAeTitle;
  else if (takenAeTitles.includes(device.aeTitle)) problems.aeTitle = t.devices.duplicate;
  if (!/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$/.test(device.address))
    problems.address = t.devices.invalidAddress;
  if (!Number.isInteger(device.port) || device.port < 1 || device.port > 65_535) problems.port = t.devices.invalidPort;
  if (device.tls && device.certificate !== '' && !/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i.test(device.certificate))
    problems.certificate = t.devices.invalidCertificate;
  return problems;
}
