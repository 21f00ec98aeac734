// @ts-check
/**
 * The cardiothoracic ratio of a chest film: two lines, drawn by dragging, and their ratio in a panel.
 * Plain JavaScript without a build: a module whose default export is called with the viewer's SDK.
 * @import { Cell, CellDrag, CellPointer, ImagePoint, ViewerContext, ViewerContribution, ViewerSdk } from '@filmless/viewer-sdk'
 */

const ICON =
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"><path d="M3 8h18M3 5v6M21 5v6M8 17h9M8 14v6M17 14v6"/></svg>';

/** @param {ViewerSdk} sdk */
export default function register(sdk) {
  const text = sdk.moduleTranslator('cardiothoracic-ratio', {
    en: {
      tool: 'Cardiothoracic ratio',
      hint: 'Drag across the heart, then across the chest.',
      heart: 'Heart {pixels} px',
      chest: 'Chest {pixels} px',
      ratio: 'Ratio {ratio}',
    },
    'zh-CN': {
      tool: '心胸比',
      hint: '先在心影最宽处拖动，再在胸廓最宽处拖动。',
      heart: '心影横径 {pixels} 像素',
      chest: '胸廓横径 {pixels} 像素',
      ratio: '心胸比 {ratio}',
    },
  });
  sdk.registerViewerExtension({
    id: 'cardiothoracic-ratio',
    buttons: [
      {
        id: 'cardiothoracic-ratio',
        label: (locale) => text(locale, 'tool'),
        icon: ICON,
        group: 'measure',
        place: 'menu',
      },
    ],
    load: (viewer) => open(viewer, sdk, text),
  });
}

/**
 * A line in pixels of one image: it belongs to that image alone.
 * @typedef {{ image: string, ends: [ImagePoint, ImagePoint] }} Line
 */

/** @param {Line} line */
const length = ({ ends: [from, to] }) => Math.hypot(to[0] - from[0], to[1] - from[1]);

/**
 * Called once for each viewer: what is kept in here is that viewer's own.
 * @param {ViewerContext} viewer
 * @param {ViewerSdk} sdk
 * @param {(locale: string, key: 'tool' | 'hint' | 'heart' | 'chest' | 'ratio', values?: Record<string, string | number>) => string} text
 * @returns {ViewerContribution}
 */
function open(viewer, { html, svg, nothing }, text) {
  /** @type {Line[]} */
  let lines = [];

  const renderPanel = () => {
    const [heart, chest] = lines;
    const say = (/** @type {'heart' | 'chest'} */ key, /** @type {Line} */ line) =>
      html`<p>${text(viewer.locale, key, { pixels: length(line).toFixed(0) })}</p>`;
    return html`<p>${text(viewer.locale, 'hint')}</p>
      ${heart ? say('heart', heart) : nothing} ${chest ? say('chest', chest) : nothing}
      ${
        heart && chest && length(chest) > 0
          ? html`<p><b>${text(viewer.locale, 'ratio', { ratio: (length(heart) / length(chest)).toFixed(2) })}</b></p>`
          : nothing
      }`;
  };

  /** @param {Cell} cell */
  const renderLines = (cell) => {
    const shown = lines.filter(({ image }) => image === cell.view?.frame.SOPInstanceUID);
    return svg`${shown.map(({ ends }) => {
      const [from, to] = ends.map((end) => cell.toScreen(end));
      return from && to
        ? svg`<line x1=${from[0]} y1=${from[1]} x2=${to[0]} y2=${to[1]} stroke="var(--filmless-overlay-accent)" stroke-width="2" />`
        : nothing;
    })}`;
  };

  const tool = {
    id: 'cardiothoracic-ratio',
    cursor: 'crosshair',
    /**
     * @param {CellPointer} pointer
     * @returns {CellDrag | undefined}
     */
    down({ cell, image }) {
      const uid = cell.view?.frame.SOPInstanceUID;
      if (!uid) return undefined;
      // A third line, or one on another image, begins anew.
      if (lines.length === 2 || (lines[0] && lines[0].image !== uid)) lines = [];
      /** @type {Line} */
      const line = { image: uid, ends: [image, image] };
      lines.push(line);
      viewer.openPanel('cardiothoracic-ratio');
      const move = (/** @type {CellPointer} */ pointer) => {
        line.ends[1] = pointer.image;
        viewer.requestUpdate();
      };
      return {
        move,
        up: move,
        cancel() {
          lines = lines.filter((other) => other !== line);
          viewer.requestUpdate();
        },
      };
    },
  };

  // Nothing of a patient outlives the study.
  const dispose = viewer.on('closed', () => {
    lines = [];
  });

  return {
    tools: [tool],
    layers: [{ id: 'cardiothoracic-ratio', order: 40, render: renderLines }],
    panels: [
      {
        id: 'cardiothoracic-ratio',
        label: (locale) => text(locale, 'tool'),
        icon: ICON,
        render: renderPanel,
      },
    ],
    dispose,
  };
}
