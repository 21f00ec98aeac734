import { html } from 'lit';
import icon from 'lucide-static/dist/esm/icons/ruler.mjs';
import type { ViewerPanel } from '../extension/contract.ts';
import { FilmlessMeasurements } from './panel-element.ts';
import type { MeasureSession } from './session.ts';
import { measureText } from './texts.ts';

/** The list of measurements at the right. */
export function measurePanel(session: MeasureSession): ViewerPanel {
  const tag = 'filmless-viewer-measurements';
  if (!customElements.get(tag)) customElements.define(tag, FilmlessMeasurements);
  return {
    id: 'measurements',
    label: (locale) => measureText(locale, 'panel.label'),
    icon,
    // A new object each time: the element has no other way to know that something changed.
    render: () => html`<filmless-viewer-measurements .source=${{ session }}></filmless-viewer-measurements>`,
  };
}
