import { css } from 'lit';
import { FONT_SIZE_PX } from './text-box.ts';

/** The look of what is drawn over an image. Every line and letter has a dark rim, so that it is seen on bone and on air. */
export const layerStyles = css`
  .measure {
    --line: var(--filmless-annotation);
    fill: none;
    stroke-linecap: round;
    stroke-linejoin: round;
    pointer-events: none;
  }
  .measure.selected {
    --line: var(--filmless-annotation-selected);
  }
  .measure .rim {
    stroke: var(--filmless-annotation-rim);
    stroke-width: 3.5px;
  }
  .measure .line {
    stroke: var(--line);
    stroke-width: 1.5px;
  }
  .measure .aid {
    stroke-dasharray: 3 4;
  }
  .measure .leader {
    stroke: var(--line);
    stroke-width: 1px;
    stroke-dasharray: 2 3;
  }
  .measure .tip {
    fill: var(--line);
    stroke: var(--filmless-annotation-rim);
    stroke-width: 0.75px;
  }
  .measure .handle {
    fill: var(--filmless-annotation-rim);
    fill-opacity: 0.35;
    stroke: var(--line);
    stroke-width: 1.5px;
  }
  .measure .handle.small {
    stroke-width: 1px;
  }
  .measure .handle.chosen {
    fill: var(--line);
    fill-opacity: 1;
  }
  .measure .hit {
    stroke: transparent;
    stroke-width: 12px;
    pointer-events: stroke;
    cursor: move;
  }
  .measure .hit.grip {
    fill: transparent;
    stroke: none;
    pointer-events: fill;
    cursor: grab;
  }
  .measure .box {
    fill: transparent;
    pointer-events: fill;
    cursor: move;
  }
  .measure .ground {
    fill: var(--filmless-annotation-rim);
  }
  .measure text {
    fill: var(--line);
    stroke: var(--filmless-annotation-rim);
    stroke-width: 3px;
    paint-order: stroke;
    font-family: var(--filmless-font);
    font-size: ${FONT_SIZE_PX}px;
    font-weight: 500;
    font-variant-numeric: tabular-nums;
    white-space: pre;
  }
`;

/**
 * Puts the styles into the tree that the layer is drawn in: a style sheet object, which strict content security policies allow. For `ref`,
 * which calls before the element is in its tree.
 */
export function adoptLayerStyles(element: Element | undefined): void {
  queueMicrotask(() => {
    const root = element?.getRootNode();
    const sheet = layerStyles.styleSheet;
    if (!(root instanceof ShadowRoot || root instanceof Document) || !sheet) return;
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  });
}
