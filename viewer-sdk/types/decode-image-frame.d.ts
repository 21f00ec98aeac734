/** The decoders of Cornerstone's image loader, without the loader: its package does not export them; `rollup.config.ts` maps the name. */
declare module 'cornerstone-decode-image-frame' {
  export interface DecodeFrameInput {
    rows: number;
    columns: number;
    samplesPerPixel: number;
    photometricInterpretation: string;
    planarConfiguration: number;
    bitsAllocated: number;
    bitsStored: number;
    pixelRepresentation: number;
  }

  export interface DecodedFrame extends DecodeFrameInput {
    pixelData:
      | Uint8Array
      | Int8Array
      | Uint16Array
      | Int16Array
      | Uint32Array
      | Int32Array
      | Float32Array
      | Uint8ClampedArray;
    encodeOptions?: { interleaveMode?: number };
  }

  export function decodeImageFrame(
    imageFrame: DecodeFrameInput,
    transferSyntaxUID: string,
    pixelData: Uint8Array,
    decodeConfig: { wasmBasePath: string },
    options: { preScale: { enabled: boolean } },
  ): Promise<DecodedFrame>;
}
