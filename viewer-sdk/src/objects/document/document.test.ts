import { expect } from 'chai';
import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import { afterEach, describe, it } from '../../testing/globals.ts';
import { until } from '../../testing/until.ts';
import { emptyHost, fakeViewer, inSurface, instanceOf, objectDataset, surfaceText } from '../testing/fakes.ts';
import { readCda } from './cda.ts';
import { mountCda, mountModel } from './other-documents.ts';
import { findInPage, rangesOf } from './pdf-find.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const CDA = `<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3"><title>出院小结</title><author><text>not narrative</text></author>
<component><structuredBody><component><section><title>诊断</title><text>
<paragraph>肺炎</paragraph><script>alert(1)</script><list><item>一</item><item>二</item></list>
<table><tr><th>项目</th><th>值</th></tr><tr><td>WBC</td><td>9.1</td></tr></table>
<img src="x" onerror="alert(1)"/></text></section></component></structuredBody></component></ClinicalDocument>`;

let host: HTMLElement;
describe('documents', () => {
  afterEach(() => host?.remove());

  it('reads titles, paragraphs, lists and tables of a CDA document, and no script', () => {
    expect(readCda(encode(CDA))).to.deep.equal({
      title: '出院小结',
      parts: [
        { kind: 'heading', text: '诊断' },
        { kind: 'text', text: '肺炎' },
        { kind: 'text', text: '一' },
        { kind: 'text', text: '二' },
        {
          kind: 'table',
          rows: [
            ['项目', '值'],
            ['WBC', '9.1'],
          ],
        },
      ],
    });
    expect(() => readCda(encode('<a><b></a>'))).to.throw();
  });

  it('shows a CDA document as text alone, without the byte that makes its length even', async () => {
    host = emptyHost();
    const bytes = encode(`${CDA}\0`);
    const client = { binary: async () => bytes, urls: { server: '' } } as unknown as DicomWebClient;
    const dataset = objectDataset({ EncapsulatedDocument: '', EncapsulatedDocumentLength: bytes.length - 1 });
    mountCda(host, instanceOf(dataset), fakeViewer({ client }).context);
    await until('the document', () => surfaceText(host).includes('WBC'));
    expect(inSurface(host, 'script, img, iframe')).to.have.length(0);
  });

  it('says what a 3D model is, and that it can be downloaded', () => {
    host = emptyHost();
    const dataset = objectDataset({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.104.3', DocumentTitle: '股骨' });
    mountModel(host, instanceOf(dataset), fakeViewer().context);
    expect(surfaceText(host)).to.contain('暂不能在此显示STL 三维模型').and.contain('股骨').and.contain('下载模型');
  });

  it('finds words across pieces, without regard to case, width and blanks', () => {
    const pieces = ['CT ', 'HEAD', ' ＣＴ  head'];
    const matches = findInPage(pieces, 'ct head', 2);
    expect(matches).to.deep.equal([
      { page: 2, start: 0, end: 7 },
      { page: 2, start: 8, end: 16 },
    ]);
    const elements = pieces.map((text) => {
      const span = document.createElement('span');
      span.textContent = text;
      return span;
    });
    expect(rangesOf(matches[0]!, elements, pieces).map(String)).to.deep.equal(['CT ', 'HEAD']);
    expect(findInPage(pieces, '   ', 2)).to.deep.equal([]);
  });
});
