import { needs } from '../http/route-parts.ts';
import type { ApiRoutes } from './services.ts';

/** How full the store is and what it holds. */
export const storageRoutes: ApiRoutes = ({ services }) => [
  {
    method: 'GET',
    path: '/api/storage',
    policy: needs('system.read'),
    summary: 'Space, totals, and how many files and conflicts wait for a person',
    async handle() {
      const { storage, query, catalogue } = services();
      const [usage, totals, quarantine, conflicts] = await Promise.all([
        storage.usage(),
        query.totals(),
        storage.listQuarantine(),
        catalogue.listConflicts(),
      ]);
      return {
        body: {
          ...usage,
          totals,
          quarantineCount: quarantine.length,
          conflictCount: conflicts.filter(({ status }) => status === 'open').length,
        },
      };
    },
  },
];
