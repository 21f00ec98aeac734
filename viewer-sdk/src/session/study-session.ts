import type { DicomWebClient, RenderedImage, Size } from '../client/dicomweb-client.ts';
import { PRIORITY } from '../client/request-queue.ts';
import type { ImageLocation } from '../client/urls.ts';
import { describeFrame, type Frame, numberOfFrames } from '../dicom/frame.ts';
import type { JsonDataset } from '../dicom/json.ts';
import { sortFrames } from '../dicom/sort.ts';
import { isAbort, toViewerError, ViewerError } from '../errors.ts';
import { findStudies } from './find-study.ts';
import { checkInstance } from './identity.ts';
import { compareSeries, distinct, readSeries, type SeriesSummary, type StudySummary } from './summaries.ts';
import type { Target } from './target.ts';

/** The picture shown before the stored pixels are there. */
export interface Preview {
  readonly url: string;
  readonly location: ImageLocation;
}

/** What is known of the series on the screen. */
export interface OpenSeries {
  readonly SeriesInstanceUID: string;
  /** In reading order. */
  readonly frames: readonly Frame[];
  /** Whether all of the series is in `frames`: before that, it may be one instance. */
  readonly complete: boolean;
  /** The frame to begin with. */
  readonly start: number;
  /** Instances that are no pictures. */
  readonly objects: readonly JsonDataset[];
}

/** A session tells its viewer what it finds, in this order; nothing is told after `dispose`. */
export interface SessionListener {
  studies(studies: readonly StudySummary[], opened: StudySummary): void;
  seriesList(series: readonly SeriesSummary[]): void;
  preview(preview: Preview): void;
  thumbnail(series: string, url: string): void;
  opening(series: string): void;
  series(open: OpenSeries): void;
  failed(error: ViewerError): void;
}

/** How long the first series waits for the server to say which image represents the study. */
const PREVIEW_PATIENCE_MS = 2000;
const THUMBNAIL_SIZE: Size = { width: 128, height: 128 };

