import type { Order, QueryIndex } from '@filmless/core/plugin';
import type { Holdings } from './holdings.ts';

/** Earlier studies that are brought nearer for one patient. */
const MOST_STUDIES = 20;

/** The earlier studies of patients who are expected come nearer before somebody asks for them. */
export async function prefetchPriors(
  orders: readonly Pick<Order, 'patient'>[],
  query: Pick<QueryIndex, 'studies'>,
  holdings: Pick<Holdings, 'want'>,
): Promise<void> {
  for (const patientId of new Set(orders.map(({ patient }) => patient.id))) {
    const { items } = await query.studies({
      patientId,
      orderBy: '-StudyDate',
      limit: MOST_STUDIES,
      offset: 0,
      scope: { kind: 'all' },
    });
    for (const { StudyInstanceUID } of items) holdings.want(StudyInstanceUID, 'hint');
  }
}
