import type { StudySummary } from '../session/summaries.ts';

/** A row of the timeline: the head of a year, or a study. */
export type TimelineRow =
  | { readonly kind: 'year'; readonly year: string; readonly count: number }
  | { readonly kind: 'study'; readonly study: StudySummary; readonly position: number };

/** Studies, newest first, under the heads of their years; those without a date come last under an empty one. */
export function timelineRows(studies: readonly StudySummary[]): TimelineRow[] {
  const years = Map.groupBy(studies, ({ date }) => /^\d{4}/.exec(date)?.[0] ?? '');
  let position = 0;
  return [...years].flatMap(([year, ofYear]): TimelineRow[] => [
    { kind: 'year', year, count: ofYear.length },
    ...ofYear.map((study): TimelineRow => {
      position += 1;
      return { kind: 'study', study, position };
    }),
  ]);
}
