import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FilmlessError } from '../errors.ts';
import { SigningKeys } from '../security/signing-keys.ts';
import { readHead } from './audit-head.ts';
import { type AuditVerdict, verifyAudit } from './verify-audit.ts';

export type { AuditVerdict } from './verify-audit.ts';

/**
 * Verifies the audit log of a data folder, read only, whether or not its node runs: the verdict does not depend on the node's word.
 * @throws NOT_FOUND when there is no log
 */
export async function verifyAuditFolder(dataDirectory: string): Promise<AuditVerdict> {
  const path = join(dataDirectory, 'audit.sqlite');
  const keysPath = join(dataDirectory, 'signing-keys.json');
  if (!existsSync(path)) throw new FilmlessError('NOT_FOUND', `${path}: there is no audit log`);
  const keys = existsSync(keysPath) ? new SigningKeys(keysPath) : undefined;
  // The head first: what is written meanwhile lies behind it.
  const head = await readHead(`${path}.head`, (kid) => keys?.publicKey(kid));
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return verifyAudit(database, head);
  } finally {
    database.close();
  }
}
