import type { InstanceRecord } from '@filmless/core/plugin';
import { objectFolder } from '../format/index.ts';
import type { Ledger } from './ledger.ts';

/** An object is known from now on, and owed to every set. */
export function note(ledger: Ledger, record: InstanceRecord, notedAt: string, isConflict: boolean): void {
  const object = {
    sha256: record.sha256,
    instance: record.SOPInstanceUID,
    study: record.StudyInstanceUID,
    patient: objectFolder(record, ledger.secret).patient,
    sizeBytes: record.sizeBytes,
    notedAt,
    conflict: isConflict ? JSON.stringify(record) : '',
  };
  ledger.objects.note(object, record.received.at.slice(0, 10), ledger.disks.sets());
}
