import type { JsonDataset } from '../../dicom/json.ts';
import type { UcumUnit } from '../../measure/values.ts';
import { CODE, type Code, codeItem, unitCode } from '../codes.ts';
import { type Attributes, attributes } from '../dicom-write/dataset.ts';
import { decimalString } from '../dicom-write/numbers.ts';
import { type InstanceReference, type Origin, personNameOf, referencedSop } from './modules.ts';

export type Relationship =
  | 'CONTAINS'
  | 'HAS OBS CONTEXT'
  | 'HAS ACQ CONTEXT'
  | 'HAS CONCEPT MOD'
  | 'HAS PROPERTIES'
  | 'INFERRED FROM'
  | 'SELECTED FROM';

/** One node of an SR tree. @dicom PS3.3 C.17.3 */
function item(
  relationship: Relationship,
  ValueType: string,
  concept: Code | undefined,
  value: Attributes,
  children: readonly JsonDataset[] = [],
): JsonDataset {
  return attributes({
    RelationshipType: relationship,
    ValueType,
    ConceptNameCodeSequence: concept && [codeItem(concept)],
    ...value,
    ContentSequence: children.length > 0 ? children : undefined,
  });
}

export const container = (concept: Code, children: readonly JsonDataset[], template?: string): JsonDataset =>
  item(
    'CONTAINS',
    'CONTAINER',
    concept,
    { ContinuityOfContent: 'SEPARATE', ContentTemplateSequence: template ? [templateOf(template)] : undefined },
    children,
  );

export const templateOf = (id: string): JsonDataset => attributes({ MappingResource: 'DCMR', TemplateIdentifier: id });

export const codeOf = (relationship: Relationship, concept: Code, value: Code, children?: readonly JsonDataset[]) =>
  item(relationship, 'CODE', concept, { ConceptCodeSequence: [codeItem(value)] }, children);

export const textOf = (relationship: Relationship, concept: Code, TextValue: string): JsonDataset =>
  item(relationship, 'TEXT', concept, { TextValue });

export const uidRef = (relationship: Relationship, concept: Code, UID: string): JsonDataset =>
  item(relationship, 'UIDREF', concept, { UID });

export const personName = (relationship: Relationship, concept: Code, name: string): JsonDataset =>
  item(relationship, 'PNAME', concept, { PersonName: personNameOf(name) });

export const numeric = (concept: Code, value: number, unit: UcumUnit, children: readonly JsonDataset[]): JsonDataset =>
  item(
    'CONTAINS',
    'NUM',
    concept,
    {
      MeasuredValueSequence: [
        attributes({
          NumericValue: decimalString(value),
          MeasurementUnitsCodeSequence: [codeItem(unitCode(unit))],
        }),
      ],
    },
    children,
  );

/** @param frame from 1; only for multi-frame images */
export const image = (
  relationship: Relationship,
  reference: InstanceReference,
  frame: number | undefined,
  concept?: Code,
): JsonDataset => item(relationship, 'IMAGE', concept, { ReferencedSOPSequence: [referencedSop(reference, frame)] });

export type GraphicShape = 'POINT' | 'MULTIPOINT' | 'POLYLINE' | 'CIRCLE' | 'ELLIPSE';

/** Coordinates on an image: column and row, from the outer corner of the first pixel. @dicom PS3.3 C.18.6.1.2 */
export const spatialCoordinates = (
  relationship: Relationship,
  shape: GraphicShape,
  points: readonly (readonly number[])[],
  selectedFrom: JsonDataset,
  concept?: Code,
): JsonDataset =>
  item(relationship, 'SCOORD', concept, { GraphicType: shape, GraphicData: points.flat() }, [selectedFrom]);

/** Coordinates in the patient, in millimetres. @dicom PS3.3 C.18.9 */
export const spatialCoordinates3D = (
  relationship: Relationship,
  shape: 'POINT' | 'POLYLINE' | 'POLYGON' | 'ELLIPSE',
  points: readonly (readonly number[])[],
  frameOfReferenceUID: string,
): JsonDataset =>
  item(relationship, 'SCOORD3D', undefined, {
    GraphicType: shape,
    GraphicData: points.flat(),
    ReferencedFrameOfReferenceUID: frameOfReferenceUID,
  });

/** TID 1204: the language of the texts. Code meanings are English in every language. */
export function languageItem(locale: string): JsonDataset {
  const language =
    locale.split('-')[0] === 'en' ? { value: 'en', meaning: 'English' } : { value: 'zh-CN', meaning: 'Chinese' };
  return codeOf('HAS CONCEPT MOD', CODE.language, { ...language, scheme: 'RFC5646' });
}

/** TID 1002: a person observed, where the page told who. */
export function observerItems({ author }: Origin): JsonDataset[] {
  if (author === '') return [];
  return [
    codeOf('HAS OBS CONTEXT', CODE.observerType, CODE.person),
    personName('HAS OBS CONTEXT', CODE.personObserverName, author),
  ];
}
