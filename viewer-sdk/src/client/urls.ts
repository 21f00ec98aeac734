import { ViewerError } from '../errors.ts';

/** The paths of DICOMweb under one server. @dicom PS3.18 10 */
export class DicomWebUrls {
  /** The server's base without a slash at the end, e.g. `https://pacs.hospital`. */
  readonly server: string;

  /** @param server absolute, or relative to the page; empty for the page's own origin */
  constructor(server: string, pageUrl: string) {
    let url: URL;
    try {
      url = new URL(server || '/', pageUrl);
    } catch (error) {
      throw new ViewerError('VIEWER_BAD_ATTRIBUTE', 'server', { cause: error });
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new ViewerError('VIEWER_BAD_ATTRIBUTE', 'server');
    this.server = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  }

  get root(): string {
    return `${this.server}/dicom-web`;
  }

  studies(query: Readonly<Record<string, string>>): string {
    return `${this.root}/studies?${new URLSearchParams(query).toString()}`;
  }

  study(study: string): string {
    return `${this.root}/studies/${encodeURIComponent(study)}`;
  }

  series(study: string, series: string): string {
    return `${this.study(study)}/series/${encodeURIComponent(series)}`;
  }

  instance(study: string, series: string, instance: string): string {
    return `${this.series(study, series)}/instances/${encodeURIComponent(instance)}`;
  }
}

/** The instance and frame that a rendered resource was made from, as its `Content-Location` names them. @dicom PS3.18 9.4.1.3.2 */
export interface ImageLocation {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  /** From 1; `undefined` when the location names the whole instance. */
  readonly frame: number | undefined;
}

/** Reads an image's place from a URL or path; `undefined` when it names no instance. */
export function parseImageLocation(location: string | null): ImageLocation | undefined {
  const match = /\/studies\/([^/?#]+)\/series\/([^/?#]+)\/instances\/([^/?#]+)(?:\/frames\/(\d+))?/.exec(
    location ?? '',
  );
  if (!match) return undefined;
  const [, study = '', series = '', instance = '', frame] = match;
  return {
    study: decodeURIComponent(study),
    series: decodeURIComponent(series),
    instance: decodeURIComponent(instance),
    frame: frame === undefined ? undefined : Number(frame),
  };
}
