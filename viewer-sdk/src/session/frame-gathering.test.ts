import { expect } from 'chai';
import { DicomWebClient } from '../client/dicomweb-client.ts';
import { PRIORITY, RequestQueue } from '../client/request-queue.ts';
import { DicomWebUrls } from '../client/urls.ts';
import { describeFrame, type Frame } from '../dicom/frame.ts';
import { isAbort } from '../errors.ts';
import { ctInstance } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { problem, StubServer } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';
import { ClientFrameSource } from './client-frame-source.ts';

type Instance = ReturnType<typeof ctInstance>;
const describeOrFail = (instance: Instance, number: number): Frame => {
  const described = describeFrame(instance, number);
  if (!described) throw new Error('no frame');
  return described;
};
const run = ctInstance(0, { NumberOfFrames: 12 });
/** A frame of one instance with several. */
const ofRun = (number: number): Frame => describeOrFail(run, number);
/** The frame of the instance with this number in a series of instances with one each. */
const slice = (number: number): Frame => describeOrFail(ctInstance(number - 1), 1);

/** The numbers of the frames or of the instances that a path asks for. */
const numbersOf = (path: string): number[] =>
  path.includes('/frames/') && path.includes(slice(1).SOPInstanceUID) && !path.endsWith('/frames/1')
    ? (path.split('/frames/')[1] ?? '').split(',').map(Number)
    : [...path.matchAll(/1\.2\.3\.1\.1\.(\d+)/g)].map(([, number]) => Number(number));

/** Frames whose only byte is their number. */
const answer = (path: string, numbers = numbersOf(path)): Response => {
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
const forever = new AbortController().signal;
const get = async (
  from: ClientFrameSource,
  frame: Frame,
  priority: number = PRIORITY.prefetch,
  signal = forever,
): Promise<number | undefined> => (await from.frame(frame, { priority }, signal)).bytes[0];

describe('frames asked for in one turn', () => {
  afterEach(() => server.restore());

  it('come in one request, each under its own number: frames of one instance', async () => {
    server = new StubServer((path) => answer(path));
    const frames = source();
    expect(await Promise.all([2, 5, 3].map((number) => get(frames, ofRun(number))))).to.deep.equal([2, 5, 3]);
    expect(server.seen.map(({ path }) => path.split('/frames/')[1])).to.deep.equal(['2,5,3']);
  });

  it('and instances of one series', async () => {
    server = new StubServer((path) => answer(path));
    const frames = source();
    expect(await Promise.all([4, 2, 3].map((number) => get(frames, slice(number))))).to.deep.equal([4, 2, 3]);
    expect(server.seen.length).to.equal(1);
    expect(server.paths('/pixeldata?SOPInstanceUID=').length).to.equal(1);
    expect(await get(frames, slice(9))).to.equal(9);
    expect(server.paths('/instances/').length, 'one alone is asked for as one').to.equal(1);
  });

  it('are as many as fit into a request', async () => {
    server = new StubServer((path) => answer(path));
    const frames = source();
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    expect(await Promise.all(numbers.map((number) => get(frames, slice(number))))).to.deep.equal(numbers);
    expect(server.seen.length, 'thirty-two of half a megabyte each').to.equal(2);
  });

  it('are asked for one by one when the answer is not what was asked for', async () => {
    server = new StubServer((path) => (path.includes('pixeldata') ? answer(path, [2]) : answer(path)));
    const frames = source();
    expect(await Promise.all([2, 3].map((number) => get(frames, slice(number))))).to.deep.equal([2, 3]);
  });

  it('fail alone when one of them cannot be had', async () => {
    server = new StubServer((path) =>
      path.includes('pixeldata') || path.includes('.3/frames') ? problem(404, 'NOT_FOUND') : answer(path),
    );
    const frames = source();
    const [two, three] = await Promise.allSettled([2, 3].map((number) => get(frames, slice(number))));
    expect(two).to.deep.include({ status: 'fulfilled', value: 2 });
    expect(three).to.have.nested.property('reason.code', 'VIEWER_IMAGE_UNREADABLE');
  });

  it('come one by one, and one that is waited for is asked for alone', async () => {
    let rest: () => void = () => undefined;
    server = new StubServer((path) => {
      if (!path.includes('pixeldata')) return answer(path);
      const named = numbersOf(path).map((number) => {
        const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = slice(number);
        const location = `/dicom-web/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}/frames/1`;
        return `--b\r\nContent-Location: ${location}\r\nContent-Length: 1\r\n\r\n${number}\r\n`;
      });
      const stream = new ReadableStream({
        start: (controller) => {
          const send = (text: string): void => controller.enqueue(new TextEncoder().encode(text));
          send(named[0] ?? '');
          rest = () => {
            for (const text of named.slice(1)) send(text);
            send('--b--');
            controller.close();
          };
        },
      });
      return new Response(stream, { headers: { 'content-type': 'multipart/related; boundary=b' } });
    });
    const frames = source();
    const asked = [1, 2, 3].map((number) => get(frames, slice(number)));
    expect(await asked[0]).to.equal('1'.charCodeAt(0));
    frames.hasten(slice(3));
    expect(await asked[2], 'alone').to.equal(3);
    frames.hasten(slice(1));
    rest();
    expect(await asked[1]).to.equal('2'.charCodeAt(0));
    expect(server.paths('/frames/1').length, 'what has come already is not asked for').to.equal(1);
  });

  it('go on until nobody wants any of them', async () => {
    let ended = 0;
    server = new StubServer((path, request) => {
      request.signal?.addEventListener('abort', () => (ended += 1));
      return path.includes('pixeldata') ? new Promise(() => undefined) : answer(path);
    });
    const frames = source();
    const [one, other] = [new AbortController(), new AbortController()];
    const asked = [
      get(frames, slice(1), PRIORITY.prefetch, one.signal),
      get(frames, slice(2), PRIORITY.prefetch, other.signal),
    ];
    for (const promise of asked) promise.catch(() => undefined);
    await until('the request', () => server.seen.length === 1);
    one.abort();
    expect(ended).to.equal(0);
    expect(await get(frames, slice(7), PRIORITY.now), 'what the user waits for is asked for alone').to.equal(7);
    other.abort();
    const failures = await Promise.all(asked.map((promise) => promise.catch((error: unknown) => error)));
    expect(failures.every(isAbort)).to.equal(true);
    expect(ended).to.equal(1);
  });
});