/**
 * One opening of one target: finds the study, shows the server's preview, lists the series and reads metadata.
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
  #series: readonly SeriesSummary[] = [];
  #opening: AbortController | undefined;

  constructor(client: DicomWebClient, target: Target, size: Size, listener: SessionListener) {
    this.#client = client;
    this.#target = target;
    this.#size = size;
    this.#listener = listener;
  }

  /** Runs the opening; failures reach the listener. */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Opens another series of the study. */
  openSeries(series: string): void {
    const chosen = this.#series.find(({ SeriesInstanceUID }) => SeriesInstanceUID === series);
    if (chosen) void this.#read(chosen.SeriesInstanceUID, undefined);
  }

  /** Ends every request and frees the pictures. */
  dispose(): void {
    this.#controller.abort();
    this.#opening?.abort();
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
    const listed = (await listing).map(readSeries).filter((summary) => summary !== undefined);
    const series = distinct(listed, ({ SeriesInstanceUID }) => SeriesInstanceUID).sort(compareSeries);
    if (this.#disposed) return;
    this.#series = series;
    this.#listener.seriesList(series);
    for (const summary of series)
      if (summary.image) void this.#loadThumbnail(study.StudyInstanceUID, summary.SeriesInstanceUID);
    const shown = await Promise.race([preview, pause(PREVIEW_PATIENCE_MS, signal)]);
    if (this.#disposed) return;
    this.#openFirst(shown?.location);
  }

  #openFirst(location: ImageLocation | undefined): void {
    if (location && this.#series.some(({ SeriesInstanceUID }) => SeriesInstanceUID === location.series)) {
      void this.#read(location.series, location);
      return;
    }
    const wanted = this.#target.series;
    const first =
      wanted === undefined
        ? this.#series.find(({ image }) => image)
        : this.#series.find(({ SeriesInstanceUID }) => SeriesInstanceUID === wanted);
    if (wanted !== undefined && !first) throw new ViewerError('VIEWER_STUDY_NOT_FOUND', 'series');
    if (first) void this.#read(first.SeriesInstanceUID, undefined);
  }

  #requestPreview(study: string): Promise<RenderedImage> {
    return this.#client.thumbnail({ study, series: this.#target.series }, this.#size, {
      signal: this.#controller.signal,
    });
  }

  #previewShown: Preview | undefined;

  #showPreview({ blob, location }: RenderedImage): Preview | undefined {
    if (this.#disposed) return undefined;
    if (this.#previewShown) return this.#previewShown;
    // A picture that does not say what it shows, or shows another study, is not put on the screen.
    if (!location || location.study !== (this.#study ?? this.#target.study)) return undefined;
    const url = this.#keep(blob);
    this.#previewShown = { url, location };
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

  async #read(series: string, location: ImageLocation | undefined): Promise<void> {
    this.#opening?.abort();
    const controller = new AbortController();
    this.#opening = controller;
    const { signal } = controller;
    const study = this.#study ?? '';
    this.#listener.opening(series);
    const whole = this.#client.seriesMetadata(study, series, { signal });
    whole.catch(() => undefined);
    try {
      const first = location && (await this.#firstInstance(location, whole, signal));
      if (signal.aborted || this.#disposed) return;
      if (location && first) {
        const frames = toFrames([first]);
        if (frames.length > 0) {
          this.#listener.series({
            SeriesInstanceUID: series,
            frames,
            complete: false,
            start: indexOf(frames, location),
            objects: [],
          });
        }
      }
      const datasets = await whole;
      if (signal.aborted || this.#disposed) return;
      for (const dataset of datasets) this.#check(dataset, series);
      const frames = sortFrames(toFrames(datasets));
      const start = location ? indexOf(frames, location) : Math.floor(frames.length / 2);
      const objects = datasets.filter((dataset) => describeFrame(dataset, 1) === undefined);
      this.#listener.series({ SeriesInstanceUID: series, frames, complete: true, start, objects });
      const shown = frames[start];
      if (shown && !this.#previewShown) await this.#previewOf(shown, signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** A server that does not say which image represents the study renders the one we chose. */
  async #previewOf(frame: Frame, signal: AbortSignal): Promise<void> {
    const { StudyInstanceUID: study, SeriesInstanceUID: series, SOPInstanceUID: instance, frameNumber } = frame;
    const location: ImageLocation = {
      study,
      series,
      instance,
      frame: frame.numberOfFrames > 1 ? frameNumber : undefined,
    };
    try {
      const { blob } = await this.#client.rendered(location, this.#size, { signal });
      if (!signal.aborted) this.#showPreview({ blob, location });
    } catch (error) {
      // The stored pixels are on their way: they tell when something is wrong.
      if (!isAbort(error) && !(error instanceof ViewerError)) throw error;
    }
  }

  /** The metadata of the image already on the screen: asked for alone, unless the whole series is there sooner. */
  async #firstInstance(
    location: ImageLocation,
    whole: Promise<JsonDataset[]>,
    signal: AbortSignal,
  ): Promise<JsonDataset | undefined> {
    const alone = this.#client.instanceMetadata(location.study, location.series, location.instance, { signal });
    // Whichever fails leaves it to the other: the series' own failure is told by its reader.
    const dataset = await Promise.race([
      alone.catch(
        () =>
          new Promise<undefined>(
            (resolve) =>
              void whole.then(
                () => resolve(undefined),
                () => resolve(undefined),
              ),
          ),
      ),
      whole.then(
        () => undefined,
        () => alone.catch(() => undefined),
      ),
    ]);
    if (dataset && !signal.aborted) this.#check(dataset, location.series);
    return dataset;
  }

  #check(dataset: JsonDataset, series: string): void {
    checkInstance(dataset, { study: this.#study ?? '', series, patient: this.#target.patient });
  }

  #keep(blob: Blob): string {
    const url = URL.createObjectURL(blob);
    this.#urls.push(url);
    return url;
  }

  #fail(error: unknown): void {
    if (this.#disposed || isAbort(error)) return;
    const failure = toViewerError(error, 'VIEWER_BAD_RESPONSE');
    // Whoever is not whom the page asked for must not be loaded any further.
    if (failure.code === 'VIEWER_PATIENT_MISMATCH' || failure.code === 'VIEWER_IDENTITY_MISMATCH')
      this.#controller.abort();
    this.#listener.failed(failure);
  }
}

function toFrames(datasets: readonly JsonDataset[]): Frame[] {
  return datasets.flatMap((dataset) =>
    Array.from({ length: numberOfFrames(dataset) }, (_, index) => describeFrame(dataset, index + 1)).filter(
      (frame) => frame !== undefined,
    ),
  );
}

function indexOf(frames: readonly Frame[], { instance, frame }: ImageLocation): number {
  const index = frames.findIndex(
    ({ SOPInstanceUID, frameNumber }) => SOPInstanceUID === instance && frameNumber === (frame ?? 1),
  );
  return Math.max(0, index);
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
