import { join } from 'node:path';
import type { InstanceLocator, PluginContext } from '@filmless/core/plugin';
import type { DicomwebConfig } from './config.ts';
import { DICOMWEB_ROOT, type Dicomweb } from './context.ts';
import { FileCache } from './file-cache.ts';
import { DecodePool } from './pixels/decode-pool.ts';
import { ImageOpener } from './pixels/open-image.ts';
import { bySeries } from './wado/find-instances.ts';
import { PreparedMetadata } from './wado/prepared-metadata.ts';
import { QuietSeries } from './wado/quiet-series.ts';
import { mayBeShown } from './wado/representative.ts';
import { prepareThumbnail } from './wado/thumbnail.ts';

const MIB = 1024 * 1024;

/** What the handlers share, made once per activation. */
export function openDicomweb(plugin: PluginContext<DicomwebConfig>): { web: Dicomweb; prepareSeries: QuietSeries } {
  const { config, cacheDirectory, log } = plugin;
  const metadata = new PreparedMetadata({
    cache: new FileCache(join(cacheDirectory, 'metadata'), config.metadataCacheMiB * MIB),
    catalogue: plugin.catalogue,
    identities: plugin.identities,
    bulkDataRoot: `${config.publicUrl ?? ''}${DICOMWEB_ROOT}`,
    log,
  });
  const pool = new DecodePool({
    threads: config.decodeWorkers,
    timeoutMs: config.decodeTimeoutMs,
    queueLimit: config.decodeQueueLimit,
    heapMiB: config.decodeHeapMiB,
    log,
  });
  const thumbnails = new FileCache(join(cacheDirectory, 'thumbnails'), config.thumbnailCacheMiB * MIB);
  const web: Dicomweb = { plugin, pool, metadata, thumbnails, images: new ImageOpener(() => web) };
  const prepareSeries = new QuietSeries(web, (study, series) => prepare(web, study, series));
  return { web, prepareSeries };
}

/** Metadata and thumbnail of a series that is quiet now. */
async function prepare(web: Dicomweb, StudyInstanceUID: string, SeriesInstanceUID: string): Promise<void> {
  const instances = await web.plugin.query.instances({ StudyInstanceUID, SeriesInstanceUID, scope: { kind: 'all' } });
  for (const series of bySeries(instances)) await web.metadata.series(series);
  // Nobody has asked for it yet: nothing is brought from another node for its sake.
  if (instances.some(mayBeShown) && (await areHere(web, instances))) {
    await prepareThumbnail(web, instances, web.plugin.signal);
  }
}

async function areHere({ plugin }: Dicomweb, instances: readonly InstanceLocator[]): Promise<boolean> {
  for (const { sha256 } of instances) if (!(await plugin.storage.has(sha256))) return false;
  return true;
}
