import { expect } from 'chai';
import { DicomWebClient } from '../client/dicomweb-client.ts';
import { RequestQueue } from '../client/request-queue.ts';
import { DicomWebUrls } from '../client/urls.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { json, problem, StubServer } from '../testing/stub-server.ts';
import type { ViewerContext } from './contract.ts';
import { pluginsExtension } from './plugins.ts';

let server: StubServer;

/** What the user is told while the node answers like this. */
async function told(answer: () => Response): Promise<string[]> {
  server = new StubServer(answer);
  const notices: string[] = [];
  const viewer = {
    client: new DicomWebClient(new DicomWebUrls('', location.href), new RequestQueue(), undefined),
    locale: 'en',
    on: () => () => undefined,
    notify: (text: string) => notices.push(text),
  };
  await pluginsExtension.load(viewer as unknown as ViewerContext);
  return notices;
}

describe('the plugins of a node', () => {
  afterEach(() => server.restore());

  it('are none on a server that has no list of them', async () => {
    expect(await told(() => problem(404, 'NOT_FOUND'))).to.deep.equal([]);
    expect(await told(() => json([]))).to.deep.equal([]);
  });

  it('are said to be missing where the list cannot be had', async () => {
    for (const answer of [() => problem(500, 'INTERNAL'), () => problem(403, 'FORBIDDEN'), () => json({})]) {
      const [notice, ...more] = await told(answer);
      expect(notice).to.contain('some parts of the viewer may be missing');
      expect(more).to.deep.equal([]);
    }
  });

  it('are named when they do not load', async () => {
    const part = {
      key: 'ecg/viewer',
      slot: 'viewer-object',
      module: 'https://elsewhere.example/x.js',
      title: { en: 'ECG' },
    };
    expect(await told(() => json([part]))).to.deep.equal(['The plugin “ECG” could not be loaded.']);
  });
});
