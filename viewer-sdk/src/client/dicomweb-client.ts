import type { JsonDataset, JsonElement } from '../dicom/json.ts';
import { ViewerError } from '../errors.ts';
import { AuthorizedFetch, type RequestOptions, type TokenProvider } from './authorized-fetch.ts';
import { headerParameters, MultipartError, parseMultipart } from './multipart.ts';
import { arrivingParts, type PartReader } from './part-stream.ts';
import type { RequestQueue } from './request-queue.ts';
import { type DicomWebUrls, type ImageLocation, parseImageLocation } from './urls.ts';

/** A picture the server made: good for the first look, not for reading. */
export interface RenderedImage {
  readonly blob: Blob;
  /** The instance it shows, where the server says so. */
  readonly location: ImageLocation | undefined;
}

/** The bytes of one frame as the server stores or sends them. */
export interface EncodedFrame {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly transferSyntaxUID: string;
}

const RENDERED_TYPES = 'image/jpeg, image/png;q=0.8';
/** One frame alone comes as it is, from other servers perhaps as the one part of several. */
const ONE_FRAME_TYPES =
  'application/octet-stream; transfer-syntax=*, multipart/related; type="application/octet-stream"; transfer-syntax=*; q=0.9';
const FRAME_TYPES = 'multipart/related; type="application/octet-stream"; transfer-syntax=*';
const JSON_TYPE = 'application/dicom+json';
const STUDY_FIELDS = 'StudyDescription,ModalitiesInStudy,NumberOfStudyRelatedSeries,NumberOfStudyRelatedInstances';
const SERIES_FIELDS =
  'SeriesDescription,SeriesNumber,NumberOfSeriesRelatedInstances,BodyPartExamined,SeriesDate,ProtocolName';

/** Talks DICOMweb to one server. All failures are ViewerErrors. @dicom PS3.18 10 */
export class DicomWebClient {
  readonly urls: DicomWebUrls;
  readonly #fetch: AuthorizedFetch;

  constructor(urls: DicomWebUrls, queue: RequestQueue, provider: TokenProvider | undefined) {
    this.urls = urls;
    this.#fetch = new AuthorizedFetch(queue, provider);
  }

  /** `includefield` of the query comes on top of the fields every study is listed with. @dicom PS3.18 10.6 */
  searchStudies(query: Readonly<Record<string, string>>, options: RequestOptions): Promise<JsonDataset[]> {
    const more = query['includefield'];
    const includefield = more ? `${STUDY_FIELDS},${more}` : STUDY_FIELDS;
    return this.#json(this.urls.studies({ ...query, includefield }), options);
  }

  /** @dicom PS3.18 10.6 */
  searchSeries(study: string, options: RequestOptions): Promise<JsonDataset[]> {
    return this.#json(`${this.urls.study(study)}/series?includefield=${SERIES_FIELDS}`, options);
  }

  /** @dicom PS3.18 10.6 */
  searchInstances(study: string, series: string, options: RequestOptions, limit?: number): Promise<JsonDataset[]> {
    const query = limit === undefined ? '' : `?limit=${limit}`;
    return this.#json(`${this.urls.series(study, series)}/instances${query}`, options);
  }

  /** @dicom PS3.18 10.4.1.1.2 */
  seriesMetadata(study: string, series: string, options: RequestOptions): Promise<JsonDataset[]> {
    return this.#json(`${this.urls.series(study, series)}/metadata`, options);
  }

  /** @dicom PS3.18 10.4.1.1.2 */
  async instanceMetadata(
    study: string,
    series: string,
    instance: string,
    options: RequestOptions,
  ): Promise<JsonDataset> {
    const [dataset] = await this.#json(`${this.urls.instance(study, series, instance)}/metadata`, options);
    if (!dataset) throw new ViewerError('VIEWER_BAD_RESPONSE', 'metadata without an instance');
    return dataset;
  }

  /** The study's or series' representative picture, at most as large as `size` in pixels. @dicom PS3.18 10.4.1.1.4 */
  thumbnail(
    resource: { study: string; series?: string | undefined },
    size: Size,
    options: RequestOptions,
  ): Promise<RenderedImage> {
    const base = resource.series ? this.urls.series(resource.study, resource.series) : this.urls.study(resource.study);
    return this.#picture(`${base}/thumbnail?viewport=${viewport(size)}`, options);
  }

