/** What this browser remembers for its user: language, theme, folded panels, columns. Never patient data. */
const PREFIX = 'filmless.';

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A browser that forbids storage works without memory.
    return;
  }
}

export function recall(key: string): unknown {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type Theme = 'dark' | 'light';

export const themeChanges = new EventTarget();

export function currentTheme(): Theme {
  return recall('theme') === 'light' ? 'light' : 'dark';
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}

export function setTheme(theme: Theme): void {
  remember('theme', theme);
  applyTheme(theme);
  themeChanges.dispatchEvent(new Event('change'));
}
