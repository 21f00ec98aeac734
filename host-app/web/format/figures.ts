const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `1.4 GB`; steps of 1024 as operating systems show them. */
export function formatBytes(sizeBytes: number): string {
  let value = Math.max(0, sizeBytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `100,000` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
