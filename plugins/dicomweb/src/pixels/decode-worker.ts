import { parentPort } from 'node:worker_threads';
import { decodeFrame, prepareDecoders } from './decode-frame.ts';
import type { DecodeAnswer, DecodeRequest } from './decode-protocol.ts';
import { asDescribed } from './native-form.ts';
import { renderFrame } from './render-frame.ts';

/** A decoder thread: one frame at a time, nothing kept. Its end takes no request with it but the one in hand. */
const port = parentPort;
if (!port) throw new Error('decode-worker runs as a worker thread');

await prepareDecoders();

port.on('message', (request: DecodeRequest) => {
  const answer = work(request);
  port.postMessage(answer, 'bytes' in answer ? [answer.bytes.buffer] : []);
});
port.postMessage('ready');

function work(request: DecodeRequest): DecodeAnswer {
  try {
    const decoded = decodeFrame(request.encoded, request.decoder, request.layout);
    if (request.task === 'render') {
      const image = renderFrame(decoded.pixels, decoded.layout, request.presentation);
      return {
        id: request.id,
        bytes: transferable(image.pixels),
        channels: image.channels,
        photometricInterpretation: 'RGB',
      };
    }
    const pixels =
      request.task === 'frame' ? asDescribed(decoded.pixels, decoded.layout, request.layout) : decoded.pixels;
    return {
      id: request.id,
      bytes: transferable(pixels),
      channels: request.layout.samplesPerPixel,
      photometricInterpretation: decoded.layout.photometricInterpretation,
    };
  } catch (error) {
    // Messages of decoders speak of markers and sizes, not of patients.
    return { id: request.id, failure: error instanceof Error ? error.message.slice(0, 300) : 'unknown' };
  }
}

/** With a buffer of its own, which may be moved to the other thread. */
function transferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}
