import { Readable } from 'node:stream';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { RecordingLog } from '../../testing/recording-log.ts';
import { PouchCatalogue } from '../catalogue/pouch-catalogue.ts';
import { FileSystemStorage } from '../storage/file-system-storage.ts';
import { InstanceIngest } from './ingest.ts';

/**
 * Run as a program: receives instances into the given folder, four at a time, and prints each UID once it was acknowledged,
 * until it is killed. The second argument starts the UIDs.
 */
const [directory = '', root = ''] = process.argv.slice(2);
const storage = await FileSystemStorage.open({ directory: `${directory}/storage`, floorBytes: 0 });
const catalogue = await PouchCatalogue.open({ location: `${directory}/catalogue` });
const ingest = new InstanceIngest({
  storage,
  catalogue,
  log: new RecordingLog(),
  beforeReceive: async () => undefined,
});
let next = 0;

async function receiveOnAndOn(): Promise<never> {
  for (;;) {
    const SOPInstanceUID = `${root}.${next++}`;
    const bytes = makeInstanceFile({ SOPInstanceUID, pixelBytes: 50_000 });
    await ingest.receiveStream(Readable.from([bytes]), { via: 'dimse', name: 'CT1' });
    process.stdout.write(`${SOPInstanceUID}\n`);
  }
}

await Promise.all(Array.from({ length: 4 }, receiveOnAndOn));
