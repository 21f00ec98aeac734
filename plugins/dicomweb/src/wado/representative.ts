import { FilmlessError, firstNumber, type InstanceLocator } from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import type { OpenImage } from '../pixels/open-image.ts';
import { bySeries } from './find-instances.ts';

/** Storage classes without pixels of their own: reports, presentation states, key objects, waveforms, documents, plans. @dicom PS3.4 B.5 */
const NOT_SHOWN = [
  '1.2.840.10008.5.1.4.1.1.88.',
  '1.2.840.10008.5.1.4.1.1.11.',
  '1.2.840.10008.5.1.4.1.1.9.',
  '1.2.840.10008.5.1.4.1.1.104.',
  '1.2.840.10008.5.1.4.1.1.66',
  '1.2.840.10008.5.1.4.1.1.67',
  '1.2.840.10008.5.1.4.1.1.68.',
  '1.2.840.10008.5.1.4.1.1.4.2',
  '1.2.840.10008.5.1.4.1.1.481.3',
  '1.2.840.10008.5.1.4.1.1.481.4',
  '1.2.840.10008.5.1.4.1.1.481.5',
  '1.2.840.10008.5.1.4.1.1.481.8',
  '1.2.840.10008.5.1.4.34.',
];

const TRIES = 5;

export function mayBeShown(instance: Pick<InstanceLocator, 'SOPClassUID'>): boolean {
  return !NOT_SHOWN.some((prefix) => instance.SOPClassUID.startsWith(prefix));
}

/**
 * The image that stands for a study, series or instance, open, and the frame of it: the middle one of the first series that can be shown.
 * NOT_FOUND when there is none.
 */
export async function openRepresentative(
  web: Dicomweb,
  instances: readonly InstanceLocator[],
): Promise<{ image: OpenImage; frameNumber: number; instance: InstanceLocator }> {
  let failure: unknown;
  let tries = 0;
  for (const series of bySeries(instances.filter(mayBeShown))) {
    for (const instance of fromTheMiddle(series)) {
      if (++tries > TRIES) break;
      try {
        const image = await web.images.open(instance);
        if (image.media.decoder !== undefined) return { image, frameNumber: representativeFrame(image), instance };
        await image.close();
      } catch (error) {
        failure ??= error;
      }
    }
  }
  throw failure ?? new FilmlessError('NOT_FOUND', 'there is no image to show');
}

/** @dicom PS3.3 C.7.6.6 Representative Frame Number */
function representativeFrame(image: OpenImage): number {
  const { numberOfFrames } = image.index;
  const stated = firstNumber(image.record.dataset, 'RepresentativeFrameNumber');
  return stated !== undefined && Number.isInteger(stated) && stated >= 1 && stated <= numberOfFrames
    ? stated
    : Math.ceil(numberOfFrames / 2);
}

function* fromTheMiddle(series: readonly InstanceLocator[]): Generator<InstanceLocator> {
  const middle = Math.floor((series.length - 1) / 2);
  for (let step = 0; step < series.length; step++) {
    // middle, +1, -1, +2, -2 …
    const index = middle + (step % 2 === 1 ? (step + 1) / 2 : -step / 2);
    const instance = series[index];
    if (instance) yield instance;
  }
}
