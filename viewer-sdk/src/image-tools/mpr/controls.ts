import { html, type TemplateResult } from 'lit';
import type { Frame } from '../../dicom/frame.ts';
import type { Vector } from '../../dicom/vector.ts';
import type { ViewState } from '../../engine/contract.ts';
import { formatWithUnit } from '../../measure/format.ts';
import { valueScale } from '../../measure/pixel-values.ts';
import { measureText } from '../../measure/texts.ts';
import type { MprTool } from './pane-hand.ts';
import type { Projection, VoxelValue } from './reslice.ts';
import { type MprKey, mprText } from './texts.ts';

const TOOLS: readonly (readonly [tool: MprTool, key: string])[] = [
  ['cross', 'C'],
  ['length', 'D'],
  ['angle', 'N'],
  ['pan', 'P'],
];
const PROJECTIONS: readonly Projection[] = ['mean', 'maximum', 'minimum'];
const MOST_SLAB_MM = 200;

/** What the controls show and change. */
export interface Mpr {
  readonly locale: string;
  readonly frame: Frame | undefined;
  readonly view: ViewState | undefined;
  readonly tool: MprTool;
  slabMm: number;
  projection: Projection;
  take(tool: MprTool): void;
  fit(): void;
  clear(): void;
  close(): void;
}

/** What stands in the fourth quarter: tools, slab, and the value at the cross. */
export function renderControls(
  mpr: Mpr,
  shown: { readonly point: Vector; readonly value: VoxelValue; readonly measured: boolean },
): TemplateResult {
  const t = (key: MprKey, parameters?: Record<string, string | number>) => mprText(mpr.locale, key, parameters);
  const [x, y, z] = shown.point.map((place) => (Math.round(place * 10) / 10).toFixed(1));
  const { center, width } = mpr.view?.window ?? { center: 0, width: 0 };
  return html`<div class="controls">
    <h2>${t('title')}</h2>
    <div class="row" role="group" aria-label=${t('tools')}>
      ${TOOLS.map(
        ([tool, key]) =>
          html`<button
            type="button"
            name=${tool}
            title="${t(tool)} (${key})"
            aria-pressed=${tool === mpr.tool}
            @click=${() => mpr.take(tool)}
          >
            ${t(tool)}
          </button>`,
      )}
      <button type="button" name="fit" title="${t('fit')} (F)" @click=${() => mpr.fit()}>${t('fit')}</button>
      <button type="button" name="clear" ?disabled=${!shown.measured} @click=${() => mpr.clear()}>${t('clear')}</button>
    </div>
    <div class="row">
      <label
        >${t('thickness')}
        <input
          type="number"
          name="slab"
          min="0"
          max=${MOST_SLAB_MM}
          step="1"
          .value=${String(mpr.slabMm)}
          @change=${({ target }: Event) => {
            const typed = (target as HTMLInputElement).valueAsNumber;
            mpr.slabMm = Number.isFinite(typed) ? Math.min(MOST_SLAB_MM, Math.max(0, typed)) : 0;
          }}
      /></label>
      ${PROJECTIONS.map(
        (projection) =>
          html`<button
            type="button"
            name=${projection}
            aria-pressed=${projection === mpr.projection}
            @click=${() => {
              mpr.projection = projection;
            }}
          >
            ${t(projection)}
          </button>`,
      )}
    </div>
    <p class="value">${valueText(mpr, shown.value)}</p>
    <p>${t('place', { x: x ?? '', y: y ?? '', z: z ?? '' })}</p>
    <p>${t('window', { width: Math.round(width), center: Math.round(center) })}</p>
    <p>${t('hint')}</p>
    ${shown.measured ? html`<p>${t('notKept')}</p>` : ''}
    <div class="row"><button type="button" name="close" @click=${() => mpr.close()}>${t('close')}</button></div>
  </div>`;
}

function valueText({ locale, frame }: Pick<Mpr, 'locale' | 'frame'>, value: VoxelValue): string {
  if (value === 'padding') return measureText(locale, 'withheld.padding');
  const scale = frame && valueScale(frame);
  if (value === undefined || !scale) return mprText(locale, 'outside');
  const { unit, factor } = scale;
  return mprText(locale, 'value', { value: formatWithUnit(locale, { name: 'value', value: value * factor, unit }) });
}
