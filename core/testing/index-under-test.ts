import { onTestFinished } from 'vitest';
import type { InstanceRecord } from '../src/catalogue/contract.ts';
import { tagOf } from '../src/dicom/dictionary.ts';
import type { DicomJson } from '../src/dicom/types.ts';
import type { QueryIndex, QueryLevel, QueryRequest, StudyListRequest } from '../src/query/contract.ts';
import { makeQueryRecord, type QueryRecordOptions, type QueryValues, queryKeys } from './query-records.ts';

export type FetchRecords = (SOPInstanceUIDs: readonly string[]) => Promise<(InstanceRecord | undefined)[]>;
/** Opens an empty index; `fetchRecords` stands for the catalogue. It is closed after each test. */
export type MakeQueryIndex = (fetchRecords: FetchRecords) => Promise<QueryIndex>;

const all = { kind: 'all' } as const;

/** An index under test, with the records it was given. */
export class IndexUnderTest {
  readonly index: QueryIndex;
  readonly #records: Map<string, InstanceRecord>;
  #seq = 0;

  private constructor(index: QueryIndex, records: Map<string, InstanceRecord>) {
    this.index = index;
    this.#records = records;
  }

  static async open(make: MakeQueryIndex): Promise<IndexUnderTest> {
    const records = new Map<string, InstanceRecord>();
    const index = await make(async (uids) => uids.map((uid) => records.get(uid)));
    onTestFinished(() => index.close());
    return new IndexUnderTest(index, records);
  }

  apply(...records: InstanceRecord[]): void {
    for (const record of records) this.#records.set(record.SOPInstanceUID, record);
    this.index.apply(
      records.map((record) => ({ seq: String(++this.#seq), record })),
      String(this.#seq),
    );
  }

  put(options: QueryRecordOptions, values: QueryValues = {}): void {
    this.apply(makeQueryRecord(options, values));
  }

  remove(SOPInstanceUID: string): void {
    this.#records.delete(SOPInstanceUID);
    this.index.apply([{ seq: String(++this.#seq), deletedSOPInstanceUID: SOPInstanceUID }], String(this.#seq));
  }

  search(level: QueryLevel, values: QueryValues, more: Partial<QueryRequest> = {}): Promise<DicomJson[]> {
    return this.index.search({
      level,
      keys: queryKeys(values),
      include: [],
      limit: 1000,
      offset: 0,
      scope: all,
      ...more,
    });
  }

  /** One attribute of each match. */
  async values(
    level: QueryLevel,
    keyword: string,
    keys: QueryValues,
    more: Partial<QueryRequest> = {},
  ): Promise<unknown[]> {
    return (await this.search(level, keys, more)).map((one) => one[tagOf(keyword)]?.Value?.[0]);
  }

  /** Study UIDs that match, in order of their last number. */
  async studies(keys: QueryValues, more: Partial<QueryRequest> = {}): Promise<string[]> {
    return (await this.values('STUDY', 'StudyInstanceUID', keys, more)).map(String).sort();
  }

  async list(request: Partial<StudyListRequest>): Promise<{ total: number; uids: string[] }> {
    const { total, items } = await this.index.studies({ limit: 100, offset: 0, scope: all, ...request });
    return { total, uids: items.map((row) => row.StudyInstanceUID) };
  }
}
