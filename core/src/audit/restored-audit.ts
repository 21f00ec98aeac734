import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SigningKeys } from '../security/signing-keys.ts';
import { AuditLog, type RestoredFrom } from './audit-log.ts';
import type { AuditVerdict } from './verify-audit.ts';

/**
 * For a node that was built from a backup and does not run yet. Came its log without the key that signed its head, the old chain is closed: checked by
 * its own hashes up to the restored head, and an entry says that its signature cannot be checked. From that entry on the node's new key signs,
 * so that whatever is done to the log afterwards, the old entries included, is found. A log that does not fit together stays a finding.
 * Undefined when no log was restored.
 */
export async function continueRestoredAudit(
  dataDirectory: string,
  restored: RestoredFrom,
): Promise<AuditVerdict | undefined> {
  const path = join(dataDirectory, 'audit.sqlite');
  if (!existsSync(path)) return undefined;
  const keys = new SigningKeys(join(dataDirectory, 'signing-keys.json'));
  // What is not right is in the verdict, and in the log itself.
  const log = { error: () => undefined };
  const audit = await AuditLog.open({ path, keys, log, restored });
  try {
    return await audit.verify();
  } finally {
    await audit.close();
  }
}
