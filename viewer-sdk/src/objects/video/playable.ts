import { containerOf } from './container.ts';

/** A film the browser may be able to play. */
export interface Playable {
  readonly blob: Blob;
  /** For `canPlayType`, where it is known. */
  readonly type: string;
}

/**
 * The film as MP4: as it is, or its pictures, unchanged, in another wrapping. Nothing is encoded anew.
 * @param frameSeconds how long a frame is shown, for streams that do not say
 * @returns `undefined` for what no browser plays
 */
export async function toPlayable(bytes: Uint8Array<ArrayBuffer>, frameSeconds: number): Promise<Playable | undefined> {
  switch (containerOf(bytes)) {
    case 'mp4':
      return { blob: new Blob([bytes], { type: 'video/mp4' }), type: 'video/mp4' };
    case 'h264':
      return (await import('./wrap.ts')).wrapAvc(bytes, frameSeconds);
    case 'mpeg-ts':
      return (await import('./wrap.ts')).rewrap(bytes);
    default:
      return undefined;
  }
}
