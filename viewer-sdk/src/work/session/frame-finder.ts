import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import { describeFrame, type Frame } from '../../dicom/frame.ts';
import { text } from '../../dicom/json.ts';
import { checkInstance } from '../../session/identity.ts';

/** Names a frame of a study. */
export interface FramePlace {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  /** From 1. */
  readonly frame: number;
}

/** Finds the frames that work refers to: those on the screen are known, others are asked for. */
export class FrameFinder {
  readonly #known = new Map<string, Frame>();

  note(frames: readonly Frame[]): void {
    for (const frame of frames) this.#known.set(key(frame.SOPInstanceUID, frame.frameNumber), frame);
  }

  known(instance: string, frame: number): Frame | undefined {
    return this.#known.get(key(instance, frame));
  }

  /** A frame of the study that is known already: for patient and study. */
  anyOf(study: string): Frame | undefined {
    return [...this.#known.values()].find(({ StudyInstanceUID }) => StudyInstanceUID === study);
  }

  /** @throws ViewerError when the instance cannot be had, is another than it is said to be, or has no such frame */
  async find(client: DicomWebClient, { study, series, instance, frame }: FramePlace): Promise<Frame | undefined> {
    const known = this.#known.get(key(instance, frame));
    if (known) return known.StudyInstanceUID === study && known.SeriesInstanceUID === series ? known : undefined;
    const dataset = await client.instanceMetadata(study, series, instance, {});
    checkInstance(dataset, { study, series, patient: undefined });
    const found = describeFrame(dataset, frame);
    if (found?.SOPInstanceUID !== instance || frame > found.numberOfFrames) return undefined;
    this.note([found]);
    return found;
  }

  /** A frame of a series, whichever: for what holds for all of them. */
  async anyOfSeries(client: DicomWebClient, study: string, series: string): Promise<Frame | undefined> {
    for (const frame of this.#known.values())
      if (frame.StudyInstanceUID === study && frame.SeriesInstanceUID === series) return frame;
    const [first] = await client.searchInstances(study, series, {});
    const instance = text(first, 'SOPInstanceUID');
    return instance === undefined ? undefined : this.find(client, { study, series, instance, frame: 1 });
  }

  clear(): void {
    this.#known.clear();
  }
}

const key = (instance: string, frame: number): string => `${instance}/${frame}`;
