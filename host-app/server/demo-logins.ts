import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.array(z.object({ name: z.string(), displayName: z.string(), role: z.string(), password: z.string() }));
export type DemoLogin = z.infer<typeof schema>[number];

const USERS = [
  { name: 'admin', displayName: '系统管理员', role: 'admin' },
  { name: 'radiology', displayName: '放射科医生', role: 'radiology' },
  { name: 'clinician', displayName: '临床医生', role: 'clinician' },
];

/** The demo's logins: made at its first start and kept in its data folder, so that later starts can print them again. */
export async function demoLogins(
  dataDirectory: string,
  adminPassword: string | undefined,
): Promise<{ logins: DemoLogin[]; first: boolean }> {
  const path = join(dataDirectory, 'demo-logins.json');
  try {
    return { logins: schema.parse(JSON.parse(await readFile(path, 'utf8'))), first: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const logins = USERS.map((user) => ({
    ...user,
    password: (user.name === 'admin' ? adminPassword : undefined) ?? randomBytes(9).toString('base64url'),
  }));
  await writeFile(path, JSON.stringify(logins, null, 2), { mode: 0o600 });
  return { logins, first: true };
}
