import {
  type ByteSource,
  type DicomJson,
  type DicomJsonElement,
  firstNumber,
  firstString,
  type InstanceRecord,
  items,
  numbers,
  tagOf,
} from '@filmless/core/plugin';
import { elementBytes } from './element-bytes.ts';
import type { LookupTable, PixelLayout, Presentation, VoiWindow, WindowFunction } from './image-description.ts';
import { expandSegments } from './segmented-palette.ts';

/**
 * How one frame is to be shown, from the data set and its functional groups.
 * `window`: what the client asked for instead. Where a file has both a window and a VOI LUT the window is used: our choice, and what viewers do.
 * @dicom PS3.3 C.11.1, C.11.2, C.7.6.16.2.9, C.7.6.16.2.10
 */
export async function readPresentation(
  record: InstanceRecord,
  layout: PixelLayout,
  frameIndex: number,
  source: ByteSource,
  window: VoiWindow | undefined,
): Promise<Presentation> {
  const { dataset } = record;
  const tables = new Tables(record, source);
  const transformation = functionalGroup(dataset, frameIndex, 'PixelValueTransformationSequence') ?? dataset;
  const voiGroup = functionalGroup(dataset, frameIndex, 'FrameVOILUTSequence') ?? dataset;
  return {
    modality: (await tables.inSequence(dataset, 'ModalityLUTSequence')) ?? {
      slope: firstNumber(transformation, 'RescaleSlope') ?? 1,
      intercept: firstNumber(transformation, 'RescaleIntercept') ?? 0,
    },
    voi: window ?? fileWindow(voiGroup) ?? fileWindow(dataset) ?? (await tables.inSequence(dataset, 'VOILUTSequence')),
    padding: padding(dataset, layout),
    palette: layout.photometricInterpretation === 'PALETTE COLOR' ? await tables.palette(dataset) : undefined,
  };
}

/** A macro of one frame: its own, else the one shared by all. @dicom PS3.3 C.7.6.16 */
export function functionalGroup(dataset: DicomJson, frameIndex: number, macro: string): DicomJson | undefined {
  const own = items(dataset, 'PerFrameFunctionalGroupsSequence')[frameIndex];
  const shared = items(dataset, 'SharedFunctionalGroupsSequence')[0];
  return (own && items(own, macro)[0]) ?? (shared && items(shared, macro)[0]);
}

function fileWindow(dataset: DicomJson): VoiWindow | undefined {
  const center = numbers(dataset, 'WindowCenter')[0];
  const width = numbers(dataset, 'WindowWidth')[0];
  if (center === undefined || width === undefined) return undefined;
  const stated = firstString(dataset, 'VOILUTFunction');
  const voiFunction: WindowFunction = stated === 'SIGMOID' || stated === 'LINEAR_EXACT' ? stated : 'LINEAR';
  // A width the standard forbids says nothing.
  if (voiFunction === 'LINEAR' ? width < 1 : width <= 0) return undefined;
  return { center, width, function: voiFunction };
}

/** Stored values, both ends included, in either order. @dicom PS3.3 C.7.5.1.1.2 */
function padding(dataset: DicomJson, layout: PixelLayout): Presentation['padding'] {
  if (layout.kind === 'float' || layout.samplesPerPixel !== 1) return undefined;
  const value = firstNumber(dataset, 'PixelPaddingValue');
  if (value === undefined) return undefined;
  const limit = firstNumber(dataset, 'PixelPaddingRangeLimit') ?? value;
  const [low, high] = [asStored(value, layout), asStored(limit, layout)].sort((a, b) => a - b);
  return { low: low!, high: high! };
}

/** Implicit data sets and careless writers give US where SS is meant, and the reverse. */
function asStored(value: number, layout: PixelLayout): number {
  const range = 2 ** layout.bitsAllocated;
  if (layout.signed && value >= range / 2) return value - range;
  return !layout.signed && value < 0 ? value + range : value;
}

