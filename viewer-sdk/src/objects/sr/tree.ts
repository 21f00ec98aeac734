import type { JsonDataset } from '../../dicom/json.ts';
import { type Code, codeOf } from '../parts/code.ts';
import { itemOf, itemsOf, numbersOf, personOf, textOf, textsOf } from '../parts/dataset.ts';

/** What a content item says. @dicom PS3.3 C.17.3.2.1 */
export type ItemValue =
  | { readonly type: 'CONTAINER'; readonly continuous: boolean }
  | { readonly type: 'TEXT'; readonly text: string }
  | { readonly type: 'CODE'; readonly code: Code | undefined }
  | {
      readonly type: 'NUM';
      readonly values: readonly { readonly number: string; readonly unit: Code | undefined }[];
      /** Why there is no value. */
      readonly qualifier: Code | undefined;
    }
  | { readonly type: 'DATE' | 'TIME' | 'DATETIME' | 'PNAME' | 'UIDREF'; readonly text: string }
  | {
      readonly type: 'COMPOSITE' | 'IMAGE' | 'WAVEFORM';
      readonly instance: string;
      readonly sopClass: string;
      readonly frames: readonly number[];
      readonly channels: readonly number[];
      /** The presentation state to look through. */
      readonly presentation: string | undefined;
    }
  | { readonly type: 'SCOORD' | 'SCOORD3D'; readonly graphic: string; readonly points: readonly (readonly number[])[] }
  | { readonly type: 'TCOORD'; readonly range: string }
  | { readonly type: 'TABLE' | 'UNKNOWN'; readonly name: string };

/** One item of the tree, or a pointer to one that stands elsewhere in it. */
export interface ContentItem {
  /** `1.3.2`: the item's own place, as by-reference relationships name it. */
  readonly path: string;
  readonly relationship: string;
  readonly concept: Code | undefined;
  readonly value: ItemValue;
  readonly observed: string | undefined;
  /** The path of the item meant: this one is only a pointer. */
  readonly target: string | undefined;
  readonly children: readonly ContentItem[];
}

/** Deeper trees are no reports but attacks. */
const MOST_LEVELS = 64;

/** Reads the content tree of a structured report; the data set itself is its root. @dicom PS3.3 C.17.3 */
export function readTree(dataset: JsonDataset): ContentItem {
  return readItem(dataset, '1', 0);
}

function readItem(item: JsonDataset, path: string, level: number): ContentItem {
  const target = numbersOf(item, 'ReferencedContentItemIdentifier');
  return {
    path,
    relationship: textOf(item, 'RelationshipType') ?? '',
    concept: codeOf(item, 'ConceptNameCodeSequence'),
    value: readValue(item),
    observed: textOf(item, 'ObservationDateTime'),
    target: target.length > 0 ? target.join('.') : undefined,
    children:
      level >= MOST_LEVELS
        ? []
        : itemsOf(item, 'ContentSequence').map((child, index) => readItem(child, `${path}.${index + 1}`, level + 1)),
  };
}

function readValue(item: JsonDataset): ItemValue {
  const type = textOf(item, 'ValueType') ?? '';
  switch (type) {
    case 'CONTAINER':
      return { type, continuous: textOf(item, 'ContinuityOfContent') === 'CONTINUOUS' };
    case 'TEXT':
      return { type, text: lines(textsOf(item, 'TextValue').join('\\')) };
    case 'CODE':
      return { type, code: codeOf(item, 'ConceptCodeSequence') };
    case 'NUM':
      return {
        type,
        values: itemsOf(item, 'MeasuredValueSequence').flatMap((measured) => {
          const number = textOf(measured, 'NumericValue');
          return number === undefined ? [] : [{ number, unit: codeOf(measured, 'MeasurementUnitsCodeSequence') }];
        }),
        qualifier: codeOf(item, 'NumericValueQualifierCodeSequence'),
      };
    case 'DATE':
      return { type, text: textOf(item, 'Date') ?? '' };
    case 'TIME':
      return { type, text: textOf(item, 'Time') ?? '' };
    case 'DATETIME':
      return { type, text: textOf(item, 'DateTime') ?? '' };
    case 'PNAME':
      return { type, text: personOf(item, 'PersonName') ?? '' };
    case 'UIDREF':
      return { type, text: textOf(item, 'UID') ?? '' };
    case 'COMPOSITE':
    case 'IMAGE':
    case 'WAVEFORM': {
      const sop = itemOf(item, 'ReferencedSOPSequence');
      return {
        type,
        instance: textOf(sop, 'ReferencedSOPInstanceUID') ?? '',
        sopClass: textOf(sop, 'ReferencedSOPClassUID') ?? '',
        frames: numbersOf(sop, 'ReferencedFrameNumber'),
        channels: numbersOf(sop, 'ReferencedWaveformChannels'),
        presentation: textOf(itemOf(sop, 'ReferencedSOPSequence'), 'ReferencedSOPInstanceUID'),
      };
    }
    case 'SCOORD':
      return { type, graphic: textOf(item, 'GraphicType') ?? '', points: tuples(numbersOf(item, 'GraphicData'), 2) };
    case 'SCOORD3D':
      return { type, graphic: textOf(item, 'GraphicType') ?? '', points: tuples(numbersOf(item, 'GraphicData'), 3) };
    case 'TCOORD':
      return { type, range: textOf(item, 'TemporalRangeType') ?? '' };
    default:
      return { type: type === 'TABLE' ? 'TABLE' : 'UNKNOWN', name: type };
  }
}

/** CR, LF and both together all end a line. @dicom PS3.5 6.2 */
const lines = (text: string): string => text.replaceAll(/\r\n?|\f/g, '\n').trim();

function tuples(values: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.floor(values.length / size) }, (_, index) =>
    values.slice(index * size, index * size + size),
  );
}

/** The item at a path. */
export function itemAt(root: ContentItem, path: string): ContentItem | undefined {
  const steps = path.split('.').slice(1).map(Number);
  let item: ContentItem | undefined = path.split('.')[0] === '1' ? root : undefined;
  for (const step of steps) item = item?.children[step - 1];
  return item;
}
