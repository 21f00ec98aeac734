import { type CSSResult, css, unsafeCSS } from 'lit';

/**
 * The visual language as data: one table of `--filmless-*` custom properties for each theme.
 * The viewer puts them on its host; the staff's application puts them on `:root` and maps them onto its own library.
 * A page that embeds the viewer overrides them on the element: `filmless-viewer { --filmless-accent: #0a7; }`.
 */
export type Theme = 'dark' | 'light';

const shared = {
  '--filmless-image-background': '#000000',
  '--filmless-overlay-text': '#e6edf3',
  '--filmless-overlay-secondary': '#b4c2cf',
  '--filmless-overlay-accent': '#ffd479',
  '--filmless-overlay-progress': '#4aa3ff',
  '--filmless-overlay-line': 'rgb(255 255 255 / 25%)',
  '--filmless-annotation': '#ffd479',
  '--filmless-annotation-selected': '#7fd0ff',
  '--filmless-annotation-other': '#8fe3c0',
  '--filmless-annotation-rim': 'rgb(0 0 0 / 80%)',
  '--filmless-font':
    "'PingFang SC', 'Microsoft YaHei UI', 'Microsoft YaHei', 'Noto Sans SC', 'Noto Sans CJK SC', system-ui, sans-serif",
  '--filmless-font-size-table': '13px',
  '--filmless-font-size-form': '14px',
  '--filmless-font-size-small': '12px',
  '--filmless-space': '4px',
  '--filmless-radius': '4px',
  '--filmless-row-height': '32px',
} as const;

const dark = {
  ...shared,
  '--filmless-surface-0': '#0e1116',
  '--filmless-surface-1': '#161b22',
  '--filmless-surface-2': '#1f2630',
  '--filmless-surface-3': '#2a3441',
  '--filmless-line': '#2b3440',
  '--filmless-text': '#e6edf3',
  '--filmless-text-secondary': '#9fb0c0',
  '--filmless-accent': '#4aa3ff',
  '--filmless-accent-text': '#06121f',
  '--filmless-accent-surface': '#16304b',
  '--filmless-state-critical': '#ff7b72',
  '--filmless-state-waiting': '#e3b341',
  '--filmless-state-done': '#56d364',
  '--filmless-state-information': '#6cb6ff',
  '--filmless-shadow': '0 4px 16px rgb(0 0 0 / 60%)',
} as const;

/** Every token has a value in every theme. */
export type TokenName = keyof typeof dark;

const light: Record<TokenName, string> = {
  ...shared,
  '--filmless-surface-0': '#f4f6f8',
  '--filmless-surface-1': '#ffffff',
  '--filmless-surface-2': '#eceff3',
  '--filmless-surface-3': '#dfe5ec',
  '--filmless-line': '#cdd5de',
  '--filmless-text': '#1a222b',
  '--filmless-text-secondary': '#4d5b69',
  '--filmless-accent': '#0b63b8',
  '--filmless-accent-text': '#ffffff',
  '--filmless-accent-surface': '#d8e8f8',
  '--filmless-state-critical': '#b3261e',
  '--filmless-state-waiting': '#7a5200',
  '--filmless-state-done': '#1a6b2d',
  '--filmless-state-information': '#0b5cab',
  '--filmless-shadow': '0 4px 16px rgb(20 30 40 / 18%)',
};

export const TOKENS: Readonly<Record<Theme, Readonly<Record<TokenName, string>>>> = { dark, light };

/** The declarations of one theme, to be put inside a rule: `:root { ${tokenDeclarations('dark')} }`. */
export function tokenDeclarations(theme: Theme): CSSResult {
  return unsafeCSS(
    Object.entries(TOKENS[theme])
      .map(([name, value]) => `${name}: ${value};`)
      .join('\n'),
  );
}

/** Dark unless the element says `theme="light"`. */
export const tokenStyles = css`
  :host {
    color-scheme: dark;
    ${tokenDeclarations('dark')}
  }
  :host([theme='light']) {
    color-scheme: light;
    ${tokenDeclarations('light')}
  }
`;
