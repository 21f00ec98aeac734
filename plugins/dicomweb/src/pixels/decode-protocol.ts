import type { FrameDecoder } from '../media/frame-media.ts';
import type { PixelLayout, Presentation } from './image-description.ts';

/**
 * What a decoder thread is asked for: `frame`: native samples as the instance's metadata describes them; `samples`: as the codec gives them;
 * `render`: 8-bit grey or RGB for the screen.
 */
export type DecodeTask =
  | { task: 'frame' | 'samples'; encoded: Uint8Array; decoder: FrameDecoder; layout: PixelLayout }
  | { task: 'render'; encoded: Uint8Array; decoder: FrameDecoder; layout: PixelLayout; presentation: Presentation };

export type DecodeRequest = DecodeTask & { id: number };

export interface DecodedFrame {
  bytes: Uint8Array<ArrayBuffer>;
  /** Samples per pixel of `bytes`. */
  channels: number;
  photometricInterpretation: string;
}

export type DecodeAnswer = ({ id: number } & DecodedFrame) | { id: number; failure: string };
