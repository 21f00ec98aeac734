import type { Types } from '@cornerstonejs/core';
import { type Presentation, shownLevel, toneBounds } from '../dicom/tone-curve.ts';
import { factsOf } from './image-facts.ts';

/** What of Cornerstone's enabled element a renderer on the processor needs. */
export interface ProcessorElement {
  readonly canvas: HTMLCanvasElement;
  readonly image: Types.IImage;
  readonly viewport: {
    scale: number;
    translation: { x: number; y: number };
    rotation: number;
    hflip: boolean;
    vflip: boolean;
    pixelReplication: boolean;
    /** Ours: how the view wants its values shown. */
    filmless?: Presentation;
  };
  renderingTools: {
    filmless?: { canvas: OffscreenCanvas; image: Types.IImage; presentation: Presentation };
  };
}

/** More entries than this and a table costs more than it saves. */
const MOST_ENTRIES = 65_536;
const CURVE_ENTRIES = 4096;

/**
 * Draws an image without WebGL, in the place of Cornerstone's own drawing, which knows whole numbers alone and straight windows: values of
 * PET and of other scaled images are fractions. The picture is kept until its values or their presentation change.
 */
export function renderOnProcessor(element: ProcessorElement): void {
  const { canvas, image, viewport } = element;
  const context = canvas.getContext('2d');
  const presentation = viewport.filmless;
  if (!context) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = 'black';
  context.fillRect(0, 0, canvas.width, canvas.height);
  // Before the view has said how, nothing is shown rather than something wrong.
  if (!presentation) return;
  const kept = element.renderingTools.filmless;
  let picture = kept?.canvas;
  if (!picture || kept?.image !== image || kept.presentation !== presentation) {
    picture = pictureOf(image, presentation, kept?.canvas);
    element.renderingTools.filmless = { canvas: picture, image, presentation };
  }
  context.imageSmoothingEnabled = !viewport.pixelReplication;
  place(context, element);
  context.drawImage(picture, 0, 0);
}

function place(context: CanvasRenderingContext2D, { canvas, image, viewport }: ProcessorElement): void {
  const { scale, translation, rotation, hflip } = viewport;
  const { rowPixelSpacing, columnPixelSpacing } = image;
  const smaller = Math.min(rowPixelSpacing, columnPixelSpacing);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((rotation * Math.PI) / 180);
  // The translation is along the screen, in image pixels of its own scale; see `applyPlacement`.
  context.scale(scale, scale);
  context.rotate((-rotation * Math.PI) / 180);
  context.translate(translation.x, translation.y);
  context.rotate((rotation * Math.PI) / 180);
  if (hflip) context.scale(-1, 1);
  context.scale(columnPixelSpacing / smaller, rowPixelSpacing / smaller);
  context.translate(-image.columns / 2, -image.rows / 2);
}

function pictureOf(
  image: Types.IImage,
  presentation: Presentation,
  reuse: OffscreenCanvas | undefined,
): OffscreenCanvas {
  const { columns, rows } = image;
  const canvas = reuse?.width === columns && reuse.height === rows ? reuse : new OffscreenCanvas(columns, rows);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas to draw on');
  const pixels = context.createImageData(columns, rows);
  if (image.color) paintColor(image, presentation, pixels.data);
  else paintGray(image, presentation, pixels.data);
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function paintColor(image: Types.IImage, presentation: Presentation, out: Uint8ClampedArray): void {
  const data = image.getPixelData() as Uint8Array;
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => shownLevel(value, presentation) * 255);
  const step = image.numberOfComponents;
  for (let at = 0, index = 0; at < out.length; at += 4, index += step) {
    out[at] = table[data[index] ?? 0] ?? 0;
    out[at + 1] = table[data[index + 1] ?? 0] ?? 0;
    out[at + 2] = table[data[index + 2] ?? 0] ?? 0;
    out[at + 3] = 255;
  }
}

function paintGray(image: Types.IImage, presentation: Presentation, out: Uint8ClampedArray): void {
  const data = image.getPixelData() as ArrayLike<number>;
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length / 4);
  // Grey in every colour, opaque; the byte order of the machine does not matter for three equal bytes above an opaque one but for the latter.
  const opaque = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
  const word = (level: number): number => {
    const grey = Math.round(Math.min(1, Math.max(0, level)) * 255);
    return (opaque ? 0xff000000 | (grey * 0x010101) : (grey * 0x01010100) | 0xff) >>> 0;
  };
  if (data instanceof Float32Array) {
    paintFractions(data, presentation, words, word);
    return;
  }
  const lowest = lowestOf(data, image, presentation);
  const highest = highestOf(data, image, presentation);
  const table = new Uint32Array(Math.min(MOST_ENTRIES * 2, highest - lowest + 1));
  for (let entry = 0; entry < table.length; entry += 1) table[entry] = word(shownLevel(lowest + entry, presentation));
  for (let index = 0; index < words.length; index += 1) words[index] = table[(data[index] ?? 0) - lowest] ?? 0;
}

/** The range of an image leaves padding out; the table must not. */
function lowestOf(data: ArrayLike<number>, image: Types.IImage, { padding }: Presentation): number {
  const { minimum } = factsOf(image).range;
  if (!padding) return minimum;
  return data instanceof Uint8Array || data instanceof Uint16Array ? 0 : -32_768;
}

function highestOf(data: ArrayLike<number>, image: Types.IImage, { padding }: Presentation): number {
  const { maximum } = factsOf(image).range;
  if (!padding) return maximum;
  if (data instanceof Uint8Array) return 255;
  return data instanceof Int16Array ? 32_767 : 65_535;
}

function paintFractions(
  data: Float32Array,
  presentation: Presentation,
  words: Uint32Array,
  word: (level: number) => number,
): void {
  const { window, tone, padding } = presentation;
  const { lower, upper } = toneBounds(window, tone);
  // Narrow windows over fractions: the table follows the window, not whole numbers.
  const scale = (CURVE_ENTRIES - 1) / (upper - lower);
  const flat = { ...presentation, padding: undefined };
  const table = Uint32Array.from({ length: CURVE_ENTRIES }, (_, entry) =>
    word(shownLevel(lower + entry / scale, flat)),
  );
  const black = word(0);
  for (let index = 0; index < words.length; index += 1) {
    const value = data[index] ?? 0;
    const entry = Math.min(CURVE_ENTRIES - 1, Math.max(0, Math.round((value - lower) * scale)));
    const padded = padding && value >= padding.lowest && value <= padding.highest;
    words[index] = padded ? black : (table[entry] ?? black);
  }
}
