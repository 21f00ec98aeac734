/** One element of a data set in the DICOM JSON model. @dicom PS3.18 F.2 */
export interface JsonElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
  readonly InlineBinary?: string;
}

/** A data set in the DICOM JSON model: eight hexadecimal digits to element. @dicom PS3.18 F.2 */
export type JsonDataset = Readonly<Record<string, JsonElement>>;

/** The element keywords the viewer reads, verbatim from PS3.6. */
export const TAG = {
  SpecificCharacterSet: '00080005',
  ImageType: '00080008',
  SOPClassUID: '00080016',
  SOPInstanceUID: '00080018',
  StudyDate: '00080020',
  SeriesDate: '00080021',
  AcquisitionDate: '00080022',
  ContentDate: '00080023',
  StudyTime: '00080030',
  SeriesTime: '00080031',
  AcquisitionTime: '00080032',
  ContentTime: '00080033',
  AccessionNumber: '00080050',
  Modality: '00080060',
  ModalitiesInStudy: '00080061',
  PresentationIntentType: '00080068',
  Manufacturer: '00080070',
  InstitutionName: '00080080',
  ReferringPhysicianName: '00080090',
  CodeValue: '00080100',
  CodingSchemeDesignator: '00080102',
  CodeMeaning: '00080104',
  TimezoneOffsetFromUTC: '00080201',
  StudyDescription: '00081030',
  SeriesDescription: '0008103E',
  InstitutionalDepartmentName: '00081040',
  ManufacturerModelName: '00081090',
  RecommendedDisplayFrameRate: '00082144',
  PatientName: '00100010',
  PatientID: '00100020',
  IssuerOfPatientID: '00100021',
  PatientBirthDate: '00100030',
  PatientSex: '00100040',
  OtherPatientIDs: '00101000',
  PatientAge: '00101010',
  PatientWeight: '00101030',
  BodyPartExamined: '00180015',
  CineRate: '00180040',
  SliceThickness: '00180050',
  KVP: '00180060',
  RepetitionTime: '00180080',
  EchoTime: '00180081',
  ProtocolName: '00181030',
  FrameTime: '00181063',
  RadiopharmaceuticalStartTime: '00181072',
  RadionuclideTotalDose: '00181074',
  RadionuclideHalfLife: '00181075',
  RadiopharmaceuticalStartDateTime: '00181078',
  EstimatedRadiographicMagnificationFactor: '00181114',
  ExposureTime: '00181150',
  XRayTubeCurrent: '00181151',
  Exposure: '00181152',
  ImagerPixelSpacing: '00181164',
  ConvolutionKernel: '00181210',
  NominalScannedPixelSpacing: '00182010',
  SequenceOfUltrasoundRegions: '00186011',
  ViewPosition: '00185101',
  DiffusionBValue: '00189087',
  RegionSpatialFormat: '00186012',
  RegionDataType: '00186014',
  RegionFlags: '00186016',
  RegionLocationMinX0: '00186018',
  RegionLocationMinY0: '0018601A',
  RegionLocationMaxX1: '0018601C',
  RegionLocationMaxY1: '0018601E',
  ReferencePixelX0: '00186020',
  ReferencePixelY0: '00186022',
  PhysicalUnitsXDirection: '00186024',
  PhysicalUnitsYDirection: '00186026',
  ReferencePixelPhysicalValueX: '00186028',
  ReferencePixelPhysicalValueY: '0018602A',
  PhysicalDeltaX: '0018602C',
  PhysicalDeltaY: '0018602E',
  StudyInstanceUID: '0020000D',
  SeriesInstanceUID: '0020000E',
  SeriesNumber: '00200011',
  InstanceNumber: '00200013',
  ImagePositionPatient: '00200032',
  ImageOrientationPatient: '00200037',
  FrameOfReferenceUID: '00200052',
  Laterality: '00200060',
  ImageLaterality: '00200062',
  SliceLocation: '00201041',
  NumberOfStudyRelatedSeries: '00201206',
  NumberOfStudyRelatedInstances: '00201208',
  NumberOfSeriesRelatedInstances: '00201209',
  PatientOrientation: '00200020',
  FrameAnatomySequence: '00209071',
  FrameLaterality: '00209072',
  PlanePositionSequence: '00209113',
  PlaneOrientationSequence: '00209116',
  SamplesPerPixel: '00280002',
  PhotometricInterpretation: '00280004',
  PlanarConfiguration: '00280006',
  NumberOfFrames: '00280008',
  Rows: '00280010',
  Columns: '00280011',
  PixelSpacing: '00280030',
  PixelAspectRatio: '00280034',
  CorrectedImage: '00280051',
  BitsAllocated: '00280100',
  BitsStored: '00280101',
  HighBit: '00280102',
  PixelRepresentation: '00280103',
  PixelPaddingValue: '00280120',
  PixelSpacingCalibrationType: '00280A02',
  WindowCenter: '00281050',
  WindowWidth: '00281051',
  RescaleIntercept: '00281052',
  RescaleSlope: '00281053',
  RescaleType: '00281054',
  WindowCenterWidthExplanation: '00281055',
  VOILUTFunction: '00281056',
  RedPaletteColorLookupTableDescriptor: '00281101',
  GreenPaletteColorLookupTableDescriptor: '00281102',
  BluePaletteColorLookupTableDescriptor: '00281103',
  RedPaletteColorLookupTableData: '00281201',
  GreenPaletteColorLookupTableData: '00281202',
  BluePaletteColorLookupTableData: '00281203',
  SegmentedRedPaletteColorLookupTableData: '00281221',
  SegmentedGreenPaletteColorLookupTableData: '00281222',
  SegmentedBluePaletteColorLookupTableData: '00281223',
  ModalityLUTSequence: '00283000',
  LUTDescriptor: '00283002',
  LUTData: '00283006',
  VOILUTSequence: '00283010',
  FrameVOILUTSequence: '00289132',
  PixelMeasuresSequence: '00289110',
  PixelValueTransformationSequence: '00289145',
  RadiopharmaceuticalInformationSequence: '00540016',
  Units: '00541001',
  SUVType: '00541006',
  DecayCorrection: '00541102',
  SharedFunctionalGroupsSequence: '52009229',
  PerFrameFunctionalGroupsSequence: '52009230',
  ViewCodeSequence: '00540220',
  ViewModifierCodeSequence: '00540222',
  PixelPaddingRangeLimit: '00280121',
  LUTExplanation: '00283003',
  PresentationLUTShape: '20500020',
  FrameTimeVector: '00181065',
  FrameIncrementPointer: '00280009',
  StartTrim: '00082142',
  StopTrim: '00082143',
  PreferredPlaybackSequencing: '00181244',
  FrameDelay: '00181066',
  MaskSubtractionSequence: '00286100',
  MaskOperation: '00286101',
  ApplicableFrameRange: '00286102',
  MaskFrameNumbers: '00286110',
  ContrastFrameAveraging: '00286112',
  MaskSubpixelShift: '00286114',
  TIDOffset: '00286120',
  PixelIntensityRelationship: '00281040',
  RecommendedViewingMode: '00281090',
  ShutterShape: '00181600',
  ShutterLeftVerticalEdge: '00181602',
  ShutterRightVerticalEdge: '00181604',
  ShutterUpperHorizontalEdge: '00181606',
  ShutterLowerHorizontalEdge: '00181608',
  CenterOfCircularShutter: '00181610',
  RadiusOfCircularShutter: '00181612',
  VerticesOfThePolygonalShutter: '00181620',
  ShutterOverlayGroup: '00181623',
  FrameDisplayShutterSequence: '00189472',
  GantryDetectorTilt: '00181120',
  SpacingBetweenSlices: '00180088',
  AvailableTransferSyntaxUID: '00083002',
} as const;

