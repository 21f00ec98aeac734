import { html } from 'lit';
import cineIcon from 'lucide-static/dist/esm/icons/film.mjs';
import toneIcon from 'lucide-static/dist/esm/icons/spline.mjs';
import subtractionIcon from 'lucide-static/dist/esm/icons/square-minus.mjs';
import type { ViewerContext, ViewerPanel } from '../extension/contract.ts';
import type { CinePlayer } from './cine/cine-player.ts';
import { FilmlessCine } from './cine/panel-element.ts';
import { FilmlessSubtraction } from './subtraction/panel-element.ts';
import type { SubtractionSession } from './subtraction/subtraction-session.ts';
import { imageToolsText } from './texts.ts';
import { FilmlessToneCurve } from './tone-curve/panel-element.ts';

const ELEMENTS = {
  'filmless-viewer-tone-curve': FilmlessToneCurve,
  'filmless-viewer-cine': FilmlessCine,
  'filmless-viewer-subtraction': FilmlessSubtraction,
} as const;

/** The panels of the image tools. Each is given a new object every time: it has no other way to know that something changed. */
export function imageToolsPanels(
  viewer: ViewerContext,
  player: CinePlayer,
  session: SubtractionSession,
): readonly ViewerPanel[] {
  for (const [tag, element] of Object.entries(ELEMENTS))
    if (!customElements.get(tag)) customElements.define(tag, element);
  return [
    {
      id: 'toneCurve',
      label: (locale) => imageToolsText(locale, 'tone.label'),
      icon: toneIcon,
      render: () => html`<filmless-viewer-tone-curve .source=${{ viewer }}></filmless-viewer-tone-curve>`,
    },
    {
      id: 'cinePanel',
      label: (locale) => imageToolsText(locale, 'cine.label'),
      icon: cineIcon,
      render: () => html`<filmless-viewer-cine .source=${{ viewer, player }}></filmless-viewer-cine>`,
    },
    {
      id: 'subtraction',
      label: (locale) => imageToolsText(locale, 'sub.label'),
      icon: subtractionIcon,
      render: () => html`<filmless-viewer-subtraction .source=${{ viewer, session }}></filmless-viewer-subtraction>`,
    },
  ];
}