class Tables {
  readonly #record: InstanceRecord;
  readonly #source: ByteSource;

  constructor(record: InstanceRecord, source: ByteSource) {
    this.#record = record;
    this.#source = source;
  }

  /** Modality and VOI LUTs. */
  async inSequence(dataset: DicomJson, sequence: string): Promise<LookupTable | undefined> {
    const item = items(dataset, sequence)[0];
    const descriptor = item && readDescriptor(item[tagOf('LUTDescriptor')]);
    if (!descriptor) return undefined;
    const entries = await this.#entries(item[tagOf('LUTData')], descriptor.count);
    return entries && { first: descriptor.first, bits: bitsOf(descriptor.bits, entries), entries };
  }

  async palette(dataset: DicomJson): Promise<Presentation['palette']> {
    const [red, green, blue] = await Promise.all(
      ['Red', 'Green', 'Blue'].map((colour) => this.#colour(dataset, colour)),
    );
    return red && green && blue ? { red, green, blue } : undefined;
  }

  async #colour(dataset: DicomJson, colour: string): Promise<LookupTable | undefined> {
    const descriptor = readDescriptor(dataset[tagOf(`${colour}PaletteColorLookupTableDescriptor`)]);
    if (!descriptor) return undefined;
    const segmented = dataset[tagOf(`Segmented${colour}PaletteColorLookupTableData`)];
    const plain = await this.#entries(dataset[tagOf(`${colour}PaletteColorLookupTableData`)], descriptor.count);
    const segments = plain ? undefined : await this.#words(segmented);
    const entries = plain ?? (segments && expandSegments(segments, descriptor.count));
    return entries && { first: descriptor.first, bits: descriptor.bits, entries };
  }

  /** 8-bit entries may be packed two a word, or be words themselves: their number tells. */
  async #entries(element: DicomJsonElement | undefined, count: number): Promise<Uint16Array | undefined> {
    if (element?.Value) return Uint16Array.from(numericValues(element), (value) => value & 0xffff);
    const bytes = await elementBytes(element, this.#record, this.#source);
    if (!bytes || bytes.length === 0) return undefined;
    return bytes.length >= count * 2 ? words(bytes).subarray(0, count) : Uint16Array.from(bytes.subarray(0, count));
  }

  async #words(element: DicomJsonElement | undefined): Promise<Uint16Array | undefined> {
    if (element?.Value) return Uint16Array.from(numericValues(element), (value) => value & 0xffff);
    const bytes = await elementBytes(element, this.#record, this.#source);
    return bytes && words(bytes);
  }
}

/** Number of entries, first input value, bits of an entry. @dicom PS3.3 C.11.1.1.1 */
function readDescriptor(
  element: DicomJsonElement | undefined,
): { count: number; first: number; bits: number } | undefined {
  const [count, first, bits] = numericValues(element);
  if (count === undefined || first === undefined || bits === undefined) return undefined;
  // 0 stands for 65536, which 16 bits cannot hold; signed descriptors wrap the count.
  return { count: (count & 0xffff) === 0 ? 65536 : count & 0xffff, first, bits: bits < 1 || bits > 16 ? 16 : bits };
}

function numericValues(element: DicomJsonElement | undefined): number[] {
  return (element?.Value ?? []).filter((value) => typeof value === 'number');
}

/** Some writers state fewer bits than their entries use. */
function bitsOf(stated: number, entries: Uint16Array): number {
  let highest = 0;
  for (const entry of entries) if (entry > highest) highest = entry;
  return Math.max(stated, Math.ceil(Math.log2(highest + 1)));
}

function words(bytes: Uint8Array): Uint16Array {
  // Not slice: of a Buffer that is no copy, and its memory begins elsewhere.
  const copy = new Uint8Array(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  return new Uint16Array(copy.buffer, 0, copy.length / 2);
}
