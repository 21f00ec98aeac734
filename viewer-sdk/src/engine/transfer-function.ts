import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray.js';
import vtkColorTransferFunction from '@kitware/vtk.js/Rendering/Core/ColorTransferFunction.js';
import { isStraight, levelTable, type Presentation, toneBounds } from '../dicom/tone-curve.ts';

/** vtk.js asks for a texture this wide by itself. */
const STRAIGHT_ENTRIES = 1024;
/** Every device draws textures of this width. */
const MOST_ENTRIES = 4096;

/** What is used of vtk.js's image actor. */
interface ImageActor {
  getProperty(): {
    setRGBTransferFunction(index: number, transfer: object): boolean;
    setUseLookupTableScalarRange(use: boolean): boolean;
  };
  getMapper(): { setColorTextureWidth(width: number): boolean };
}

type TransferFunction = ReturnType<typeof vtkColorTransferFunction.newInstance>;

interface Kept {
  readonly presentation: Presentation;
  readonly transfer: TransferFunction;
  /** Cornerstone changes the function it finds whenever it shows another image. */
  readonly time: number;
  readonly entries: number;
}

/** Gives an image actor the transfer function of a presentation; the texture goes to the graphics card only when it changes. */
export class TransferFunctions {
  #kept: Kept | undefined;

  apply(actor: ImageActor, presentation: Presentation): void {
    const kept = this.#kept;
    const same =
      kept &&
      kept.transfer.getMTime() === kept.time &&
      JSON.stringify(scalars(kept.presentation)) === JSON.stringify(scalars(presentation)) &&
      kept.presentation.tone === presentation.tone;
    const current = same ? kept : build(presentation);
    this.#kept = current;
    actor.getMapper().setColorTextureWidth(current.entries);
    const property = actor.getProperty();
    property.setUseLookupTableScalarRange(true);
    property.setRGBTransferFunction(0, current.transfer);
  }
}

const scalars = ({ window, inverted, padding }: Presentation) => [window.center, window.width, inverted, padding];

function build(presentation: Presentation): Kept {
  const { window, tone, inverted, padding } = presentation;
  const transfer = vtkColorTransferFunction.newInstance();
  let entries = STRAIGHT_ENTRIES;
  if (isStraight(tone) && !padding) {
    const { lower, upper } = toneBounds(window, tone);
    const [first, last] = inverted ? [1, 0] : [0, 1];
    transfer.addRGBPoint(lower, first, first, first);
    transfer.addRGBPoint(upper, last, last, last);
  } else {
    const table = levelTable(presentation, MOST_ENTRIES);
    entries = table.levels.length;
    // The texture's first and last entry have their middle half an entry inside: the function is stretched so that entries meet their values.
    const step = (table.upper - table.lower) / (entries - 1);
    const from = table.lower - step / 2;
    const stretch = (step * entries) / (entries - 1);
    const values = new Float64Array(entries * 6);
    for (let index = 0; index < entries; index += 1) {
      const level = table.levels[index] ?? 0;
      values.set([from + index * stretch, level, level, level, 0.5, 0], index * 6);
    }
    transfer.buildFunctionFromArray(vtkDataArray.newInstance({ values, numberOfComponents: 6 }));
  }
  return { presentation, transfer, time: transfer.getMTime(), entries };
}
