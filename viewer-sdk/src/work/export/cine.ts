import type { CineFormat } from './formats.ts';
import { even } from './formats.ts';

/** Pictures that follow each other, drawn one at a time: a run may be larger than memory. */
export interface CineSource {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** Pictures per second. */
  readonly rate: number;
  draw(index: number): Promise<CanvasImageSource>;
}

export interface CineProgress {
  readonly signal: AbortSignal;
  done(count: number): void;
}

/** @throws AbortError when given up, Error when the browser cannot encode it after all */
export async function writeCine(source: CineSource, format: CineFormat, progress: CineProgress): Promise<Blob> {
  return format.codec ? encode(source, format, progress) : record(source, format, progress);
}

async function encode(
  { width, height, count, rate, draw }: CineSource,
  { container, codec, mime }: CineFormat,
  { signal, done }: CineProgress,
): Promise<Blob> {
  const { BufferTarget, CanvasSource, Mp4OutputFormat, Output, QUALITY_VERY_HIGH, WebMOutputFormat } = await import(
    'mediabunny'
  );
  if (!codec) throw new Error('no codec');
  const canvas = new OffscreenCanvas(even(width), even(height));
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('no canvas to draw on');
  const target = new BufferTarget();
  const output = new Output({ format: container === 'mp4' ? new Mp4OutputFormat() : new WebMOutputFormat(), target });
  const video = new CanvasSource(canvas, { codec, quality: QUALITY_VERY_HIGH });
  output.addVideoTrack(video, { frameRate: rate });
  await output.start();
  try {
    for (let index = 0; index < count; index += 1) {
      signal.throwIfAborted();
      context.drawImage(await draw(index), 0, 0);
      await video.add(index / rate, 1 / rate);
      done(index + 1);
    }
    await output.finalize();
  } catch (error) {
    await output.cancel();
    throw error;
  }
  if (!target.buffer) throw new Error('nothing was encoded');
  return new Blob([target.buffer], { type: mime });
}

/** Records the pictures as they play, in real time: for pages where the browser lends no encoder. */
async function record(
  { width, height, count, rate, draw }: CineSource,
  { mime }: CineFormat,
  { signal, done }: CineProgress,
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = even(width);
  canvas.height = even(height);
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('no canvas to draw on');
  const stream = canvas.captureStream(rate);
  const recorder = new MediaRecorder(stream, { mimeType: mime, videoBitsPerSecond: 8_000_000 });
  const chunks: Blob[] = [];
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  const ended = new Promise<void>((resolve, reject) => {
    recorder.onstop = () => resolve();
    recorder.onerror = () => reject(new Error('recording failed'));
  });
  recorder.start();
  try {
    for (let index = 0; index < count; index += 1) {
      signal.throwIfAborted();
      context.drawImage(await draw(index), 0, 0);
      await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
      done(index + 1);
    }
  } finally {
    recorder.stop();
    for (const track of stream.getTracks()) track.stop();
  }
  await ended;
  return new Blob(chunks, { type: mime });
}
