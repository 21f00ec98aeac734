import type { InstanceRecord } from '@filmless/core/plugin';

interface Named {
  _id: string;
  content?: unknown;
}

/** A document leads to others by these: versions of one report, the file of a version, the numbers of a person. */
const LEADS_BY: ReadonlySet<string> = new Set(['reportId', 'key', 'sha256']);
const ID_PREFIX = 'doc:';

/**
 * Which clinical documents are about given studies: those that name the study, its patient or its accession number, and those that these lead to. Documents
 * are looked at twice, for one may come before what leads to it.
 */
export class Concerned {
  readonly #names = new Set<string>();
  readonly #leads = new Set<string>();

  addStudy({ StudyInstanceUID, dataset }: Pick<InstanceRecord, 'StudyInstanceUID' | 'dataset'>): void {
    const texts = ['00100020', '00080050'].map((tag) => String(dataset[tag]?.Value?.[0] ?? '').trim());
    for (const name of [StudyInstanceUID, ...texts]) if (name !== '') this.#names.add(name);
  }

  /** The first look. */
  follow(document: Named): void {
    if (!namesOf(document).some((name) => this.#names.has(name))) return;
    this.#leads.add(document._id.slice(ID_PREFIX.length));
    for (const [key, value] of texts(document.content)) if (LEADS_BY.has(key)) this.#leads.add(value);
  }

  /** The second. */
  has(document: Named): boolean {
    return namesOf(document).some((name) => this.#names.has(name) || this.#leads.has(name));
  }
}

/** What a document calls itself and what it holds: whole values, and the parts of its name. */
function namesOf({ _id, content }: Named): string[] {
  const id = _id.slice(ID_PREFIX.length);
  return [id, ...id.split(':').map(decoded), ...texts(content).map(([, value]) => value)];
}

function texts(value: unknown, key = ''): [key: string, value: string][] {
  if (typeof value === 'string') return [[key, value.trim()]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => texts(one, Array.isArray(value) ? key : name));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
