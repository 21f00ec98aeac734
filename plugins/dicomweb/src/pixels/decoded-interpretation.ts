import type { FrameDecoder } from '../media/frame-media.ts';
import { isChroma422, type PixelLayout } from './image-description.ts';

/** Photometric Interpretation of what a decoder gives: a code stream's own colour transform is undone by it. @dicom PS3.5 8.2.4 */
export function decodedInterpretation(decoder: FrameDecoder, layout: PixelLayout): string {
  const stated = layout.photometricInterpretation;
  if ((decoder === 'jpeg-2000' || decoder === 'htj2k') && (stated === 'YBR_ICT' || stated === 'YBR_RCT')) return 'RGB';
  if (decoder === 'jpeg-xl' && stated === 'XYB') return 'RGB';
  if (decoder !== 'rle' && isChroma422(layout)) return 'YBR_FULL';
  if (decoder !== 'rle' && stated === 'YBR_PARTIAL_420') return 'YBR_FULL';
  return stated;
}
