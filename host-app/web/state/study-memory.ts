import type { StudyRow } from '../api/studies.ts';

const LIMIT = 200;
const rows = new Map<string, StudyRow>();

/** Rows seen in lists, so that a study page has its patient banner at the click. Gone with the page and with the session. */
export function rememberStudy(row: StudyRow): void {
  rows.delete(row.StudyInstanceUID);
  rows.set(row.StudyInstanceUID, row);
  const oldest = rows.keys().next();
  if (rows.size > LIMIT && !oldest.done) rows.delete(oldest.value);
}

export function recallStudy(studyInstanceUid: string): StudyRow | undefined {
  return rows.get(studyInstanceUid);
}

export function forgetStudies(): void {
  rows.clear();
}