  /** One frame as the server renders it. @dicom PS3.18 10.4.1.1.3 */
  rendered(image: ImageLocation, size: Size, options: RequestOptions): Promise<RenderedImage> {
    const frames = image.frame === undefined ? '' : `/frames/${image.frame}`;
    const url = `${this.urls.instance(image.study, image.series, image.instance)}${frames}/rendered?viewport=${viewport(size)}`;
    return this.#picture(url, options);
  }

  /** One frame's pixel data as it is stored. @dicom PS3.18 10.4.1.1.6 */
  async frame(image: ImageLocation, options: RequestOptions): Promise<EncodedFrame> {
    try {
      return await this.#frame(image, options);
    } catch (error) {
      // The study is there: it is this frame that is not.
      if (error instanceof ViewerError && error.code === 'VIEWER_STUDY_NOT_FOUND') {
        throw new ViewerError('VIEWER_IMAGE_UNREADABLE', error.detail, { cause: error });
      }
      throw error;
    }
  }

  /**
   * Several frames of one instance, or of instances of one series that have one frame each.
   * @param arrived told of each frame, by its place in `images`, as soon as it is there
   * @throws ViewerError VIEWER_BAD_RESPONSE when the answer does not hold these frames in this order; those told of before were the right ones
   * @dicom PS3.18 10.4.1.1.6
   */
  frames(
    images: readonly [ImageLocation, ...ImageLocation[]],
    arrived: (index: number, frame: EncodedFrame) => void,
    options: RequestOptions,
  ): Promise<void> {
    const [{ study, series, instance }] = images;
    const url = images.every((image) => image.instance === instance)
      ? `${this.urls.instance(study, series, instance)}/frames/${images.map(({ frame = 1 }) => frame).join(',')}`
      : `${this.urls.series(study, series)}/pixeldata?SOPInstanceUID=${images.map((image) => encodeURIComponent(image.instance)).join(',')}`;
    return this.#fetch.request(url, { ...options, accept: FRAME_TYPES }, async (response) => {
      let count = 0;
      // One too few or too many, and a frame would stand under another one's name: those without a name wait until all are there.
      const nameless: (() => void)[] = [];
      for await (const { headers, body } of readParts(response, options.reader)) {
        const asked = images[count];
        const named = parseImageLocation(headers.get('content-location') ?? null);
        if (!asked || (named && (named.instance !== asked.instance || (named.frame ?? 1) !== (asked.frame ?? 1))))
          throw new ViewerError('VIEWER_BAD_RESPONSE', 'frames in another order');
        if (body.length === 0) throw new ViewerError('VIEWER_BAD_RESPONSE', 'frame without pixels');
        const transferSyntaxUID = transferSyntax(headers.get('content-type') ?? '');
        const tell = arrived.bind(undefined, count, { bytes: body, transferSyntaxUID });
        if (named) tell();
        else nameless.push(tell);
        count += 1;
      }
      if (count !== images.length) throw new ViewerError('VIEWER_BAD_RESPONSE', 'frames missing');
      for (const tell of nameless) tell();
    });
  }

  #frame(image: ImageLocation, options: RequestOptions): Promise<EncodedFrame> {
    const url = `${this.urls.instance(image.study, image.series, image.instance)}/frames/${image.frame ?? 1}`;
    return this.#fetch.request(url, { ...options, accept: ONE_FRAME_TYPES }, async (response) => {
      const parts = multipart(response, await response.arrayBuffer());
      const [part] = parts;
      if (!part || parts.length !== 1 || part.body.length === 0)
        throw new ViewerError('VIEWER_BAD_RESPONSE', 'frame without pixels');
      return { bytes: part.body, transferSyntaxUID: transferSyntax(part.headers.get('content-type') ?? '') };
    });
  }

  /** Bulk data named by metadata, or the bytes given inline. @dicom PS3.18 10.4.1.1.5 */
  async binary(element: JsonElement, options: RequestOptions): Promise<Uint8Array<ArrayBuffer>> {
    if (element.InlineBinary !== undefined)
      return Uint8Array.from(atob(element.InlineBinary), (char) => char.charCodeAt(0));
    if (element.BulkDataURI === undefined) throw new ViewerError('VIEWER_BAD_RESPONSE', 'bulk data without an address');
    const url = new URL(element.BulkDataURI, `${this.urls.root}/`);
    // The token goes to our server alone, whatever the metadata says.
    if (url.origin !== new URL(this.urls.server).origin)
      throw new ViewerError('VIEWER_BAD_RESPONSE', 'bulk data on another server');
    const accept = 'multipart/related; type="application/octet-stream", application/octet-stream';
    return this.#fetch.request(url.href, { ...options, accept }, async (response) => {
      const [part] = multipart(response, await response.arrayBuffer());
      if (!part) throw new ViewerError('VIEWER_BAD_RESPONSE', 'bulk data without a part');
      return part.body;
    });
  }

  /** The stored Part 10 object. @dicom PS3.18 10.4.1.1.1 */
  instanceFile(study: string, series: string, instance: string, options: RequestOptions): Promise<Blob> {
    const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';
    return this.#fetch.request(
      this.urls.instance(study, series, instance),
      { ...options, accept },
      async (response) => {
        const [part] = multipart(response, await response.arrayBuffer());
        if (!part) throw new ViewerError('VIEWER_BAD_RESPONSE', 'instance without a part');
        return new Blob([part.body], { type: 'application/dicom' });
      },
    );
  }

  /**
   * Asks the server for what is not in this class, with the same identity and queue.
   * @param path below the server's address, e.g. `/api/reports?study=1.2`
   */
  request<T>(path: string, options: RequestOptions, read: (response: Response) => Promise<T>): Promise<T> {
    return this.#fetch.request(`${this.urls.server}${path}`, options, read);
  }

  #picture(url: string, options: RequestOptions): Promise<RenderedImage> {
    return this.#fetch.request(url, { ...options, accept: RENDERED_TYPES }, async (response) => {
      const location = parseImageLocation(response.headers.get('content-location'));
      const blob = await response.blob();
      if (!blob.type.startsWith('image/'))
        throw new ViewerError('VIEWER_BAD_RESPONSE', 'rendered image of another type');
      return { blob, location };
    });
  }

  #json(url: string, options: RequestOptions): Promise<JsonDataset[]> {
    return this.#fetch.request(url, { ...options, accept: JSON_TYPE }, async (response) => {
      // "No matches" is 204 without a body, or an empty list. @dicom PS3.18 10.6.3.1
      if (response.status === 204) return [];
      const body = await response.text();
      let parsed: unknown;
      try {
        parsed = body === '' ? [] : JSON.parse(body);
      } catch (error) {
        throw new ViewerError('VIEWER_BAD_RESPONSE', 'not JSON', { cause: error });
      }
      if (!isDatasets(parsed)) throw new ViewerError('VIEWER_BAD_RESPONSE', 'not DICOM JSON');
      return parsed;
    });
  }
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const viewport = ({ width, height }: Size): string =>
  `${Math.max(1, Math.round(width))},${Math.max(1, Math.round(height))}`;

