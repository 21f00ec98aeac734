import {
  BufferSource,
  BufferTarget,
  Conversion,
  EncodedPacket,
  EncodedVideoPacketSource,
  Input,
  MPEG_TS,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';
import { readAvcStream } from './avc-stream.ts';
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
      return wrapAvc(bytes, frameSeconds);
    case 'mpeg-ts':
      return rewrap(bytes);
    default:
      return undefined;
  }
}

async function wrapAvc(bytes: Uint8Array, frameSeconds: number): Promise<Playable> {
  const { codec, width, height, pictures } = readAvcStream(bytes);
  const source = new EncodedVideoPacketSource('avc');
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat(), target });
  output.addVideoTrack(source, { frameRate: 1 / frameSeconds });
  await output.start();
  const meta = { decoderConfig: { codec, codedWidth: width, codedHeight: height } };
  for (const { bytes: data, key, order } of pictures)
    await source.add(new EncodedPacket(data, key ? 'key' : 'delta', order * frameSeconds, frameSeconds), meta);
  await output.finalize();
  return { blob: asFilm(target), type: `video/mp4; codecs="${codec}"` };
}

async function rewrap(bytes: Uint8Array<ArrayBuffer>): Promise<Playable | undefined> {
  const input = new Input({ source: new BufferSource(bytes), formats: [MPEG_TS] });
  const track = await input.getPrimaryVideoTrack();
  const codec = await track?.getCodecParameterString();
  if (!track || !codec) return undefined;
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat(), target });
  const conversion = await Conversion.init({ input, output });
  if (!conversion.isValid) return undefined;
  await conversion.execute();
  return { blob: asFilm(target), type: `video/mp4; codecs="${codec}"` };
}

function asFilm({ buffer }: BufferTarget): Blob {
  if (!buffer) throw new Error('the film could not be wrapped');
  return new Blob([buffer], { type: 'video/mp4' });
}
