import { css, html, nothing, type TemplateResult } from 'lit';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import fit from 'lucide-static/dist/esm/icons/maximize.mjs';
import zoomIn from 'lucide-static/dist/esm/icons/zoom-in.mjs';
import zoomOut from 'lucide-static/dist/esm/icons/zoom-out.mjs';
import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { moduleTranslator } from '../../i18n/module.ts';
import { textOf } from '../parts/dataset.ts';
import { drawIcon } from '../parts/icon.ts';
import { saveInstance } from '../parts/save.ts';
import { openSurface, surfaceMessage, surfaceWaiting } from '../parts/surface.ts';
import { objectText } from '../parts/texts.ts';
import { readPyramid, type SlidePyramid, scaleBar } from './pyramid.ts';
import { SlideView } from './slide-view.ts';
import { TileStore } from './tiles.ts';

const slideText = moduleTranslator('objects.slide', {
  en: {
    slide: 'Whole slide',
    zoomIn: 'Larger (+)',
    zoomOut: 'Smaller (-)',
    fit: 'Whole slide (0)',
    actual: 'One pixel of the scanner to one of the screen (1)',
    map: 'Where on the slide',
    levels: '{count} levels, {columns} × {rows} pixels',
  },
  'zh-CN': {
    slide: '全切片图像',
    zoomIn: '放大 (+)',
    zoomOut: '缩小 (-)',
    fit: '显示全片 (0)',
    actual: '扫描像素 1:1 (1)',
    map: '切片导航图',
    levels: '{count} 级，{columns} × {rows} 像素',
  },
});

const STEP = 1.5;
const ARROW_PX = 80;
const BAR_PX = 140;

const slideStyles = css`
  .screen {
    position: relative;
    flex: 1;
    min-block-size: 0;
    background: var(--filmless-surface-3);
    overflow: hidden;
    touch-action: none;
    user-select: none;
  }
  .screen > canvas.slide {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    cursor: grab;
  }
  .map {
    position: absolute;
    inset-block-start: 12px;
    inset-inline-end: 12px;
    max-inline-size: 160px;
    border: 1px solid var(--filmless-line);
    background: var(--filmless-surface-2);
    color: var(--filmless-accent);
    cursor: crosshair;
  }
  .scale {
    position: absolute;
    inset-block-end: 12px;
    inset-inline-start: 12px;
    padding: 2px 6px;
    border-radius: var(--filmless-radius);
    background: var(--filmless-surface-1);
    font-size: var(--filmless-font-size-small);
    pointer-events: none;
  }
  .scale rect {
    fill: currentColor;
  }
`;

