import type { LitElement } from 'lit';
import { formatDate } from '../dicom/format.ts';
import { text } from '../dicom/json.ts';
import { isUid } from '../dicom/uid.ts';
import { isAbort } from '../errors.ts';
import type { Cell, ViewerContext } from '../extension/contract.ts';
import { compareStudies, readStudy, type StudySummary } from '../session/summaries.ts';
import { earlierStudies, matchingSeries, regionsOf, sameRegion } from './choose-prior.ts';
import { patientDifference } from './same-patient.ts';
import { type CompareText, compareText } from './texts.ts';

/** As many studies stand side by side at most. */
export const MOST_STUDIES = 4;
/** Candidates for the prior whose series are looked at. */
const MOST_CANDIDATES = 8;
const FIELDS = 'IssuerOfPatientID';

/** What of the element a part of the viewer sets and reads beyond the contract: its public properties. */
export type PageElement = LitElement & { layout: string; compare: string; study: string };
export const pageElement = (viewer: ViewerContext): PageElement => viewer.element as PageElement;

/** Opens other studies of the patient beside the first one; nobody else's, whoever asks. */
export class Beside {
  readonly #viewer: ViewerContext;
  #studies: readonly StudySummary[] = [];

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
  }

  /** The studies that stand beside the first. */
  get studies(): readonly StudySummary[] {
    return this.#studies;
  }

  /** These stand beside the first from now on, whoever puts them on the screen. */
  take(studies: readonly StudySummary[]): void {
    this.#studies = studies;
  }

  forget(): void {
    this.#studies = [];
  }

  /**
   * Finds studies by their UIDs and checks whose they are; says so on the screen for each that is refused.
   * @returns those that may be shown, in the order asked for
   */
  async admit(uids: readonly string[]): Promise<StudySummary[]> {
    const own = this.#viewer.study;
    const wanted = [...new Set(uids)].filter((uid) => uid !== own?.StudyInstanceUID);
    if (!own || wanted.length === 0) return [];
    const reference = (await this.#find(own.StudyInstanceUID)) ?? own;
    const admitted: StudySummary[] = [];
    for (const uid of wanted) {
      if (admitted.length + 1 >= MOST_STUDIES) {
        this.#say('tooMany', { count: MOST_STUDIES });
        break;
      }
      const study = isUid(uid) ? await this.#find(uid) : undefined;
      const difference = study && patientDifference(reference.dataset, study.dataset);
      if (!study) this.#say('notFound');
      else if (difference) this.#say('refused', { reason: this.#text(`reason.${difference}`) });
      else admitted.push(study);
    }
    return this.#viewer.study === own ? admitted : [];
  }

  /** Puts studies beside the first, each in a cell, with the series most like the one that is shown. */
  async open(studies: readonly StudySummary[]): Promise<void> {
    const viewer = this.#viewer;
    const own = viewer.study;
    if (!own || studies.length === 0) return;
    const shown = shownSeries(viewer.active, own.StudyInstanceUID) ?? viewer.seriesList.find(({ image }) => image);
    if (!shown) return;
    this.take(studies);
    const places = [
      { study: own, series: shown },
      ...(await Promise.all(
        studies.map(async (study) => ({
          study,
          series: matchingSeries(shown, await viewer.listSeries(study.StudyInstanceUID)),
        })),
      )),
    ];
    if (viewer.study !== own) return;
    const columns = places.length === 4 ? 2 : places.length;
    await setLayout(viewer, { rows: Math.ceil(places.length / columns), columns });
    const [first] = viewer.cells;
    if (first) viewer.activate(first);
    await Promise.all(
      places.map(async ({ study, series }, index) => {
        const cell = viewer.cells[index];
        if (!series) this.#say('noImages', { date: formatDate(study.date) || this.#text('undated') });
        if (cell && series) await cell.openSeries(study.StudyInstanceUID, series.SeriesInstanceUID);
        else cell?.clear();
      }),
    );
  }

  /** Says with which exam the study is compared. */
  announce(): void {
    const [newest] = [...this.#studies].sort(compareStudies);
    if (newest)
      this.#say('comparing', {
        date: formatDate(newest.date) || this.#text('undated'),
        description: newest.description,
      });
  }

  /** The newest earlier study of the same body part and modality; `undefined` when there is none. */
  async findPrior(): Promise<StudySummary | undefined> {
    const viewer = this.#viewer;
    const { client, study } = viewer;
    if (!client || !study) return undefined;
    await viewer.searchStudies();
    const modalities = [...new Set(viewer.seriesList.filter(({ image }) => image).map(({ modality }) => modality))];
    const describe = async ({ StudyInstanceUID, description }: StudySummary) => {
      const series = await client.searchSeries(StudyInstanceUID, {});
      return {
        description,
        regions: regionsOf([description, ...series.map((each) => text(each, 'SeriesDescription'))].join('\n'), series),
      };
    };
    const own = await describe(study);
    for (const candidate of earlierStudies(study, modalities, viewer.studies).slice(0, MOST_CANDIDATES))
      if (sameRegion(own, await describe(candidate))) return candidate;
    return undefined;
  }

  /**
   * Looks at what a cell shows: images of another study of somebody else go at once. The search may have said less than the images do.
   */
  check(cell: Cell): void {
    const own = this.#viewer.study;
    const frame = cell.open?.frames[0];
    if (!own || !frame || frame.StudyInstanceUID === own.StudyInstanceUID) return;
    const reference = this.#viewer.cells
      .flatMap(({ open }) => open?.frames[0] ?? [])
      .find(({ StudyInstanceUID }) => StudyInstanceUID === own.StudyInstanceUID);
    const difference = patientDifference((reference ?? own).dataset, frame.dataset);
    if (!difference) return;
    cell.clear();
    this.#say('refused', { reason: this.#text(`reason.${difference}`) });
  }

  async #find(uid: string): Promise<StudySummary | undefined> {
    const { client } = this.#viewer;
    try {
      const datasets = await client?.searchStudies({ StudyInstanceUID: uid, includefield: FIELDS }, {});
      return datasets?.map(readStudy).find((study) => study?.StudyInstanceUID === uid);
    } catch (error) {
      if (isAbort(error)) return undefined;
      throw error;
    }
  }

  #text(key: CompareText, parameters?: Readonly<Record<string, string | number>>): string {
    return compareText(this.#viewer.locale, key, parameters);
  }

  #say(key: CompareText, parameters?: Readonly<Record<string, string | number>>): void {
    const failed = key !== 'comparing';
    this.#viewer.notify(this.#text(key, parameters), failed ? 'error' : 'information');
  }
}

function shownSeries(cell: Cell, study: string): Cell['series'] {
  return cell.study?.StudyInstanceUID === study && cell.series?.image ? cell.series : undefined;
}

/** The layouts that we gave, by element: any other is the page's or the user's, and stays. */
const given = new WeakMap<HTMLElement, string>();

/** The layout that we gave last, whether it still stands or not. */
export const givenLayout = (viewer: ViewerContext): string | undefined => given.get(viewer.element);

/** Lays the cells out and waits until they are there. */
export async function setLayout(viewer: ViewerContext, layout: { rows: number; columns: number }): Promise<void> {
  const element = pageElement(viewer);
  element.layout = `${layout.rows}x${layout.columns}`;
  given.set(element, element.layout);
  await element.updateComplete;
}
