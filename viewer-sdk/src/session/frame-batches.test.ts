import { expect } from 'chai';
import { DicomWebClient } from '../client/dicomweb-client.ts';
import { PRIORITY, RequestQueue } from '../client/request-queue.ts';
import { DicomWebUrls } from '../client/urls.ts';
import { describeFrame, type Frame } from '../dicom/frame.ts';
import { ctInstance } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { problem, StubServer } from '../testing/stub-server.ts';
import { ClientFrameSource } from './client-frame-source.ts';

const FRAMES = 12;
const run = ctInstance(0, { NumberOfFrames: FRAMES });
const frame = (number: number): Frame => {
  const described = describeFrame(run, number);
  if (!described) throw new Error('no frame');
  return described;
};
/** Frames whose only byte is their number, in the order of the request. */
const answer = (path: string, numbers = (path.split('/frames/')[1] ?? '').split(',').map(Number)): Response => {
  const parts = numbers.flatMap((number) => [
    '--b\r\nContent-Type: application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1\r\n\r\n',
    Uint8Array.of(number),
    '\r\n',
  ]);
  return new Response(new Blob([...parts, '--b--\r\n']), {
    headers: { 'content-type': 'multipart/related; type="application/octet-stream"; boundary=b' },
  });
};

let server: StubServer;
const source = () =>
  new ClientFrameSource(new DicomWebClient(new DicomWebUrls('', location.href), new RequestQueue(), undefined));
const asked = () => server.paths('/frames/').map((path) => path.split('/frames/')[1]);
const get = async (from: ClientFrameSource, number: number, priority: number = PRIORITY.prefetch) =>
  (await from.frame(frame(number), { priority }, new AbortController().signal)).bytes[0];

describe('several frames in one request', () => {
  afterEach(() => server.restore());

  it('bring the next ones along once the line has shown that it is quick, each under its own number', async () => {
    server = new StubServer((path) => answer(path));
    const frames = source();
    expect(await get(frames, 1, PRIORITY.now)).to.equal(1);
    for (let number = 2; number <= FRAMES; number += 1) expect(await get(frames, number)).to.equal(number);
    expect(asked()[0]).to.equal('1');
    expect(asked().length, 'far fewer requests than frames').to.be.lessThan(FRAMES / 2);
    expect(asked().join().split(',').map(Number), 'none twice').to.deep.equal(
      Array.from({ length: FRAMES }, (_, index) => index + 1),
    );
  });

  it('are asked for one by one when the answer is not what was asked for', async () => {
    server = new StubServer((path) => (path.includes(',') ? answer(path, [3, 4]) : answer(path)));
    const frames = source();
    expect(await get(frames, 1, PRIORITY.now)).to.equal(1);
    expect(await get(frames, 2)).to.equal(2);
    expect(await get(frames, 3)).to.equal(3);
  });

  it('fail alone when one of them cannot be had', async () => {
    server = new StubServer((path) =>
      path.includes(',') || path.endsWith('/3') ? problem(404, 'NOT_FOUND') : answer(path),
    );
    const frames = source();
    await get(frames, 1, PRIORITY.now);
    expect(await get(frames, 2)).to.equal(2);
    const failure = await get(frames, 3).catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'VIEWER_IMAGE_UNREADABLE');
    expect(await get(frames, 4)).to.equal(4);
  });

  it('keep nobody waiting who wants a frame that is still on its way with others', async () => {
    server = new StubServer((path) => (path.includes(',') ? new Promise(() => undefined) : answer(path)));
    const frames = source();
    await get(frames, 1, PRIORITY.now);
    void get(frames, 2).catch(() => undefined);
    expect(await get(frames, 3, PRIORITY.now)).to.equal(3);
    frames.dispose();
  });
});