function isDatasets(value: unknown): value is JsonDataset[] {
  return (
    Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
  );
}

function multipart(response: Response, buffer: ArrayBuffer): ReturnType<typeof parseMultipart> {
  try {
    return parseMultipart(response.headers.get('content-type') ?? '', new Uint8Array(buffer));
  } catch (error) {
    throw badAnswer(error);
  }
}

const badAnswer = (error: unknown): unknown =>
  error instanceof MultipartError ? new ViewerError('VIEWER_BAD_RESPONSE', error.message, { cause: error }) : error;

/** What is wrong with the answer is told as such; a line that broke is not: it is asked again. */
async function* readParts(response: Response, reader?: PartReader): ReturnType<typeof arrivingParts> {
  try {
    yield* reader?.parts(response) ?? arrivingParts(response);
  } catch (error) {
    throw badAnswer(error);
  }
}

/** The syntaxes that a media type means when it names none. @dicom PS3.18 8.7.3.5 */
const DEFAULT_SYNTAX: Readonly<Record<string, string>> = {
  'application/octet-stream': '1.2.840.10008.1.2.1',
  'image/jpeg': '1.2.840.10008.1.2.4.70',
  'image/x-jpeg': '1.2.840.10008.1.2.4.70',
  'image/dicom-rle': '1.2.840.10008.1.2.5',
  'image/x-dicom-rle': '1.2.840.10008.1.2.5',
  'image/jls': '1.2.840.10008.1.2.4.80',
  'image/x-jls': '1.2.840.10008.1.2.4.80',
  'image/jp2': '1.2.840.10008.1.2.4.90',
  'image/jphc': '1.2.840.10008.1.2.4.201',
  'image/jxl': '1.2.840.10008.1.2.4.110',
};

function transferSyntax(contentType: string): string {
  const named = headerParameters(contentType).get('transfer-syntax');
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return named ?? DEFAULT_SYNTAX[type] ?? '1.2.840.10008.1.2.1';
}
