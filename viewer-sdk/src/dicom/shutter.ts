import type { Frame } from './frame.ts';
import { items, type JsonDataset, number, numbers, texts } from './json.ts';

/** What a shutter leaves open, in image pixels: (0, 0) is the corner of the first one. */
export type ShutterShape =
  | {
      readonly shape: 'rectangle';
      readonly left: number;
      readonly top: number;
      readonly right: number;
      readonly bottom: number;
    }
  | { readonly shape: 'circle'; readonly x: number; readonly y: number; readonly radius: number }
  | { readonly shape: 'polygon'; readonly points: readonly (readonly [x: number, y: number])[] };

/** The shutters over a frame; only what all of them leave open is shown. @dicom PS3.3 C.7.6.11, C.7.6.16.2.16 */
export function shutters({ dataset, frameNumber }: Frame): ShutterShape[] {
  const own = items(items(dataset, 'PerFrameFunctionalGroupsSequence')[frameNumber - 1], 'FrameDisplayShutterSequence');
  const shared = items(items(dataset, 'SharedFunctionalGroupsSequence')[0], 'FrameDisplayShutterSequence');
  const source = own[0] ?? shared[0] ?? dataset;
  return texts(source, 'ShutterShape').flatMap((name) => readShape(name, source) ?? []);
}

/**
 * The group of the overlay plane whose ones close the image, as it stands in the file: it is no overlay to be looked at.
 * @dicom PS3.3 C.7.6.15
 */
export function bitmapShutterGroup({ dataset }: Frame): string | undefined {
  if (!texts(dataset, 'ShutterShape').includes('BITMAP')) return undefined;
  return number(dataset, 'ShutterOverlayGroup')?.toString(16).toUpperCase();
}

/** Rows and columns count from 1, and name pixels that are still seen. */
function readShape(name: string, source: JsonDataset): ShutterShape | undefined {
  if (name === 'RECTANGULAR') {
    const left = number(source, 'ShutterLeftVerticalEdge');
    const right = number(source, 'ShutterRightVerticalEdge');
    const top = number(source, 'ShutterUpperHorizontalEdge');
    const bottom = number(source, 'ShutterLowerHorizontalEdge');
    if (left === undefined || right === undefined || top === undefined || bottom === undefined) return undefined;
    return right >= left && bottom >= top
      ? { shape: 'rectangle', left: left - 1, top: top - 1, right, bottom }
      : undefined;
  }
  if (name === 'CIRCULAR') {
    const [row, column] = numbers(source, 'CenterOfCircularShutter');
    const radius = number(source, 'RadiusOfCircularShutter');
    if (row === undefined || column === undefined || !radius || radius <= 0) return undefined;
    return { shape: 'circle', x: column - 0.5, y: row - 0.5, radius };
  }
  if (name === 'POLYGONAL') {
    const given = numbers(source, 'VerticesOfThePolygonalShutter');
    const points: [number, number][] = [];
    for (let index = 0; index + 1 < given.length; index += 2)
      points.push([(given[index + 1] ?? 0) - 0.5, (given[index] ?? 0) - 0.5]);
    return points.length >= 3 ? { shape: 'polygon', points } : undefined;
  }
  return undefined;
}

/** A path over everything the shape closes, to be filled by the even-odd rule. */
export function shutterPath(shape: ShutterShape, columns: number, rows: number): string {
  // A pixel more on each side: interpolation draws a little beyond the image's edge.
  const outside = `M-1,-1H${columns + 1}V${rows + 1}H-1Z`;
  switch (shape.shape) {
    case 'rectangle':
      return `${outside}M${shape.left},${shape.top}H${shape.right}V${shape.bottom}H${shape.left}Z`;
    case 'circle': {
      const { x, y, radius } = shape;
      return `${outside}M${x - radius},${y}a${radius},${radius} 0 1 0 ${2 * radius},0a${radius},${radius} 0 1 0 ${-2 * radius},0Z`;
    }
    default:
      return `${outside}M${shape.points.map(([x, y]) => `${x},${y}`).join('L')}Z`;
  }
}
