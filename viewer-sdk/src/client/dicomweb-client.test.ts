import { expect } from 'chai';
import { isAbort, toViewerError, type ViewerError } from '../errors.ts';
import { ctInstance, SERIES, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { frame, json, picture, problem, StubServer } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';
import type { TokenProvider } from './authorized-fetch.ts';
import { DicomWebClient } from './dicomweb-client.ts';
import { RequestQueue } from './request-queue.ts';
import { DicomWebUrls, parseImageLocation } from './urls.ts';

let server: StubServer | undefined;
const client = (provider?: TokenProvider, base = 'https://pacs.hospital/') =>
  new DicomWebClient(new DicomWebUrls(base, 'https://his.hospital/page'), new RequestQueue(), provider);
const failureOf = async (promise: Promise<unknown>): Promise<ViewerError> =>
  promise.then(
    () => {
      throw new Error('should have failed');
    },
    (error: unknown) => toViewerError(error, 'VIEWER_BAD_RESPONSE'),
  );

describe('DICOMweb addresses', () => {
  it('stand under the server, relative or absolute', () => {
    expect(new DicomWebUrls('', 'https://a/x/y').root).to.equal('https://a/dicom-web');
    expect(new DicomWebUrls('https://b/pacs/', 'https://a/').study('1.2')).to.equal(
      'https://b/pacs/dicom-web/studies/1.2',
    );
    expect(() => new DicomWebUrls('javascript:alert(1)', 'https://a/')).to.throw('VIEWER_BAD_ATTRIBUTE');
  });

  it('name the image of a picture', () => {
    expect(parseImageLocation('/dicom-web/studies/1.2/series/3.4/instances/5.6/frames/7/rendered')).to.deep.equal({
      study: '1.2',
      series: '3.4',
      instance: '5.6',
      frame: 7,
    });
    expect(parseImageLocation('https://x/dicom-web/studies/1.2/series/3.4/instances/5.6')?.frame).to.equal(undefined);
    expect(parseImageLocation(null)).to.equal(undefined);
    expect(parseImageLocation('/studies/1.2')).to.equal(undefined);
  });
});

describe('DICOMweb client', () => {
  afterEach(() => server?.restore());

  it('sends the token and renews it once when the server refuses it', async () => {
    let asked = 0;
    server = new StubServer((_path, { authorization }) =>
      authorization === 'Bearer t2' ? json([ctInstance(0)]) : problem(401, 'UNAUTHENTICATED'),
    );
    const dicomWeb = client(async () => {
      asked += 1;
      return ` t${asked}\n`;
    });
    const [first, second] = await Promise.all([
      dicomWeb.searchStudies({ StudyInstanceUID: STUDY }, {}),
      dicomWeb.searchSeries(STUDY, {}),
    ]);
    expect([first.length, second.length]).to.deep.equal([1, 1]);
    // Two requests failed together and shared one renewal.
    expect(asked).to.equal(2);
    expect(server.seen.map(({ authorization }) => authorization)).to.deep.equal([
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
      'Bearer t2',
    ]);
  });

  it('gives up after the second refusal', async () => {
    let asked = 0;
    server = new StubServer(() => problem(401, 'UNAUTHENTICATED'));
    const failure = await failureOf(client(() => `t${++asked}`).searchStudies({}, {}));
    expect(failure.code).to.equal('VIEWER_UNAUTHENTICATED');
    expect(failure.detail).to.equal('HTTP 401 UNAUTHENTICATED');
    expect(asked).to.equal(2);
    expect(server.seen.length).to.equal(2);
  });

  it('does not retry without a provider, and asks a provider that failed again', async () => {
    server = new StubServer(() => problem(401, 'UNAUTHENTICATED'));
    await failureOf(client().searchStudies({}, {}));
    expect(server.seen.length).to.equal(1);
    let asked = 0;
    const dicomWeb = client(() => {
      asked += 1;
      throw new Error('HIS is down');
    });
    expect((await failureOf(dicomWeb.searchStudies({}, {}))).code).to.equal('VIEWER_UNAUTHENTICATED');
    await failureOf(dicomWeb.searchStudies({}, {}));
    expect(asked).to.equal(2);
  });

  it('gives each failure its code', async () => {
    const codes = async (answer: () => Response) => {
      server?.restore();
      server = new StubServer(answer);
      return (await failureOf(client().searchStudies({}, {}))).code;
    };
    expect(await codes(() => problem(403, 'FORBIDDEN'))).to.equal('VIEWER_FORBIDDEN');
    expect(await codes(() => problem(404, 'STUDY_NOT_FOUND'))).to.equal('VIEWER_STUDY_NOT_FOUND');
    expect(await codes(() => problem(503, 'UNAVAILABLE'))).to.equal('VIEWER_SERVER_FAILED');
    expect(await codes(() => new Response('<html>', { headers: { 'content-type': 'text/html' } }))).to.equal(
      'VIEWER_BAD_RESPONSE',
    );
    expect(await codes(() => json({ not: 'a list' }))).to.equal('VIEWER_BAD_RESPONSE');
    expect(
      await codes(() => {
        throw new TypeError('Failed to fetch');
      }),
    ).to.equal('VIEWER_SERVER_UNREACHABLE');
  });

  it('asks again when the connection breaks, also in the middle of an answer', async () => {
    const answers: (() => Response)[] = [
      () => {
        throw new TypeError('Failed to fetch');
      },
      () => problem(503, 'UNAVAILABLE'),
      () => new Response(new ReadableStream({ start: (broken) => broken.error(new TypeError('network error')) })),
      () => frame(Uint8Array.of(5, 6)),
    ];
    server = new StubServer(() => answers[(server?.seen.length ?? 0) - 1]?.());
    const { bytes } = await client().frame({ study: STUDY, series: SERIES, instance: '1.2', frame: 1 }, {});
    expect([...bytes]).to.deep.equal([5, 6]);
    expect(server.seen.length).to.equal(4);
  });

  it('does not send twice what changes something, and ends when it is given up', async () => {
    server = new StubServer(() => problem(503, 'UNAVAILABLE'));
    const content = { type: 'application/json', body: new Blob(['{}']) };
    await failureOf(client().request('/api/reports', { content }, async () => undefined));
    expect(server.seen.length).to.equal(1);
    const controller = new AbortController();
    const asked = client().searchStudies({}, { signal: controller.signal });
    await until('the request', () => server?.seen.length === 2);
    controller.abort();
    const ended = await asked.catch((error: unknown) => error);
    expect(isAbort(ended)).to.equal(true);
    expect(server.seen.length).to.equal(2);
  });

  it('takes 204 for no matches', async () => {
    server = new StubServer(() => new Response(null, { status: 204 }));
    expect(await client().searchStudies({}, {})).to.deep.equal([]);
  });

  it('reads frames with their transfer syntax', async () => {
    server = new StubServer(() => frame(Uint8Array.of(1, 2, 3, 4)));
    const { bytes, transferSyntaxUID } = await client().frame(
      { study: STUDY, series: SERIES, instance: '1.2', frame: 3 },
      {},
    );
    expect([...bytes]).to.deep.equal([1, 2, 3, 4]);
    expect(transferSyntaxUID).to.equal('1.2.840.10008.1.2.1');
    expect(server.seen[0]?.path).to.equal(`/dicom-web/studies/${STUDY}/series/${SERIES}/instances/1.2/frames/3`);
    server.first(() => problem(404, 'FRAME_NOT_FOUND'));
    const missing = client().frame({ study: STUDY, series: SERIES, instance: '1.2', frame: 9 }, {});
    expect((await failureOf(missing)).code).to.equal('VIEWER_IMAGE_UNREADABLE');
    server.first(() => frame(new Uint8Array(0)));
    expect(
      (await failureOf(client().frame({ study: STUDY, series: SERIES, instance: '1.2', frame: 1 }, {}))).code,
    ).to.equal('VIEWER_BAD_RESPONSE');
  });

  it('says which image a picture shows', async () => {
    server = new StubServer(() => picture(`/dicom-web/studies/${STUDY}/series/${SERIES}/instances/1.2`));
    const shown = await client().thumbnail({ study: STUDY }, { width: 800.4, height: 600 }, {});
    expect(shown.location?.instance).to.equal('1.2');
    expect(server.seen[0]?.path).to.equal(`/dicom-web/studies/${STUDY}/thumbnail?viewport=800,600`);
  });

  it('reads bulk data inline or from its own server, and keeps the token from others', async () => {
    server = new StubServer((path) => (path === '/bulk/1' ? new Response(Uint8Array.of(7)) : undefined));
    const dicomWeb = client(() => 't');
    expect([...(await dicomWeb.binary({ vr: 'OW', InlineBinary: btoa('ab') }, {}))]).to.deep.equal([97, 98]);
    expect([...(await dicomWeb.binary({ vr: 'OW', BulkDataURI: 'https://pacs.hospital/bulk/1' }, {}))]).to.deep.equal([
      7,
    ]);
    expect((await failureOf(dicomWeb.binary({ vr: 'OW', BulkDataURI: 'https://evil.example/1' }, {}))).code).to.equal(
      'VIEWER_BAD_RESPONSE',
    );
    expect(server.seen.length).to.equal(1);
  });
});
