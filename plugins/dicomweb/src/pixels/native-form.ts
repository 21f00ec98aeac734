import { isChroma422, nativeFrameBytes, type PixelLayout } from './image-description.ts';

/**
 * Decoded samples in the form the instance's own metadata describes, so that a client that reads `/metadata` and a native frame
 * sees one image: by plane where Planar Configuration is 1, packed 4:2:2 where it says YBR_FULL_422. Our choice.
 */
export function asDescribed(pixels: Uint8Array, decoded: PixelLayout, described: PixelLayout): Uint8Array {
  if (described.samplesPerPixel !== 3) return pixels;
  if (isChroma422(described) && !isChroma422(decoded))
    return described.columns % 2 === 0 ? pack422(pixels, described) : pixels;
  return described.planar && !decoded.planar ? byPlane(pixels, described) : pixels;
}

function pack422(pixels: Uint8Array, described: PixelLayout): Uint8Array {
  const out = new Uint8Array(nativeFrameBytes(described));
  for (let i = 0, o = 0; o < out.length; i += 6) {
    out[o++] = pixels[i]!;
    out[o++] = pixels[i + 3]!;
    out[o++] = (pixels[i + 1]! + pixels[i + 4]! + 1) >> 1;
    out[o++] = (pixels[i + 2]! + pixels[i + 5]! + 1) >> 1;
  }
  return out;
}

export function byPlane(pixels: Uint8Array, layout: PixelLayout): Uint8Array {
  const wordBytes = layout.bitsAllocated / 8;
  const count = layout.rows * layout.columns;
  const out = new Uint8Array(pixels.length);
  for (let sample = 0; sample < layout.samplesPerPixel; sample++) {
    for (let i = 0; i < count; i++) {
      const from = (i * layout.samplesPerPixel + sample) * wordBytes;
      const to = (sample * count + i) * wordBytes;
      for (let byte = 0; byte < wordBytes; byte++) out[to + byte] = pixels[from + byte]!;
    }
  }
  return out;
}
