import type { CSSResult } from 'lit';
import { html, render, type TemplateResult } from 'lit';
import triangleAlert from 'lucide-static/dist/esm/icons/triangle-alert.mjs';
import { baseStyles } from '../../elements/base.styles.ts';
import { drawIcon } from './icon.ts';
import { partStyles } from './styles.ts';

/** The place a renderer draws into: its own shadow root, so that neither page nor viewer styles it by accident. */
export interface Surface {
  readonly root: ShadowRoot;
  readonly element: HTMLElement;
  draw(template: TemplateResult): void;
  dispose(): void;
}

/** Makes a surface that fills `host`. */
export function openSurface(host: HTMLElement, locale: string, ...styles: readonly CSSResult[]): Surface {
  const element = document.createElement('div');
  element.className = 'object-surface';
  element.lang = locale;
  Object.assign(element.style, { position: 'absolute', inset: '0' });
  const root = element.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [baseStyles, partStyles, ...styles].flatMap(({ styleSheet }) =>
    styleSheet ? [styleSheet] : [],
  );
  host.append(element);
  // What is read, selected and scrolled here is no gesture on an image.
  for (const type of ['pointerdown', 'wheel', 'dblclick', 'contextmenu'] as const)
    element.addEventListener(type, (event) => event.stopPropagation(), { passive: true });
  return {
    root,
    element,
    draw: (template) => render(template, root),
    dispose: () => element.remove(),
  };
}

/** A message that fills the surface. */
export function surfaceMessage(title: string, hint: string, actions: TemplateResult | string = ''): TemplateResult {
  return html`<div class="surface-message" role="alert">
    ${drawIcon(triangleAlert)}
    <div class="title">${title}</div>
    <div class="hint">${hint}</div>
    <div class="actions">${actions}</div>
  </div>`;
}

/** Shown while something is on its way. */
export const surfaceWaiting = (text: string): TemplateResult =>
  html`<div class="surface-message" role="status"><span class="spinner"></span><div>${text}</div></div>`;
