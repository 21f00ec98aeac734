import { html, svg, type TemplateResult } from 'lit';
import type { DiskState } from './api.ts';

const SHAPES = {
  check: svg`<path d="M20 6 9 17l-5-5"/>`,
  eject: svg`<path d="M12 4 4 14h16zM4 19h16"/>`,
  clock: svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>`,
  dash: svg`<path d="M5 12h14"/>`,
} as const;

const LOOKS: Record<DiskState, { shape: keyof typeof SHAPES; tone: string }> = {
  attached: { shape: 'check', tone: 'done' },
  closing: { shape: 'clock', tone: 'warn' },
  safe: { shape: 'eject', tone: 'info' },
  away: { shape: 'dash', tone: 'secondary' },
  retired: { shape: 'dash', tone: 'secondary' },
};

/** A state with its sign: colour is never alone. */
export function stateMark(state: DiskState, label: string): TemplateResult {
  const { shape, tone } = LOOKS[state];
  return html`<span class="state ${tone}">
    <svg width="14" height="14" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.5" aria-hidden="true">${SHAPES[shape]}</svg>${label}
  </span>`;
}
