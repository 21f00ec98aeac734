import type { DicomWebClient } from '../client/dicomweb-client.ts';
import type { ImageLocation } from '../client/urls.ts';
import { describeFrame, type Frame, numberOfFrames } from '../dicom/frame.ts';
import { type JsonDataset, text } from '../dicom/json.ts';
import { sortFrames } from '../dicom/sort.ts';
import { toViewerError, type ViewerError } from '../errors.ts';
import { checkInstance } from './identity.ts';

/** What is known of a series that a cell shows. */
export interface OpenSeries {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  /** In reading order. */
  readonly frames: readonly Frame[];
  /** Whether all of the series is in `frames`: before that, it may be one instance. */
  readonly complete: boolean;
  /** The frame to begin with. */
  readonly start: number;
  /** Whether the cell is limited to a part of the series: `frames` are all of that part. */
  readonly partial?: boolean;
  /** Instances that are no pictures. */
  readonly objects: readonly JsonDataset[];
}

/** What the instances of a series have to be. */
export interface ExpectedSeries {
  readonly study: string;
  readonly series: string;
  /** Whose they must be; `undefined` where the page did not say. */
  readonly patient: string | undefined;
}

/** What a cell hears while its series is read. Nothing is told after another `read` or `abort`. */
export interface ReadListener {
  series(open: OpenSeries): void;
  failed(error: ViewerError): void;
}

/**
 * Classes whose frames are nothing to page through: tiles of a picture of gigapixels, and segments to lay over other images.
 * @dicom PS3.3 A.32.8, A.51
 */
const NO_STACKS = new Set(['1.2.840.10008.5.1.4.1.1.77.1.6', '1.2.840.10008.5.1.4.1.1.66.4']);

/** Reads the metadata of one series at a time: the image already on the screen first, then all of it. */
export class SeriesReader {
  #reading: AbortController | undefined;

  abort(): void {
    this.#reading?.abort();
    this.#reading = undefined;
  }

  /** @param location the image to begin with; its metadata are asked for alone, so that it need not wait for the rest */
  async read(
    client: DicomWebClient,
    expected: ExpectedSeries,
    location: ImageLocation | undefined,
    listener: ReadListener,
  ): Promise<void> {
    this.abort();
    const controller = new AbortController();
    this.#reading = controller;
    const { signal } = controller;
    const { study: StudyInstanceUID, series: SeriesInstanceUID } = expected;
    const whole = client.seriesMetadata(StudyInstanceUID, SeriesInstanceUID, { signal });
    whole.catch(() => undefined);
    try {
      const first = location && (await firstInstance(client, location, whole, signal));
      if (signal.aborted) return;
      if (location && first) {
        checkInstance(first, expected);
        const frames = toFrames([first]);
        const start = indexOf(frames, location);
        if (frames.length > 0)
          listener.series({ StudyInstanceUID, SeriesInstanceUID, frames, complete: false, start, objects: [] });
      }
      const datasets = await whole;
      if (signal.aborted) return;
      for (const dataset of datasets) checkInstance(dataset, expected);
      const frames = sortFrames(toFrames(datasets));
      const start = location ? indexOf(frames, location) : Math.floor(frames.length / 2);
      const objects = datasets.filter((dataset) => !isPicture(dataset));
      listener.series({ StudyInstanceUID, SeriesInstanceUID, frames, complete: true, start, objects });
    } catch (error) {
      if (!signal.aborted) listener.failed(toViewerError(error, 'VIEWER_BAD_RESPONSE'));
    }
  }
}

/** The metadata of the image already on the screen, unless those of the whole series are there sooner. */
async function firstInstance(
  client: DicomWebClient,
  location: ImageLocation,
  whole: Promise<JsonDataset[]>,
  signal: AbortSignal,
): Promise<JsonDataset | undefined> {
  const alone = client.instanceMetadata(location.study, location.series, location.instance, { signal });
  const nothing = () => undefined;
  // Whichever fails leaves it to the other: the series' own failure is told by its reader.
  return Promise.race([
    alone.catch(() => whole.then(nothing, nothing)),
    whole.then(nothing, () => alone.catch(nothing)),
  ]);
}

const isPicture = (dataset: JsonDataset): boolean =>
  !NO_STACKS.has(text(dataset, 'SOPClassUID') ?? '') && describeFrame(dataset, 1) !== undefined;

function toFrames(datasets: readonly JsonDataset[]): Frame[] {
  return datasets
    .filter(isPicture)
    .flatMap((dataset) =>
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
