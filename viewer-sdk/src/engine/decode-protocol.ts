import type { PixelFormat } from '../dicom/frame.ts';
import type { Drawable, GrayTransform, Palette } from './pixels.ts';

/** Asks the decode worker for the pixels of one frame. */
export interface DecodeRequest {
  readonly id: number;
  /** The buffer behind it goes along whole, so that nothing is copied: it must hold nothing that anybody else wants. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly transferSyntaxUID: string;
  readonly format: PixelFormat;
  readonly gray: Omit<GrayTransform, 'lossy'>;
  readonly palette: Palette | undefined;
  /** Colour as RGBA instead of RGB. */
  readonly alpha: boolean;
  /** The folder of the codecs' WebAssembly. */
  readonly wasmBase: string;
}

export interface DecodedPixels {
  readonly data: Drawable;
  readonly minimum: number;
  readonly maximum: number;
  readonly color: boolean;
  readonly embedded?: ReadonlyMap<number, Uint8Array> | undefined;
}

export type DecodeAnswer =
  | { readonly id: number; readonly pixels: DecodedPixels }
  | { readonly id: number; readonly failure: 'unsupported' | 'unreadable'; readonly detail: string };
