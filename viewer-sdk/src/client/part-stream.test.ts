import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { MultipartError } from './multipart.ts';
import { arrivingParts } from './part-stream.ts';

const bytes = (value: string): Uint8Array<ArrayBuffer> => Uint8Array.from(value, (char) => char.charCodeAt(0));
const string = (value: Uint8Array): string => String.fromCharCode(...value);
const TYPE = 'multipart/related; type="application/octet-stream"; boundary=x';

/** An answer that comes in pieces of this size, as a byte stream or not. */
function answer(body: string, pieceBytes: number, byob: boolean, type = TYPE): Response {
  const all = bytes(body);
  let at = 0;
  const pull = (controller: ReadableByteStreamController | ReadableStreamDefaultController): void => {
    if (at < all.length) controller.enqueue(all.slice(at, at + pieceBytes));
    else {
      controller.close();
      if ('byobRequest' in controller) controller.byobRequest?.respond(0);
    }
    at += pieceBytes;
  };
  const stream = byob ? new ReadableStream({ type: 'bytes', pull }) : new ReadableStream({ pull });
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>, { headers: { 'content-type': type } });
}

async function read(response: Response): Promise<string[]> {
  const bodies: string[] = [];
  for await (const { headers, body } of arrivingParts(response)) {
    expect(body.byteLength, 'a buffer of its own').to.equal(body.buffer.byteLength);
    bodies.push(`${headers.get('content-location') ?? ''}=${string(body)}`);
  }
  return bodies;
}

const part = (name: string, body: string, length: number | undefined = body.length): string =>
  `--x\r\nContent-Location: ${name}\r\n${length === undefined ? '' : `Content-Length: ${length}\r\n`}\r\n${body}\r\n`;
const LONG = `\r\n--y\x00\xff${'pixels'.repeat(1000)}`;
const WAYS = [true, false].flatMap((byob) => [1, 7, 1000, 100_000].map((piece) => [piece, byob] as const));

describe('parts of an answer that arrive one by one', () => {
  for (const [piece, byob] of WAYS) {
    const way = `${byob ? 'byte stream' : 'plain stream'}, pieces of ${piece}`;
    it(`are read to their length, whatever they hold (${way})`, async () => {
      const body = `preamble\r\n${part('/a', LONG)}${part('/b', '--x--')}${part('/c', 'z')}--x--\r\n`;
      expect(await read(answer(body, piece, byob))).to.deep.equal([`/a=${LONG}`, '/b=--x--', '/c=z']);
    });

    it(`are found by the boundary where they do not say their length (${way})`, async () => {
      const body = `${part('/a', 'one')}--x\r\nContent-Location: /b\r\n\r\n${LONG}\r\n--x\r\n\r\nthree\r\n--x--`;
      expect(await read(answer(body, piece, byob))).to.deep.equal(['/a=one', `/b=${LONG}`, '=three']);
    });

    it(`are refused when cut off or longer than they say (${way})`, async () => {
      const whole = part('/a', 'one');
      for (const body of ['', '--x\r\nA: b', part('/a', 'one', 9), whole, `${part('/a', LONG, 5)}--x--`]) {
        const failure = await read(answer(body, piece, byob)).catch((error: unknown) => error);
        expect(failure, body.slice(0, 40)).to.be.instanceOf(MultipartError);
      }
    });
  }

  it('are there before the answer has ended', async () => {
    let end: () => void = () => undefined;
    const stream = new ReadableStream({
      start: (controller) => {
        controller.enqueue(bytes(`${part('/a', 'one')}--x\r\n`));
        end = () => controller.close();
      },
    });
    const parts = arrivingParts(new Response(stream, { headers: { 'content-type': TYPE } }));
    const { value } = await parts.next();
    expect(value && string(value.body)).to.equal('one');
    end();
    expect(await parts.next().catch((error: unknown) => error)).to.be.instanceOf(MultipartError);
  });

  it('end the request when nobody reads on', async () => {
    let cancelled = false;
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(bytes(part('/a', 'one'))),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const { body } of arrivingParts(new Response(stream, { headers: { 'content-type': TYPE } }))) {
      expect(string(body)).to.equal('one');
      break;
    }
    expect(cancelled).to.equal(true);
  });

  it('are read to the very end of the answer, so that its connection serves again', async () => {
    let cancelled = false;
    const pieces = [part('/a', 'one'), '--x--', '\r\n', 'epilogue'];
    const stream = new ReadableStream({
      pull: (controller) => {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(bytes(piece));
      },
      cancel: () => {
        cancelled = true;
      },
    });
    expect(await read(new Response(stream, { headers: { 'content-type': TYPE } }))).to.deep.equal(['/a=one']);
    expect([pieces.length, cancelled]).to.deep.equal([0, false]);
  });

  it('of another type are one part', async () => {
    expect(await read(answer('abc', 2, true, 'application/octet-stream'))).to.deep.equal(['=abc']);
  });
});
