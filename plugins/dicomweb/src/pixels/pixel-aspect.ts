import { type DicomJson, numbers } from '@filmless/core/plugin';
import { functionalGroup } from './read-presentation.ts';

/** Nothing a device makes is more oblong; a file that says so is wrong about it. */
const MOST_OBLONG = 20;

/** Height of a pixel divided by its width; 1 when nothing is said. @dicom PS3.3 C.7.6.3.1.7, 10.7.1.1, C.7.6.16.2.1 */
export function pixelAspect(dataset: DicomJson, frameIndex: number): number {
  const measures = functionalGroup(dataset, frameIndex, 'PixelMeasuresSequence');
  const pairs = [
    numbers(dataset, 'PixelAspectRatio'),
    measures ? numbers(measures, 'PixelSpacing') : [],
    numbers(dataset, 'PixelSpacing'),
    numbers(dataset, 'ImagerPixelSpacing'),
    numbers(dataset, 'NominalScannedPixelSpacing'),
  ];
  for (const [vertical, horizontal] of pairs) {
    if (!vertical || !horizontal || vertical < 0 || horizontal < 0) continue;
    const aspect = vertical / horizontal;
    // Spacings are rounded in files: a thousandth off is square.
    if (Math.abs(aspect - 1) < 0.001 || aspect > MOST_OBLONG || aspect < 1 / MOST_OBLONG) return 1;
    return aspect;
  }
  return 1;
}
