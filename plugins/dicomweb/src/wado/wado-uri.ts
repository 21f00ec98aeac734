import { FilmlessError, type HttpReply, type HttpRequest } from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import { RENDERED_MEDIA } from '../pixels/encode-image.ts';
import type { VoiWindow } from '../pixels/image-description.ts';
import { findInstances } from './find-instances.ts';
import { checkedViewport, checkedWindow, type RenderParameters, type Viewport } from './render-parameters.ts';
import { renderedMedia, renderedReply } from './rendered.ts';
import { mayBeShown } from './representative.ts';
import { retrieve } from './retrieve.ts';

/** WADO-URI. @dicom PS3.18 9 */
export async function wadoUri(web: Dicomweb, request: HttpRequest): Promise<HttpReply> {
  const { query } = request;
  if (query.get('requestType') !== 'WADO') throw new FilmlessError('INVALID_REQUEST', 'requestType is WADO');
  const params = {
    study: required(query, 'studyUID'),
    series: required(query, 'seriesUID'),
    instance: required(query, 'objectUID'),
  };
  const located = { ...request, params, stream: () => request.stream(), json: () => request.json() };
  const instances = await findInstances(web, located);
  const wanted = (query.get('contentType') ?? '').split(',').map((type) => type.split(';')[0]!.trim().toLowerCase());
  const shown = mayBeShown(instances[0]!);
  const mediaType = wanted
    .map((type) =>
      type === '' || type === '*/*' || type === 'image/*' ? (shown ? 'image/jpeg' : 'application/dicom') : type,
    )
    .find((type) => type === 'application/dicom' || RENDERED_MEDIA.some((media) => media === type));
  if (mediaType === undefined)
    throw new FilmlessError('NOT_ACCEPTABLE', `available: application/dicom, ${RENDERED_MEDIA.join(', ')}`);
  if (mediaType !== 'application/dicom')
    return renderedReply(
      web,
      instances,
      count(query, 'frameNumber') ?? 1,
      renderParameters(query),
      renderedMedia(mediaType),
      request.signal,
    );
  const syntax = query.get('transferSyntax');
  const accept = `application/dicom${syntax ? `; transfer-syntax=${syntax}` : ''}`;
  return retrieve(web, { ...located, query: new URLSearchParams(), headers: { ...request.headers, accept } });
}

function required(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (!value) throw new FilmlessError('INVALID_REQUEST', `${name} is missing`);
  return value;
}

/** @dicom PS3.18 9.1.2.2 */
function renderParameters(query: URLSearchParams): RenderParameters {
  const quality = count(query, 'imageQuality') ?? 90;
  if (quality > 100) throw new FilmlessError('INVALID_REQUEST', 'imageQuality is a whole number from 1 to 100');
  return { window: windowOf(query), viewport: viewportOf(query), quality };
}

function windowOf(query: URLSearchParams): VoiWindow | undefined {
  const center = query.get('windowCenter');
  const width = query.get('windowWidth');
  if (center === null && width === null) return undefined;
  if (!center || !width || !Number.isFinite(Number(center)) || !Number.isFinite(Number(width)))
    throw new FilmlessError('INVALID_REQUEST', 'windowCenter and windowWidth are numbers and go together');
  return checkedWindow(Number(center), Number(width), 'LINEAR');
}

/** `region` has its corners as fractions of the image, which need its size: it is not taken. */
function viewportOf(query: URLSearchParams): Viewport | undefined {
  const rows = count(query, 'rows');
  const columns = count(query, 'columns');
  if (query.has('region'))
    throw new FilmlessError('INVALID_REQUEST', 'region is not supported; use viewport of WADO-RS');
  if (rows === undefined && columns === undefined) return undefined;
  return checkedViewport({ width: columns ?? 8192, height: rows ?? 8192 });
}

function count(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1)
    throw new FilmlessError('INVALID_REQUEST', `${name} is a whole number from 1`);
  return Number(text);
}