/** Shows a whole slide as a pyramid of tiles. */
export function mountSlide(host: HTMLElement, instance: ObjectInstance, viewer: ViewerContext): { dispose(): void } {
  const { locale } = viewer;
  const { StudyInstanceUID: study, SeriesInstanceUID: series, SOPInstanceUID } = instance;
  const surface = openSurface(host, locale, slideStyles);
  const controller = new AbortController();
  const canvas = document.createElement('canvas');
  canvas.className = 'slide';
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', slideText(locale, 'slide'));
  const map = document.createElement('canvas');
  map.className = 'map';
  map.setAttribute('role', 'img');
  map.setAttribute('aria-label', slideText(locale, 'map'));
  let view: SlideView | undefined;
  let pyramid: SlidePyramid | undefined;

  const button = (icon: string, label: string, run: () => void) =>
    html`<button type="button" class="only-icon" title=${label} aria-label=${label} @click=${run}>${drawIcon(icon)}</button>`;
  const renderScale = (open: SlideView): TemplateResult | typeof nothing => {
    if (!open.spacingMm || open.scale <= 0) return nothing;
    const mmPerPixel = open.spacingMm / open.scale;
    const { mm, label } = scaleBar(mmPerPixel, BAR_PX);
    return html`<div class="scale"><svg width=${BAR_PX} height="6" aria-hidden="true"><rect width=${mm / mmPerPixel} height="4"></rect></svg><div>${label}</div></div>`;
  };
  const draw = () => {
    const open = view;
    const [finest] = pyramid?.levels ?? [];
    if (!open || !finest || controller.signal.aborted) return;
    const power = pyramid?.lensPower;
    const zoom = power ? `${Number((power * open.scale).toPrecision(2))}×` : `${Math.round(open.scale * 100)}%`;
    surface.draw(html`<div class="bar">
        <span class="name">${textOf(instance.dataset, 'SeriesDescription') ?? slideText(locale, 'slide')}</span>
        <span class="secondary">${slideText(locale, 'levels', { count: pyramid?.levels.length ?? 1, columns: finest.columns, rows: finest.rows })}</span>
        <span class="grow"></span>
        ${button(zoomOut, slideText(locale, 'zoomOut'), () => open.zoomBy(1 / STEP))}
        <span class="zoom">${zoom}</span>
        ${button(zoomIn, slideText(locale, 'zoomIn'), () => open.zoomBy(STEP))}
        ${button(fit, slideText(locale, 'fit'), () => open.fit())}
        <button type="button" title=${slideText(locale, 'actual')} aria-label=${slideText(locale, 'actual')} @click=${() => open.zoomTo(1 / (globalThis.devicePixelRatio || 1))}>1:1</button>
        ${button(download, objectText(locale, 'download'), () => void saveInstance(instance, viewer))}
      </div>
      <div class="screen">${canvas}${map}${renderScale(open)}</div>`);
  };

  listen(canvas, map, () => view);
  surface.draw(surfaceWaiting(objectText(locale, 'loading')));
  const open = async () => {
    try {
      if (!viewer.client) throw new Error('no server');
      const datasets = await viewer.client.seriesMetadata(study, series, { signal: controller.signal });
      pyramid = readPyramid(datasets, SOPInstanceUID);
      if (controller.signal.aborted) return;
      view = new SlideView(canvas, map, pyramid, new TileStore(viewer.client, { study, series }));
      view.onChange = draw;
      draw();
    } catch {
      if (controller.signal.aborted) return;
      surface.draw(
        surfaceMessage(
          objectText(locale, 'failed'),
          objectText(locale, 'failedHint'),
          html`<button type="button" class="bordered" @click=${() => void saveInstance(instance, viewer)}>${drawIcon(download)}<span>${objectText(locale, 'download')}</span></button>`,
        ),
      );
    }
  };
  void open();
  return {
    dispose() {
      controller.abort();
      view?.dispose();
      surface.dispose();
    },
  };
}

/** Mouse, pen, touch and keys. */
function listen(canvas: HTMLCanvasElement, map: HTMLCanvasElement, view: () => SlideView | undefined): void {
  const pointers = new Map<number, { x: number; y: number }>();
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  });
  canvas.addEventListener('pointermove', ({ pointerId, offsetX: x, offsetY: y }) => {
    const before = pointers.get(pointerId);
    if (!before) return;
    const other = [...pointers].find(([id]) => id !== pointerId)?.[1];
    if (other) {
      // Two fingers: how far they go apart is how much it grows.
      const apart =
        Math.hypot(x - other.x, y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      view()?.zoomBy(apart, { x: (x + other.x) / 2, y: (y + other.y) / 2 });
    } else view()?.panBy(x - before.x, y - before.y);
    pointers.set(pointerId, { x, y });
  });
  for (const type of ['pointerup', 'pointercancel'] as const)
    canvas.addEventListener(type, ({ pointerId }) => pointers.delete(pointerId));
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      view()?.zoomBy(STEP ** (-event.deltaY / 120), { x: event.offsetX, y: event.offsetY });
    },
    { passive: false },
  );
  canvas.addEventListener('dblclick', (event) => view()?.zoomBy(STEP * STEP, { x: event.offsetX, y: event.offsetY }));
  canvas.addEventListener('keydown', (event) => {
    const keys: Readonly<Record<string, (open: SlideView) => void>> = {
      '+': (open) => open.zoomBy(STEP),
      '=': (open) => open.zoomBy(STEP),
      '-': (open) => open.zoomBy(1 / STEP),
      '0': (open) => open.fit(),
      '1': (open) => open.zoomTo(1 / (globalThis.devicePixelRatio || 1)),
      ArrowLeft: (open) => open.panBy(ARROW_PX, 0),
      ArrowRight: (open) => open.panBy(-ARROW_PX, 0),
      ArrowUp: (open) => open.panBy(0, ARROW_PX),
      ArrowDown: (open) => open.panBy(0, -ARROW_PX),
    };
    const run = keys[event.key];
    const open = view();
    if (!run || !open || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    run(open);
  });
  map.addEventListener('pointerdown', (event) => {
    view()?.centre(event.offsetX / map.clientWidth, event.offsetY / map.clientHeight);
  });
}
