import type { DicomWebClient, RenderedImage, Size } from '../client/dicomweb-client.ts';
import { PRIORITY } from '../client/request-queue.ts';
import type { ImageLocation } from '../client/urls.ts';
import type { JsonDataset } from '../dicom/json.ts';
import { isAbort, toViewerError, ViewerError } from '../errors.ts';
import { findStudies } from './find-study.ts';
import { compareSeries, distinct, readSeries, type SeriesSummary, type StudySummary } from './summaries.ts';
import type { Target } from './target.ts';

export type { OpenSeries } from './series-reader.ts';

/** The picture shown before the stored pixels are there. */
export interface Preview {
  readonly url: string;
  readonly location: ImageLocation;
}

/** A session tells its viewer what it finds, in this order; nothing is told after `dispose`. */
export interface SessionListener {
  studies(studies: readonly StudySummary[], opened: StudySummary): void;
  seriesList(series: readonly SeriesSummary[]): void;
  preview(preview: Preview): void;
  thumbnail(series: string, url: string): void;
  /** The series to begin with, and the image of it that the preview shows. */
  first(series: string, location: ImageLocation | undefined): void;
  failed(error: ViewerError): void;
}

/** How long the first series waits for the server to say which image represents the study. */
const PREVIEW_PATIENCE_MS = 2000;
const THUMBNAIL_SIZE: Size = { width: 128, height: 128 };

/**
 * One opening of one target: finds the study, shows the server's preview, lists the series and says which to begin with.
 * Another target is another session: what a disposed one still receives goes nowhere.
 */
export class StudySession {
  readonly #client: DicomWebClient;
  readonly #target: Target;
  readonly #size: Size;
  readonly #listener: SessionListener;
  readonly #controller = new AbortController();
  readonly #urls: string[] = [];
  #study: string | undefined;
  #previewShown: Preview | undefined;

  constructor(client: DicomWebClient, target: Target, size: Size, listener: SessionListener) {
    this.#client = client;
    this.#target = target;
    this.#size = size;
    this.#listener = listener;
  }

  /** Whose images the page expects. */
  get patient(): string | undefined {
    return this.#target.patient;
  }

  /** Ended by `dispose`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs the opening; failures reach the listener. */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      if (this.#disposed || isAbort(error)) return;
      this.#listener.failed(toViewerError(error, 'VIEWER_BAD_RESPONSE'));
    }
  }

  /** Lists the series of a study. @throws ViewerError; AbortError after `dispose` */
  async list(study: string): Promise<SeriesSummary[]> {
    return summaries(await this.#client.searchSeries(study, { signal: this.#controller.signal }));
  }

  /** Asks for the pictures of series of the study that is open. */
  picture(series: readonly SeriesSummary[]): void {
    const study = this.#study;
    if (study === undefined) return;
    for (const { image, SeriesInstanceUID } of series) if (image) void this.#loadThumbnail(study, SeriesInstanceUID);
  }

  /** Ends every request and frees the pictures. */
  dispose(): void {
    this.#controller.abort();
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }

  get #disposed(): boolean {
    return this.#controller.signal.aborted;
  }

  async #open(): Promise<void> {
    const { signal } = this.#controller;
    const named = this.#target.study;
    // With the study named, nothing has to wait for the search but what the search must allow.
    let picture = named === undefined ? undefined : this.#requestPreview(named);
    let listing = named === undefined ? undefined : this.#client.searchSeries(named, { signal });
    picture?.catch(() => undefined);
    listing?.catch(() => undefined);
    const finding = findStudies(this.#client, this.#target, signal);
    if (picture && this.#target.patient === undefined) {
      finding.catch(() => undefined);
      picture.then(
        (image) => this.#showPreview(image),
        () => undefined,
      );
    }
    const studies = await finding;
    const [study] = studies;
    if (this.#disposed) return;
    this.#study = study.StudyInstanceUID;
    this.#listener.studies(studies, study);
    picture ??= this.#requestPreview(study.StudyInstanceUID);
    listing ??= this.#client.searchSeries(study.StudyInstanceUID, { signal });
    const preview = picture.then(
      (image) => this.#showPreview(image),
      () => undefined,
    );
    const series = summaries(await listing);
    if (this.#disposed) return;
    this.#listener.seriesList(series);
    const shown = await Promise.race([preview, pause(PREVIEW_PATIENCE_MS, signal)]);
    if (!this.#disposed) this.#first(series, shown?.location);
  }

  #first(series: readonly SeriesSummary[], location: ImageLocation | undefined): void {
    if (location && series.some(({ SeriesInstanceUID }) => SeriesInstanceUID === location.series)) {
      this.#listener.first(location.series, location);
      return;
    }
    const wanted = this.#target.series;
    const first =
      wanted === undefined
        ? // Without images the first document is what there is to see.
          (series.find(({ image }) => image) ?? series[0])
        : series.find(({ SeriesInstanceUID }) => SeriesInstanceUID === wanted);
    if (wanted !== undefined && !first) throw new ViewerError('VIEWER_STUDY_NOT_FOUND', 'series');
    if (first) this.#listener.first(first.SeriesInstanceUID, undefined);
  }

  #requestPreview(study: string): Promise<RenderedImage> {
    return this.#client.thumbnail({ study, series: this.#target.series }, this.#size, {
      signal: this.#controller.signal,
    });
  }

  #showPreview({ blob, location }: RenderedImage): Preview | undefined {
    if (this.#disposed) return undefined;
    if (this.#previewShown) return this.#previewShown;
    // A picture that does not say what it shows, or shows another study, is not put on the screen.
    if (!location || location.study !== (this.#study ?? this.#target.study)) return undefined;
    this.#previewShown = { url: this.#keep(blob), location };
    this.#listener.preview(this.#previewShown);
    return this.#previewShown;
  }

  async #loadThumbnail(study: string, series: string): Promise<void> {
    try {
      const ticket = { priority: PRIORITY.soon };
      const { blob } = await this.#client.thumbnail({ study, series }, THUMBNAIL_SIZE, {
        signal: this.#controller.signal,
        ticket,
      });
      if (!this.#disposed) this.#listener.thumbnail(series, this.#keep(blob));
    } catch (error) {
      // A series without a thumbnail keeps its icon; the series itself tells when something is wrong.
      if (!isAbort(error) && !(error instanceof ViewerError)) throw error;
    }
  }

  #keep(blob: Blob): string {
    const url = URL.createObjectURL(blob);
    this.#urls.push(url);
    return url;
  }
}

function summaries(datasets: readonly JsonDataset[]): SeriesSummary[] {
  const listed = datasets.map(readSeries).filter((summary) => summary !== undefined);
  return distinct(listed, ({ SeriesInstanceUID }) => SeriesInstanceUID).sort(compareSeries);
}

function pause(durationMs: number, signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}
