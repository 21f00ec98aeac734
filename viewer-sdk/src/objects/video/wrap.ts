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
import type { Playable } from './playable.ts';

/** The pictures of a raw H.264 stream as MP4, each shown in its order. */
export async function wrapAvc(bytes: Uint8Array, frameSeconds: number): Promise<Playable> {
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

/** A transport stream's pictures as MP4. */
export async function rewrap(bytes: Uint8Array<ArrayBuffer>): Promise<Playable | undefined> {
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
