import {
  isLookupTable,
  type LookupTable,
  type PixelLayout,
  type Presentation,
  type VoiWindow,
} from './image-description.ts';
import { rawSamples, type SampleArray, storedValueOf } from './stored-values.ts';

/** Without a window of the file, so much of the darkest and the brightest pixels is cut off. Our choice. */
const CLIPPED_SHARE = 0.005;

/**
 * One frame of grey values as 8-bit display values: modality transform, VOI transform, then MONOCHROME1 turned round.
 * Padding is shown as the darkest value.
 * @dicom PS3.4 N.2; PS3.3 C.11.1, C.11.2, C.7.6.3.1.2
 */
export function renderGrayscale(bytes: Uint8Array, layout: PixelLayout, presentation: Presentation): Uint8Array {
  const samples = rawSamples(bytes, layout);
  const stored = storedValueOf(layout);
  const modality = modalityTransform(presentation.modality);
  const voi = voiTransform(presentation.voi ?? automaticWindow(samples, layout, presentation));
  const invert = layout.photometricInterpretation === 'MONOCHROME1';
  const { padding } = presentation;
  const display = (raw: number): number => {
    const value = stored(raw);
    if (padding && value >= padding.low && value <= padding.high) return 0;
    const grey = Math.round(Math.min(1, Math.max(0, voi(modality(value)))) * 255);
    return invert ? 255 - grey : grey;
  };
  const out = new Uint8Array(layout.rows * layout.columns);
  if (samples instanceof Uint8Array || samples instanceof Uint16Array) {
    const table = new Uint8Array(samples instanceof Uint8Array ? 256 : 65536);
    for (let raw = 0; raw < table.length; raw++) table[raw] = display(raw);
    for (let i = 0; i < out.length; i++) out[i] = table[samples[i]!]!;
  } else {
    for (let i = 0; i < out.length; i++) out[i] = display(samples[i]!);
  }
  return out;
}

function modalityTransform(modality: Presentation['modality']): (stored: number) => number {
  if (isLookupTable(modality)) return lookup(modality);
  const { slope, intercept } = modality;
  return (stored) => stored * slope + intercept;
}

/** From modality units to 0 … 1, unclamped. */
function voiTransform(voi: VoiWindow | LookupTable): (value: number) => number {
  if (isLookupTable(voi)) {
    const entry = lookup(voi);
    const highest = 2 ** voi.bits - 1;
    return (value) => entry(value) / highest;
  }
  const { center, width } = voi;
  if (voi.function === 'SIGMOID') return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (voi.function === 'LINEAR_EXACT') return (value) => (value - center) / width + 0.5;
  // Width 1 is a threshold at centre - 0.5. @dicom PS3.3 C.11.2.1.2.1
  if (width <= 1) return (value) => (value <= center - 0.5 ? 0 : 1);
  return (value) => (value - (center - 0.5)) / (width - 1) + 0.5;
}

function lookup(table: LookupTable): (value: number) => number {
  const { first, entries } = table;
  const last = entries.length - 1;
  return (value) => entries[Math.min(last, Math.max(0, Math.round(value) - first))]!;
}

/** From a low to a high percentile of the frame's values without padding; a flat frame is shown grey. */
function automaticWindow(samples: SampleArray, layout: PixelLayout, presentation: Presentation): VoiWindow {
  const stored = storedValueOf(layout);
  const modality = modalityTransform(presentation.modality);
  const { padding } = presentation;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const values = new Float64Array(samples.length);
  let count = 0;
  for (const raw of samples) {
    const value = stored(raw);
    if (!Number.isFinite(value) || (padding && value >= padding.low && value <= padding.high)) continue;
    const shown = modality(value);
    values[count++] = shown;
    if (shown < low) low = shown;
    if (shown > high) high = shown;
  }
  if (count === 0 || low === high) return { center: count === 0 ? 0 : low, width: 1e-6, function: 'LINEAR_EXACT' };
  const bins = new Uint32Array(4096);
  const scale = (bins.length - 1) / (high - low);
  for (let i = 0; i < count; i++) bins[Math.round((values[i]! - low) * scale)]!++;
  const from = low + percentile(bins, count * CLIPPED_SHARE) / scale;
  const to = low + percentile(bins, count * (1 - CLIPPED_SHARE)) / scale;
  // A few bright pixels on a flat ground would vanish: then the whole range is shown.
  return to > from
    ? { center: (from + to) / 2, width: to - from, function: 'LINEAR_EXACT' }
    : { center: (low + high) / 2, width: high - low, function: 'LINEAR_EXACT' };
}

function percentile(bins: Uint32Array, wanted: number): number {
  let seen = 0;
  for (let bin = 0; bin < bins.length; bin++) {
    seen += bins[bin]!;
    if (seen > wanted) return bin;
  }
  return bins.length - 1;
}
