import type { AccessScope, InstanceRecord, PluginContext } from '@filmless/core/plugin';

const STUDIES_AT_ONCE = 20;

/** What came last, by study. */
export async function newestRecords(
  { query, catalogue }: Pick<PluginContext, 'query' | 'catalogue'>,
  scope: AccessScope,
  limit: number,
): Promise<InstanceRecord[]> {
  const records: InstanceRecord[] = [];
  for (let offset = 0; records.length < limit; offset += STUDIES_AT_ONCE) {
    const { items } = await query.studies({ orderBy: '-receivedAt', limit: STUDIES_AT_ONCE, offset, scope });
    for (const { StudyInstanceUID } of items) {
      if (records.length >= limit) break;
      const instances = (await query.instances({ StudyInstanceUID, scope })).slice(0, limit - records.length);
      const found = await catalogue.getMany(instances.map(({ SOPInstanceUID }) => SOPInstanceUID));
      records.push(...found.filter((record) => record !== undefined));
    }
    if (items.length < STUDIES_AT_ONCE) break;
  }
  return records;
}
