import { expect } from 'chai';
import { MultipartError } from '../client/multipart.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { WorkerPartReader } from './part-reader.ts';

const SCRIPT = new URL('./reader-worker.ts', import.meta.url).href;
const urls: string[] = [];

/** An address that answers with this body. */
function answering(body: string, type = 'multipart/related; boundary=x'): string {
  const url = URL.createObjectURL(new Blob([body], { type }));
  urls.push(url);
  return url;
}

const part = (name: string, body: string): string =>
  `--x\r\nContent-Location: ${name}\r\nContent-Length: ${body.length}\r\n\r\n${body}\r\n`;

async function read(reader: WorkerPartReader, response: Response): Promise<string[]> {
  const found: string[] = [];
  const parts = reader.parts(response);
  if (!parts) throw new Error('nothing was read elsewhere');
  for await (const { headers, body } of parts) {
    expect(body.byteLength, 'a buffer of its own').to.equal(body.buffer.byteLength);
    found.push(`${headers.get('content-location')}=${new TextDecoder().decode(body)}`);
  }
  return found;
}

async function failing(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

describe('answers read in workers', () => {
  const headers = new Headers({ Accept: 'multipart/related' });
  afterEach(() => {
    for (const url of urls.splice(0)) URL.revokeObjectURL(url);
  });

  it('come part by part, several answers at once', async () => {
    const reader = new WorkerPartReader(SCRIPT);
    const bodies = [1, 2, 3].map((n) =>
      ['a', 'b', 'c'].map((name) => part(`${name}${n}`, 'pixels'.repeat(n))).join(''),
    );
    const responses = await Promise.all(bodies.map((body) => reader.fetch(answering(`${body}--x--`), { headers })));
    expect(responses.map(({ status }) => status)).to.eql([200, 200, 200]);
    expect(await Promise.all(responses.map((response) => read(reader, response)))).to.eql(
      [1, 2, 3].map((n) => ['a', 'b', 'c'].map((name) => `${name}${n}=${'pixels'.repeat(n)}`)),
    );
  });

  it('that are no success come whole', async () => {
    const reader = new WorkerPartReader(SCRIPT);
    const response = await reader.fetch(new URL('/no-such-answer', location.href).href, { headers });
    expect(response.status).to.equal(404);
    expect(reader.parts(response)).to.equal(undefined);
    expect(await response.text()).to.be.a('string');
  });

  it('that are malformed say so after what was right', async () => {
    const reader = new WorkerPartReader(SCRIPT);
    const response = await reader.fetch(answering(`${part('a', 'pixels')}--x\r\nContent-Length: 90\r\n\r\ncut`), {
      headers,
    });
    const parts = reader.parts(response)?.[Symbol.asyncIterator]();
    expect((await parts?.next())?.value?.headers.get('content-location')).to.equal('a');
    expect(await failing(Promise.resolve(parts?.next()))).to.be.instanceOf(MultipartError);
  });

  it('that cannot be had fail as fetch does', async () => {
    const reader = new WorkerPartReader(SCRIPT);
    expect(await failing(reader.fetch('blob:nothing', { headers }))).to.be.instanceOf(TypeError);
  });

  it('are given up', async () => {
    const reader = new WorkerPartReader(SCRIPT);
    const reason = new DOMException('gone', 'AbortError');
    expect(await failing(reader.fetch(answering('--x--'), { headers, signal: AbortSignal.abort(reason) }))).to.equal(
      reason,
    );
    const controller = new AbortController();
    const response = await reader.fetch(answering(part('a', 'pixels')), { headers, signal: controller.signal });
    const reading = read(reader, response);
    controller.abort(reason);
    expect(await failing(reading)).to.equal(reason);
  });

  it('are read by the page where the worker does not start', async () => {
    const reader = new WorkerPartReader(new URL('./no-such-worker.ts', import.meta.url).href);
    const url = answering(`${part('a', 'pixels')}--x--`);
    expect(await failing(reader.fetch(url, { headers }))).to.be.instanceOf(TypeError);
    const response = await reader.fetch(url, { headers });
    expect(reader.parts(response)).to.equal(undefined);
    expect(await response.text()).to.contain('pixels');
  });
});
