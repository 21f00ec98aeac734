import type { VideoCodec } from 'mediabunny';

export type StillFormat = 'image/png' | 'image/jpeg' | 'image/webp';

/** A way to write a cine that this browser has. */
export interface CineFormat {
  readonly container: 'mp4' | 'webm';
  /** By which it is encoded; without one, the browser records it as it plays. */
  readonly codec: VideoCodec | undefined;
  readonly mime: string;
}

export const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
};

/** The picture formats that the browser writes: one that it does not know comes out as PNG. */
export async function stillFormats(): Promise<readonly StillFormat[]> {
  const canvas = new OffscreenCanvas(1, 1);
  canvas.getContext('2d');
  const wanted: readonly StillFormat[] = ['image/png', 'image/jpeg', 'image/webp'];
  const tried = await Promise.all(
    wanted.map(async (type) => {
      const blob = await canvas.convertToBlob({ type }).catch(() => undefined);
      return blob?.type === type;
    }),
  );
  return wanted.filter((_, index) => tried[index]);
}

/** Video sizes are even in every codec. */
export const even = (size: number): number => Math.max(2, size + (size % 2));

/** The cine formats for pictures of this size. MP4 plays everywhere; it comes first where the browser encodes it. */
export async function cineFormats(width: number, height: number): Promise<readonly CineFormat[]> {
  const found: CineFormat[] = [];
  if ('VideoEncoder' in globalThis) {
    const { getFirstEncodableVideoCodec } = await import('mediabunny');
    const size = { width: even(width), height: even(height) };
    const mp4 = await getFirstEncodableVideoCodec(['avc'], size).catch(() => null);
    const webm = await getFirstEncodableVideoCodec(['vp9', 'vp8', 'av1'], size).catch(() => null);
    if (mp4) found.push({ container: 'mp4', codec: mp4, mime: 'video/mp4' });
    if (webm) found.push({ container: 'webm', codec: webm, mime: 'video/webm' });
  }
  // Pages without TLS have no encoder, but may record.
  if ('MediaRecorder' in globalThis) {
    for (const container of ['mp4', 'webm'] as const) {
      const mime = `video/${container}`;
      const missing = !found.some((format) => format.container === container);
      if (missing && MediaRecorder.isTypeSupported(mime)) found.push({ container, codec: undefined, mime });
    }
  }
  return found;
}
