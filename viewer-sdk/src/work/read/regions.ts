import { type ContentItem, itemAt } from '../../objects/sr/tree.ts';

/** A shape on an image, as a report of any system has it; in pixels of the image. @dicom PS3.3 C.18.6 */
export interface Region {
  readonly instance: string;
  /** From 1; all frames where there are none. */
  readonly frames: readonly number[];
  readonly graphic: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The shapes of a measurement group that say which image they lie on. @param root the report, where pointers lead to */
export function regionsOf(group: ContentItem, root: ContentItem): Region[] {
  return below(group).flatMap(({ value, children }): Region[] => {
    if (value.type !== 'SCOORD') return [];
    const points = value.points.map(([x = Number.NaN, y = Number.NaN]): Region['points'][number] => [x, y]);
    if (points.length === 0 || !points.flat().every(Number.isFinite)) return [];
    const images = children.map((child) => (child.target ? itemAt(root, child.target) : child));
    return images.flatMap((image): Region[] =>
      image?.value.type === 'IMAGE'
        ? [{ instance: image.value.instance, frames: image.value.frames, graphic: value.graphic, points }]
        : [],
    );
  });
}

/** All items below one, itself included. */
export const below = (item: ContentItem): ContentItem[] => [item, ...item.children.flatMap(below)];
