import { recall, remember } from '../state/preferences.ts';

/** How a user arranged the columns of one grid. */
export interface GridLayout {
  order: string[];
  hidden: string[];
  /** In px. */
  widths: Record<string, number>;
}

interface ColumnDefaults {
  key: string;
  hidden?: boolean;
}

/** What was remembered, cleaned of columns that no longer exist; new columns come at their default place. */
export function recallLayout(layoutKey: string, columns: readonly ColumnDefaults[]): GridLayout {
  const keys = columns.map((column) => column.key);
  const stored = recall(`grid.${layoutKey}`);
  const fallback: GridLayout = {
    order: keys,
    hidden: columns.filter((column) => column.hidden).map((column) => column.key),
    widths: {},
  };
  if (stored === null || typeof stored !== 'object') return fallback;
  const { order, hidden, widths } = stored as Partial<Record<keyof GridLayout, unknown>>;
  const known = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((key): key is string => keys.includes(key)) : [];
  const knownOrder = known(order);
  const merged = [...knownOrder];
  for (const key of keys) if (!merged.includes(key)) merged.splice(Math.min(keys.indexOf(key), merged.length), 0, key);
  const cleanWidths: Record<string, number> = {};
  for (const [key, width] of Object.entries(widths !== null && typeof widths === 'object' ? widths : {})) {
    if (keys.includes(key) && typeof width === 'number' && width >= 24 && width <= 1200) cleanWidths[key] = width;
  }
  const newHidden = fallback.hidden.filter((key) => !knownOrder.includes(key));
  return { order: merged, hidden: [...new Set([...known(hidden), ...newHidden])], widths: cleanWidths };
}

export function rememberLayout(layoutKey: string, layout: GridLayout): void {
  remember(`grid.${layoutKey}`, layout);
}
