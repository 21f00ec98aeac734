import { parentPort } from 'node:worker_threads';
import { decodeFrame, type EncodedFrame, encodeFrame, type FrameLayout, prepareCodecs } from './codec.ts';

export type CodecRequest = { id: number; layout: FrameLayout } & ({ raw: Uint8Array } | { encoded: EncodedFrame });
export type CodecAnswer = { id: number } & ({ raw: Uint8Array } | { encoded: EncodedFrame } | { failure: string });

const port = parentPort;
const ready = prepareCodecs();

async function work(request: CodecRequest): Promise<CodecAnswer> {
  const { id, layout } = request;
  try {
    await ready;
    if ('raw' in request) return { id, encoded: encodeFrame(request.raw, layout) };
    return { id, raw: decodeFrame(request.encoded, layout) };
  } catch (error) {
    // Messages of codecs speak of markers and sizes, not of patients.
    return { id, failure: error instanceof Error ? error.message.slice(0, 200) : 'unknown' };
  }
}

port?.on('message', async (request: CodecRequest) => port.postMessage(await work(request)));
