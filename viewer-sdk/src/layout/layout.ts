/** How the cells stand: rows and columns. */
export interface Layout {
  readonly rows: number;
  readonly columns: number;
}

export const MOST_ROWS = 4;
export const MOST_COLUMNS = 4;

/** Reads `2x3`, rows by columns; whatever is not between 1x1 and 4x4 is one image. */
export function readLayout(value: string): Layout {
  const [, rows, columns] = /^\s*([1-4])\s*[x×]\s*([1-4])\s*$/i.exec(value) ?? [];
  return { rows: Number(rows ?? 1), columns: Number(columns ?? 1) };
}
