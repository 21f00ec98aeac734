import type { InstanceRecord } from '../src/catalogue/contract.ts';
import { tagOf, vrOf } from '../src/dicom/dictionary.ts';
import type { DicomJsonElement } from '../src/dicom/types.ts';
import { matchesKey, parseKey, storedText } from '../src/query/matching.ts';
import { nameForms, nameHasWord } from '../src/query/names.ts';
import { idBegins } from '../src/query/search-terms.ts';

/** A query index that looks at every record for every question: slow, plain, and what the real one must agree with. */
export class NaiveIndex {
  readonly #studies = new Map<string, InstanceRecord[]>();

  constructor(records: readonly InstanceRecord[]) {
    const latest = new Map(records.map((record) => [record.SOPInstanceUID, record]));
    for (const record of latest.values()) {
      const identity = `${record.StudyInstanceUID} ${storedText('LO', record.dataset[tagOf('PatientID')])}`;
      this.#studies.set(identity, [...(this.#studies.get(identity) ?? []), record]);
    }
    for (const instances of this.#studies.values()) {
      instances.sort(
        (a, b) => a.received.at.localeCompare(b.received.at) || (a.SOPInstanceUID < b.SOPInstanceUID ? -1 : 1),
      );
    }
  }

  /** Study UIDs that match every key, sorted. */
  search(keys: Record<string, DicomJsonElement>, fuzzy = false): string[] {
    return this.#where((instances) =>
      Object.entries(keys).every(([tag, element]) => {
        const vr = vrOf(tag);
        return matchesKey(vr, parseKey(tag, vr, element, fuzzy), this.#value(instances, tag));
      }),
    );
  }

  /** Study UIDs whose names or numbers have every word, sorted. */
  text(words: readonly string[]): string[] {
    return this.#where((instances) => {
      const of = (keyword: string) => this.#value(instances, tagOf(keyword));
      const ids = [of('PatientID'), of('AccessionNumber'), of('StudyID')];
      return words.every(
        (word) => nameHasWord(nameForms(of('PatientName')), word) || ids.some((id) => idBegins(id, word)),
      );
    });
  }

  #where(matches: (instances: InstanceRecord[]) => boolean): string[] {
    return [...this.#studies.values()]
      .filter(matches)
      .map((instances) => instances[0]?.StudyInstanceUID ?? '')
      .sort();
  }

  #value(instances: readonly InstanceRecord[], tag: string): string {
    if (tag === tagOf('StudyInstanceUID')) return instances[0]?.StudyInstanceUID ?? '';
    if (tag === tagOf('ModalitiesInStudy')) {
      // A series has one modality: where its instances differ, that of the first that has one.
      const ofSeries = new Map<string, string>();
      for (const one of instances) {
        const modality = ofSeries.get(one.SeriesInstanceUID) || storedText('CS', one.dataset[tagOf('Modality')]);
        ofSeries.set(one.SeriesInstanceUID, modality);
      }
      return [...new Set(ofSeries.values())].filter(Boolean).join('\\');
    }
    const values = instances.map((one) => storedText(vrOf(tag), one.dataset[tag]));
    return values.find((value) => value !== '') ?? '';
  }
}
