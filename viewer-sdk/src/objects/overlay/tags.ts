import type { JsonDataset } from '../../dicom/json.ts';

/** Element tags of segmentations, structure sets and presentation states. @dicom PS3.6 */
export const OVERLAY_TAG = {
  SpacingBetweenSlices: '00180088',
  MaximumFractionalValue: '0062000E',
  SegmentationType: '00620001',
  SegmentSequence: '00620002',
  SegmentedPropertyTypeCodeSequence: '0062000F',
  SegmentNumber: '00620004',
  SegmentLabel: '00620005',
  SegmentIdentificationSequence: '0062000A',
  ReferencedSegmentNumber: '0062000B',
  RecommendedDisplayCIELabValue: '0062000D',
  StructureSetLabel: '30060002',
  ReferencedFrameOfReferenceSequence: '30060010',
  RTReferencedStudySequence: '30060012',
  RTReferencedSeriesSequence: '30060014',
  ContourImageSequence: '30060016',
  StructureSetROISequence: '30060020',
  ROINumber: '30060022',
  ROIName: '30060026',
  ROIDisplayColor: '3006002A',
  ROIContourSequence: '30060039',
  ContourSequence: '30060040',
  ContourGeometricType: '30060042',
  ContourData: '30060050',
  ReferencedROINumber: '30060084',
} as const;

type Tag = (typeof OVERLAY_TAG)[keyof typeof OVERLAY_TAG];

export const overlayItems = (dataset: JsonDataset | undefined, tag: Tag): readonly JsonDataset[] =>
  (dataset?.[tag]?.Value ?? []).filter((item): item is JsonDataset => typeof item === 'object' && item !== null);

export const overlayNumbers = (dataset: JsonDataset | undefined, tag: Tag): number[] =>
  (dataset?.[tag]?.Value ?? []).map(Number).filter(Number.isFinite);

export const overlayText = (dataset: JsonDataset | undefined, tag: Tag): string | undefined => {
  const [value] = dataset?.[tag]?.Value ?? [];
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() || undefined : undefined;
};
