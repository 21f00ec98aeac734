import type { JsonDataset } from '../../dicom/json.ts';
import type { ImageReference } from '../../extension/contract.ts';
import { evidence, imageReference } from '../../objects/parts/references.ts';
import { readTree } from '../../objects/sr/tree.ts';
import { CODE, KEY_OBJECT_TITLES, type KeyObjectTitle, sameCode } from '../codes.ts';
import { KEY_OBJECT_SELECTION } from '../write/key-objects.ts';
import { type ObjectHeader, readHeader } from './header.ts';

/** A key object selection as it is listed. */
export interface ReadKeyObjects extends ObjectHeader {
  readonly type: 'keys';
  readonly title: string;
  /** One of the titles that this viewer offers, by its code. */
  readonly titleCode: KeyObjectTitle | undefined;
  readonly description: string;
  /** Whether it names images that are not to be looked at. */
  readonly rejects: boolean;
  readonly images: readonly ImageReference[];
}

/** Rejected for quality or safety, wrong worklist entry, retention over. @dicom PS3.16 CID 7011, RAD TF-2 4.66 */
const REJECTIONS = new Set(['113001', '113037', '113038', '113039']);

/** @dicom PS3.16 TID 2010 */
export function readKeyObjects(dataset: JsonDataset): ReadKeyObjects | undefined {
  const header = readHeader(dataset);
  if (header?.SOPClassUID !== KEY_OBJECT_SELECTION) return undefined;
  const root = readTree(dataset);
  const places = evidence(dataset);
  const titles = Object.entries(KEY_OBJECT_TITLES) as [KeyObjectTitle, (typeof KEY_OBJECT_TITLES)[KeyObjectTitle]][];
  const description = root.children.find(({ concept }) => sameCode(concept, CODE.keyObjectDescription))?.value;
  const observer = root.children.find(({ concept }) => sameCode(concept, CODE.personObserverName))?.value;
  return {
    ...header,
    author: observer && 'text' in observer ? observer.text : header.author,
    type: 'keys',
    title: root.concept?.meaning ?? '',
    titleCode: titles.find(([, code]) => sameCode(root.concept, code))?.[0],
    rejects: root.concept?.scheme === 'DCM' && REJECTIONS.has(root.concept.value),
    description: description && 'text' in description ? description.text : '',
    images: root.children.flatMap(({ value }) => {
      if (value.type !== 'IMAGE') return [];
      const frames = value.frames.length > 0 ? value.frames : [undefined];
      return frames
        .map((frame) => imageReference(places, value.instance, frame))
        .filter((reference) => reference !== undefined);
    }),
  };
}
