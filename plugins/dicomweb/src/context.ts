import type { HttpRequest, PluginContext } from '@filmless/core/plugin';
import type { DicomwebConfig } from './config.ts';
import type { FileCache } from './file-cache.ts';
import type { DecodePool } from './pixels/decode-pool.ts';
import type { ImageOpener } from './pixels/open-image.ts';
import type { PreparedMetadata } from './wado/prepared-metadata.ts';

/** What the handlers share. */
export interface Dicomweb {
  readonly plugin: PluginContext<DicomwebConfig>;
  readonly pool: DecodePool;
  readonly metadata: PreparedMetadata;
  readonly thumbnails: FileCache;
  readonly images: ImageOpener;
}

export const DICOMWEB_ROOT = '/dicom-web';

/** Absolute URL of the DICOMweb service as this client reaches it. */
export function serviceUrl(web: Dicomweb, request: Pick<HttpRequest, 'origin'>): string {
  return `${web.plugin.config.publicUrl ?? request.origin}${DICOMWEB_ROOT}`;
}

export function studyPath(uids: { StudyInstanceUID: string }): string {
  return `/studies/${uids.StudyInstanceUID}`;
}

export function seriesPath(uids: { StudyInstanceUID: string; SeriesInstanceUID: string }): string {
  return `${studyPath(uids)}/series/${uids.SeriesInstanceUID}`;
}

export function instancePath(uids: {
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  SOPInstanceUID: string;
}): string {
  return `${seriesPath(uids)}/instances/${uids.SOPInstanceUID}`;
}
