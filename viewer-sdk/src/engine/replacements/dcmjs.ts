/**
 * What Cornerstone's metadata package touches of dcmjs while it is loaded. The viewer answers metadata queries itself and never lets
 * Cornerstone parse a data set, so that dcmjs (1.4 MB of the engine) is left out of the bundle, but for the few keywords of its dictionary
 * that Cornerstone checks its own rules against.
 */
import { nameMap } from 'cornerstone-dicom-dictionary';

const quiet = (): void => undefined;

interface Logger {
  readonly trace: typeof quiet;
  readonly debug: typeof quiet;
  readonly info: typeof quiet;
  readonly log: typeof quiet;
  readonly warn: (...parts: unknown[]) => void;
  readonly error: (...parts: unknown[]) => void;
  readonly setLevel: typeof quiet;
  readonly getLogger: (name: string) => Logger;
}

/** dcmjs's logger is loglevel: warnings and errors go to the console, the rest is silent. */
const logger = (): Logger => ({
  trace: quiet,
  debug: quiet,
  info: quiet,
  log: quiet,
  warn: (...parts) => console.warn(...parts),
  error: (...parts) => console.error(...parts),
  setLevel: quiet,
  getLogger: logger,
});

export const log = logger();

export const constants = {
  IMPLICIT_LITTLE_ENDIAN: '1.2.840.10008.1.2',
  EXPLICIT_LITTLE_ENDIAN: '1.2.840.10008.1.2.1',
  DEFLATED_EXPLICIT_LITTLE_ENDIAN: '1.2.840.10008.1.2.1.99',
  EXPLICIT_BIG_ENDIAN: '1.2.840.10008.1.2.2',
};

class Unavailable {
  constructor() {
    throw new Error('dcmjs is not part of the viewer engine');
  }
}

export default {
  log,
  constants,
  data: { DicomMetaDictionary: { dictionary: {}, nameMap } },
  utilities: { DicomMetadataListener: Unavailable },
  async: { AsyncDicomReader: Unavailable },
};
