import type { HttpReply, HttpRequest, HttpRoute } from '@filmless/core/plugin';
import { capabilities } from './capabilities.ts';
import { DICOMWEB_ROOT, type Dicomweb } from './context.ts';
import { search } from './qido/search.ts';
import { store } from './stow/store.ts';
import { bulkdata } from './wado/bulkdata.ts';
import { frames } from './wado/frames.ts';
import { metadata } from './wado/metadata.ts';
import { pixelData } from './wado/pixel-data.ts';
import { rendered } from './wado/rendered.ts';
import { retrieve } from './wado/retrieve.ts';
import { thumbnail } from './wado/thumbnail.ts';
import { wadoUri } from './wado/wado-uri.ts';

/** A route of this plugin, with what the capability description says of it. */
export interface RouteDefinition {
  method: 'GET' | 'POST';
  path: string;
  permission: 'study.search' | 'study.read' | 'study.import';
  summary: string;
  produces: readonly string[];
  handle(web: Dicomweb, request: HttpRequest): Promise<HttpReply>;
}

const STUDY = `${DICOMWEB_ROOT}/studies/:study`;
const SERIES = `${STUDY}/series/:series`;
const INSTANCE = `${SERIES}/instances/:instance`;
const FRAMES = `${INSTANCE}/frames/:frames`;

const DATASETS = ['application/dicom+json', 'application/json', 'multipart/related; type="application/dicom+xml"'];
const OBJECTS = ['multipart/related; type="application/dicom"', 'application/dicom'];
const PICTURES = ['image/jpeg', 'image/png', 'image/webp'];
const OCTETS = ['multipart/related; type="application/octet-stream"', 'application/octet-stream'];
const PIXELS = [...OCTETS, 'image/jpeg', 'image/jls', 'image/jp2', 'image/jphc', 'image/jxl', 'image/dicom-rle'];

const read = (
  path: string,
  summary: string,
  produces: readonly string[],
  handle: RouteDefinition['handle'],
): RouteDefinition => ({ method: 'GET', path, permission: 'study.read', summary, produces, handle });
const find = (path: string, level: 'STUDY' | 'SERIES' | 'IMAGE', summary: string): RouteDefinition => ({
  method: 'GET',
  path,
  permission: 'study.search',
  summary,
  produces: DATASETS,
  handle: (web, request) => search(web, level, request),
});
const take = (path: string, summary: string): RouteDefinition => ({
  method: 'POST',
  path,
  permission: 'study.import',
  summary,
  produces: ['application/dicom+json', 'application/dicom+xml'],
  handle: store,
});

/** Everything this plugin answers but its own description. @dicom PS3.18 9, 10 */
export const ROUTES: readonly RouteDefinition[] = [
  find(`${DICOMWEB_ROOT}/studies`, 'STUDY', 'QIDO-RS: search for studies'),
  find(`${DICOMWEB_ROOT}/series`, 'SERIES', 'QIDO-RS: search for series'),
  find(`${DICOMWEB_ROOT}/instances`, 'IMAGE', 'QIDO-RS: search for instances'),
  find(`${STUDY}/series`, 'SERIES', 'QIDO-RS: series of a study'),
  find(`${STUDY}/instances`, 'IMAGE', 'QIDO-RS: instances of a study'),
  find(`${SERIES}/instances`, 'IMAGE', 'QIDO-RS: instances of a series'),
  take(`${DICOMWEB_ROOT}/studies`, 'STOW-RS: store instances'),
  take(STUDY, 'STOW-RS: store instances of one study'),
  read(STUDY, 'WADO-RS: the instances of a study', OBJECTS, retrieve),
  read(SERIES, 'WADO-RS: the instances of a series', OBJECTS, retrieve),
  read(INSTANCE, 'WADO-RS: an instance', OBJECTS, retrieve),
  read(`${STUDY}/metadata`, 'WADO-RS: metadata of a study', DATASETS, metadata),
  read(`${SERIES}/metadata`, 'WADO-RS: metadata of a series', DATASETS, metadata),
  read(`${INSTANCE}/metadata`, 'WADO-RS: metadata of an instance', DATASETS, metadata),
  read(`${STUDY}/rendered`, 'WADO-RS: a study rendered', PICTURES, rendered),
  read(`${SERIES}/rendered`, 'WADO-RS: a series rendered', PICTURES, rendered),
  read(`${INSTANCE}/rendered`, 'WADO-RS: an instance rendered', PICTURES, rendered),
  read(`${FRAMES}/rendered`, 'WADO-RS: frames rendered', PICTURES, rendered),
  read(`${STUDY}/thumbnail`, 'WADO-RS: a small image that stands for a study', PICTURES, thumbnail),
  read(`${SERIES}/thumbnail`, 'WADO-RS: a small image that stands for a series', PICTURES, thumbnail),
  read(`${INSTANCE}/thumbnail`, 'WADO-RS: a small image of an instance', PICTURES, thumbnail),
  read(`${FRAMES}/thumbnail`, 'WADO-RS: a small image of a frame', PICTURES, thumbnail),
  read(FRAMES, 'WADO-RS: frames, as stored or decoded', PIXELS, frames),
  read(`${SERIES}/pixeldata`, 'WADO-RS: the frames of a series, as stored or decoded', PIXELS, pixelData),
  read(`${INSTANCE}/bulkdata/*path`, 'WADO-RS: one large value of an instance', OCTETS, bulkdata),
  read('/wado', 'WADO-URI: an instance as stored, or rendered', ['application/dicom', ...PICTURES], wadoUri),
];

/** The routes as the HTTP point takes them, by key. */
export function httpRoutes(web: Dicomweb): [key: string, route: HttpRoute][] {
  const routes = ROUTES.map(({ method, path, permission, summary, handle }): [string, HttpRoute] => [
    `${method} ${path}`,
    { method, path, summary, policy: { access: 'permission', permission }, handle: (request) => handle(web, request) },
  ]);
  const describe = (method: HttpRoute['method'], path: string): [string, HttpRoute] => [
    `${method} ${path}`,
    {
      method,
      path,
      summary: 'What the DICOMweb service can do',
      policy: { access: 'permission', permission: 'study.search' },
      handle: (request) => capabilities(web, ROUTES, request),
    },
  ];
  return [...routes, describe('GET', DICOMWEB_ROOT), describe('OPTIONS', DICOMWEB_ROOT)];
}
