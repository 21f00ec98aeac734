import { describe, expect, it } from 'vitest';
import { acceptedMedia, chooseMedia, parseMediaType } from './accept.ts';

const of = (accept: string | undefined, query = '') =>
  acceptedMedia({ headers: { accept }, query: new URLSearchParams(query) });

describe('Accept', () => {
  it('unwraps multipart/related, quoted or not', () => {
    const expected = { packaging: 'multipart', mediaType: 'application/dicom', transferSyntaxUID: '*', quality: 1 };
    expect(of('multipart/related; type="application/dicom"; transfer-syntax=*')).toEqual([expected]);
    expect(of('multipart/related; type=application/dicom; transfer-syntax=*')).toEqual([expected]);
    expect(of('multipart/related;type="application/dicom;transfer-syntax=*"')).toEqual([expected]);
    expect(of('Multipart/Related; Type="application/dicom"; Transfer-Syntax="*"')).toEqual([expected]);
  });

  it('orders by quality, keeps the order of equals and drops what has quality 0', () => {
    const types = of('image/png;q=0.5, image/jpeg, image/webp, image/gif;q=0, image/jp2;q=0.9').map(
      (range) => range.mediaType,
    );
    expect(types).toEqual(['image/jpeg', 'image/webp', 'image/jp2', 'image/png']);
  });

  it('takes anything when nothing is said', () => {
    expect(of(undefined)).toEqual([{ packaging: 'any', mediaType: '*/*', transferSyntaxUID: undefined, quality: 1 }]);
    expect(of('')).toHaveLength(1);
  });

  it('reads what an old Java client sends', () => {
    expect(of('text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2').map((range) => range.mediaType)).toEqual([
      'text/html',
      'image/gif',
      'image/jpeg',
      '*/*',
      '*/*',
    ]);
  });

  it('lets the query parameter go before the header, with a plus that a browser did not escape', () => {
    expect(of('application/dicom+json', 'accept=application/dicom+xml')[0]!.mediaType).toBe('application/dicom+xml');
    expect(of(undefined, 'accept=application/dicom%2Bjson')[0]!.mediaType).toBe('application/dicom+json');
  });

  it('does not split inside quotes', () => {
    expect(parseMediaType('multipart/related; boundary="a;b,c"; type="x/y"')!.parameters.get('boundary')).toBe('a;b,c');
  });
});

describe('chooseMedia', () => {
  const offers = [
    { packaging: 'single', mediaType: 'application/dicom+json' },
    { packaging: 'multipart', mediaType: 'application/dicom+xml' },
  ] as const;

  it('takes the first offer for a wildcard', () => {
    expect(chooseMedia(of('*/*'), offers)).toBe(offers[0]);
    expect(chooseMedia(of('application/*'), offers)).toBe(offers[0]);
  });

  it('takes what the client prefers', () => {
    expect(
      chooseMedia(of('application/dicom+json;q=0.1, multipart/related; type="application/dicom+xml"'), offers),
    ).toBe(offers[1]);
  });

  it('takes its own first choice of what the client likes equally', () => {
    const pictures = [
      { packaging: 'single', mediaType: 'image/jpeg' },
      { packaging: 'single', mediaType: 'image/webp' },
    ] as const;
    expect(chooseMedia(of('image/avif,image/webp,image/apng,image/*,*/*;q=0.8'), pictures).mediaType).toBe(
      'image/jpeg',
    );
    expect(chooseMedia(of('image/webp,*/*;q=0.8'), pictures).mediaType).toBe('image/webp');
  });

  it('names what there is when nothing fits', () => {
    expect(() => chooseMedia(of('text/plain'), offers)).toThrow(/application\/dicom\+json/);
  });
});