export type Keyword = keyof typeof TAG;

/** All values of an element, empty when it is absent or has none. */
export function values(dataset: JsonDataset | undefined, keyword: Keyword): readonly unknown[] {
  return dataset?.[TAG[keyword]]?.Value ?? [];
}

/** The first value as text, `undefined` when absent or empty. */
export function text(dataset: JsonDataset | undefined, keyword: Keyword): string | undefined {
  return texts(dataset, keyword)[0];
}

/** All values as text, without empty ones. */
export function texts(dataset: JsonDataset | undefined, keyword: Keyword): string[] {
  return values(dataset, keyword)
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map((value) => String(value).trim())
    .filter((value) => value !== '');
}

/** All values as numbers (DS and IS may come as text). Values that are no number are left out. */
export function numbers(dataset: JsonDataset | undefined, keyword: Keyword): number[] {
  return values(dataset, keyword)
    .filter((value) => value !== null && value !== '')
    .map((value) => (typeof value === 'number' ? value : Number.parseFloat(String(value))))
    .filter((value) => Number.isFinite(value));
}

/** The first value as a number. */
export function number(dataset: JsonDataset | undefined, keyword: Keyword): number | undefined {
  return numbers(dataset, keyword)[0];
}

/** The items of a sequence. */
export function items(dataset: JsonDataset | undefined, keyword: Keyword): readonly JsonDataset[] {
  return values(dataset, keyword).filter((value): value is JsonDataset => typeof value === 'object' && value !== null);
}

/**
 * A person name for the screen: the ideographic group where there is one, else the alphabetic one, else the phonetic,
 * with the component separators made to spaces. @dicom PS3.5 6.2.1.1
 */
export function personName(dataset: JsonDataset | undefined, keyword: Keyword): string | undefined {
  const value = values(dataset, keyword)[0];
  if (typeof value === 'string') return tidyName(value.split('=')[0] ?? '', false);
  if (typeof value !== 'object' || value === null) return undefined;
  const groups = value as { Alphabetic?: unknown; Ideographic?: unknown; Phonetic?: unknown };
  if (typeof groups.Ideographic === 'string' && groups.Ideographic.trim() !== '')
    return tidyName(groups.Ideographic, true);
  if (typeof groups.Alphabetic === 'string' && groups.Alphabetic.trim() !== '')
    return tidyName(groups.Alphabetic, false);
  if (typeof groups.Phonetic === 'string') return tidyName(groups.Phonetic, false);
  return undefined;
}

function tidyName(name: string, ideographic: boolean): string | undefined {
  const joined = name
    .split('^')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(ideographic ? '' : ' ');
  return joined === '' ? undefined : joined;
}
