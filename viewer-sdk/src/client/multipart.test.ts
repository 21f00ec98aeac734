import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { headerParameters, parseMultipart } from './multipart.ts';

const bytes = (value: string): Uint8Array<ArrayBuffer> => Uint8Array.from(value, (char) => char.charCodeAt(0));
const string = (value: Uint8Array): string => String.fromCharCode(...value);

describe('multipart/related', () => {
  it('reads parameters, quoted or not', () => {
    const parameters = headerParameters(
      'multipart/related; type="application/dicom; x=\\"1\\""; boundary=a-b; Start = s',
    );
    expect([...parameters]).to.deep.equal([
      ['type', 'application/dicom; x="1"'],
      ['boundary', 'a-b'],
      ['start', 's'],
    ]);
  });

  it('gives the parts with their headers, binary bodies untouched', () => {
    const body = bytes(
      'preamble\r\n--x\r\nContent-Type: a/b\r\n\r\n\x00\r\n\xff--\r\n--x \r\nContent-Length: 2\r\n\r\nok\r\n--x--',
    );
    const parts = parseMultipart('multipart/related; boundary=x', body);
    expect(parts.map((part) => string(part.body))).to.deep.equal(['\x00\r\n\xff--', 'ok']);
    expect(parts[0]?.headers.get('content-type')).to.equal('a/b');
  });

  it('does not believe a wrong length', () => {
    const body = bytes('--x\r\nContent-Length: 1\r\n\r\nlong\r\n--x\r\nContent-Length: 9999\r\n\r\nab\r\n--x--');
    expect(parseMultipart('multipart/related; boundary=x', body).map((part) => string(part.body))).to.deep.equal([
      'long',
      'ab',
    ]);
  });

  it('takes a body of another type for one part', () => {
    const [part] = parseMultipart('application/dicom', bytes('abc'));
    expect(part && string(part.body)).to.equal('abc');
  });

  it('refuses what is cut off', () => {
    for (const cut of ['--x\r\nA: b\r\n\r\npixels', '--x\r\nA: b', 'nothing']) {
      expect(() => parseMultipart('multipart/related; boundary=x', bytes(cut)), cut).to.throw();
    }
    expect(() => parseMultipart('multipart/related', bytes('--x--'))).to.throw('boundary');
  });
});
