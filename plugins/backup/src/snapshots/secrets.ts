import type { CopiedDocument } from '@filmless/core/plugin';

/** Who finds a disk must not be able to sign in with what is on it, nor to stand for the node. */
const SECRET_KEY = /^(password|secondFactor|recovery|token|apiKey)$|(secret|password|privateKey|accessKey)$/i;
const SECRET_FILE =
  /(^|\/)(signing-keys\.json|security\.sqlite|audit\.head|audit-head\.json|jobs\.sqlite)$|\.(pem|key)$/;
/** Data of patients and images: whatever a key is called there, it is no password. */
const CLINICAL = new Set(['instances', 'reports', 'patients', 'orders']);

/** Without passwords, second factors and keys; undefined when nothing of use is left. */
export function withoutSecrets({ database, document }: CopiedDocument): CopiedDocument | undefined {
  if (CLINICAL.has(database)) return { database, document };
  // A service key is nothing but its hash.
  if (database === 'security' && 'hash' in document) return undefined;
  return { database, document: stripped(document) as CopiedDocument['document'] };
}

export function isSecretFile(path: string, content?: Buffer): boolean {
  return SECRET_FILE.test(path) || (content?.includes('PRIVATE KEY') ?? false);
}

/** Settings without what is secret in them: a line of YAML whose key is one. */
export function configWithoutSecrets(yaml: string): string {
  return yaml
    .split('\n')
    .map((line) => {
      const [, start, key] = /^(\s*(?:-\s*)?)["']?([A-Za-z0-9_]+)["']?\s*:/.exec(line) ?? [];
      return key !== undefined && SECRET_KEY.test(key) ? `${start}# ${key}: left out of the backup` : line;
    })
    .join('\n');
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (SECRET_KEY.test(key) ? [] : [[key, stripped(inner)]])),
  );
}
