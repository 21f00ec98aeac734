import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const login = z.object({ name: z.string(), displayName: z.string(), role: z.string(), password: z.string() });
const schema = z.object({
  /** The day the studies are dated back from. Kept, so that studies made again are the same to the last bit. */
  today: z.string().regex(/^\d{8}$/),
  logins: z.array(login),
});
export type DemoLogin = z.infer<typeof login>;
export type DemoState = z.infer<typeof schema>;

const USERS = [
  { name: 'admin', displayName: '系统管理员', role: 'admin' },
  { name: 'radiology', displayName: '放射科医生', role: 'radiology' },
  { name: 'clinician', displayName: '临床医生', role: 'clinician' },
];

/** What the demo made up at its first start, kept in its data folder so that later starts can say it again. */
export async function demoState(dataDirectory: string, adminPassword: string | undefined): Promise<DemoState> {
  const path = join(dataDirectory, 'demo.json');
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const logins = USERS.map((user) => ({
    ...user,
    password: (user.name === 'admin' ? adminPassword : undefined) ?? randomBytes(9).toString('base64url'),
  }));
  const now = new Date();
  const today = `${now.getFullYear()}${String(now.getMonth() + 1).padStart(2, '0')}${String(now.getDate()).padStart(2, '0')}`;
  await writeFile(path, JSON.stringify({ today, logins }, null, 2), { mode: 0o600 });
  return { today, logins };
}
