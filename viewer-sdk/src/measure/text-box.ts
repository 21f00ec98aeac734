import type { Cell, ScreenPoint } from '../extension/contract.ts';

/** A rectangle on the screen, in CSS pixels of a cell's image area. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const LINE_HEIGHT_PX = 16;
export const FONT_SIZE_PX = 13;
const PADDING_PX = 4;
const GAP_PX = 10;
/** Where the corner texts stand, at most this large. */
const CORNER = { width: 230, height: 118 } as const;

let context: CanvasRenderingContext2D | null | undefined;
const widths = new Map<string, number>();

/** The width of a line of text, in CSS pixels. @param family as in CSS */
function textWidth(line: string, family: string): number {
  const key = `${family}|${line}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return line.length * FONT_SIZE_PX;
  context.font = `500 ${FONT_SIZE_PX}px ${family || 'sans-serif'}`;
  const width = Math.ceil(context.measureText(line).width);
  // Lengths change with every move of the pointer.
  if (widths.size > 2000) widths.clear();
  widths.set(key, width);
  return width;
}

export function boxSize(lines: readonly string[], family: string): Pick<Box, 'width' | 'height'> {
  return {
    width: Math.max(0, ...lines.map((line) => textWidth(line, family))) + 2 * PADDING_PX,
    height: lines.length * LINE_HEIGHT_PX + 2 * PADDING_PX,
  };
}

/**
 * Where a text goes that nobody has moved: beside what it belongs to, inside the image area, over no corner text and no other text, as far
 * as there is such a place.
 */
export function placeBox(
  size: Pick<Box, 'width' | 'height'>,
  around: readonly ScreenPoint[],
  cell: Pick<Cell, 'size'>,
  taken: readonly Box[],
): Box {
  const left = Math.min(...around.map(([x]) => x));
  const right = Math.max(...around.map(([x]) => x));
  const top = Math.min(...around.map(([, y]) => y));
  const bottom = Math.max(...around.map(([, y]) => y));
  const centerX = (left + right - size.width) / 2;
  const centerY = (top + bottom - size.height) / 2;
  // Best right of what lies farthest to the right: there it needs no leader.
  const beside = (edge: number): number => {
    const ends = around.filter(([x]) => x === edge);
    return ends.reduce((sum, [, y]) => sum + y, 0) / ends.length - size.height / 2;
  };
  const places: readonly (readonly [x: number, y: number])[] = [
    [right + GAP_PX, beside(right)],
    [left - GAP_PX - size.width, beside(left)],
    [right + GAP_PX, centerY],
    [left - GAP_PX - size.width, centerY],
    [centerX, bottom + GAP_PX],
    [centerX, top - GAP_PX - size.height],
    [right + GAP_PX, bottom + GAP_PX],
    [left - GAP_PX - size.width, bottom + GAP_PX],
    [right + GAP_PX, top - GAP_PX - size.height],
    [left - GAP_PX - size.width, top - GAP_PX - size.height],
    [right + GAP_PX, centerY + size.height + GAP_PX],
    [right + GAP_PX, centerY - size.height - GAP_PX],
  ];
  const corners = cornersOf(cell);
  const boxes = places.map(([x, y]) => insideCell({ x, y, ...size }, cell));
  const costs = boxes.map((box, index) => {
    const [x, y] = places[index] ?? [box.x, box.y];
    const pushed = Math.abs(box.x - x) + Math.abs(box.y - y);
    const over = [...corners, ...taken].filter((other) => overlap(box, other)).length;
    return over * 10_000 + pushed + index;
  });
  return boxes[costs.indexOf(Math.min(...costs))] ?? insideCell({ x: right, y: bottom, ...size }, cell);
}

/** What the corner texts take: less in small cells. */
function cornersOf({ size }: Pick<Cell, 'size'>): Box[] {
  const width = Math.min(CORNER.width, size.width * 0.3);
  const height = Math.min(CORNER.height, size.height * 0.25);
  return [
    [0, 0],
    [size.width - width, 0],
    [0, size.height - height],
    [size.width - width, size.height - height],
  ].map(([x = 0, y = 0]) => ({ x, y, width, height }));
}

export function insideCell(box: Box, { size }: Pick<Cell, 'size'>): Box {
  return {
    ...box,
    x: Math.max(2, Math.min(size.width - box.width - 2, box.x)),
    y: Math.max(2, Math.min(size.height - box.height - 2, box.y)),
  };
}

const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

export const boxContains = ({ x, y, width, height }: Box, [px, py]: ScreenPoint): boolean =>
  px >= x && px <= x + width && py >= y && py <= y + height;

/** The place on a box's edge that is nearest to a point. */
export function nearestOnBox({ x, y, width, height }: Box, [px, py]: ScreenPoint): ScreenPoint {
  return [Math.max(x, Math.min(x + width, px)), Math.max(y, Math.min(y + height, py))];
}

/** Where the text of each line stands: its left end and its base line. */
export function linePlace({ x, y }: Box, index: number): ScreenPoint {
  return [x + PADDING_PX, y + PADDING_PX + (index + 1) * LINE_HEIGHT_PX - 4];
}
