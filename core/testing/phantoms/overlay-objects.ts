import { firstNumber, firstString, numbers } from '../../src/dicom/index.ts';
import type { PhantomStudy } from './hospital.ts';
import type { Attributes, PhantomInstance } from './instance.ts';
import { binaryElement, codeItem, headerOf, sopReference, writeObject } from './object-writer.ts';

const SOP = '1.2.840.10008.5.1.4.1.1.';

/** A disc in the middle of each slice, a quarter of its width, as a binary segment and its outline. */
const DISC_SHARE = 8;

async function geometry(image: PhantomInstance) {
  const header = await headerOf(image);
  return {
    rows: firstNumber(header, 'Rows') ?? 0,
    columns: firstNumber(header, 'Columns') ?? 0,
    position: numbers(header, 'ImagePositionPatient'),
    spacing: numbers(header, 'PixelSpacing'),
    frameOfReference: firstString(header, 'FrameOfReferenceUID') ?? '',
  };
}

const referencedSeries = (
  images: readonly PhantomInstance[],
  list: 'ReferencedInstanceSequence' | 'ReferencedImageSequence',
): Attributes[] => {
  const [first] = images;
  return first ? [{ SeriesInstanceUID: first.SeriesInstanceUID, [list]: images.map(sopReference) }] : [];
};

/** A binary segmentation with one segment over all the given slices. @dicom PS3.3 A.51 */
export async function segmentation(study: PhantomStudy, images: readonly PhantomInstance[]): Promise<PhantomInstance> {
  const slices = await Promise.all(images.map(geometry));
  const { rows = 0, columns = 0, spacing = [], frameOfReference = '' } = slices[0] ?? {};
  const bits = new Uint8Array(Math.ceil((rows * columns * images.length) / 8));
  const radius = columns / DISC_SHARE;
  for (let at = 0; at < rows * columns * images.length; at++) {
    const inFrame = at % (rows * columns);
    const x = (inFrame % columns) - (columns - 1) / 2;
    const y = Math.floor(inFrame / columns) - (rows - 1) / 2;
    if (Math.hypot(x, y) <= radius) bits[at >> 3]! |= 1 << (at & 7);
  }
  return writeObject(study, {
    seed: 'seg',
    SOPClassUID: `${SOP}66.4`,
    Modality: 'SEG',
    SeriesNumber: 911,
    SeriesDescription: '结节分割',
    attributes: {
      ImageType: ['DERIVED', 'PRIMARY'],
      FrameOfReferenceUID: frameOfReference,
      ContentLabel: 'NODULE',
      ContentDescription: '结节分割',
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      NumberOfFrames: images.length,
      Rows: rows,
      Columns: columns,
      BitsAllocated: 1,
      BitsStored: 1,
      HighBit: 0,
      PixelRepresentation: 0,
      LossyImageCompression: '00',
      SegmentationType: 'BINARY',
      ReferencedSeriesSequence: referencedSeries(images, 'ReferencedInstanceSequence'),
      SegmentSequence: [
        {
          SegmentNumber: 1,
          SegmentLabel: '结节',
          SegmentAlgorithmType: 'MANUAL',
          SegmentedPropertyCategoryCodeSequence: [codeItem('49755003', 'SCT', 'Morphologically Abnormal Structure')],
          SegmentedPropertyTypeCodeSequence: [codeItem('27925004', 'SCT', 'Nodule')],
          RecommendedDisplayCIELabValue: [41661, 41167, 40792],
        },
      ],
      SharedFunctionalGroupsSequence: [
        {
          PlaneOrientationSequence: [{ ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'] }],
          PixelMeasuresSequence: [{ PixelSpacing: spacing.map(String), SliceThickness: '1' }],
        },
      ],
      PerFrameFunctionalGroupsSequence: images.map((image, index) => ({
        DerivationImageSequence: [
          {
            SourceImageSequence: [sopReference(image)],
            DerivationCodeSequence: [codeItem('113076', 'DCM', 'Segmentation')],
          },
        ],
        PlanePositionSequence: [{ ImagePositionPatient: (slices[index]?.position ?? []).map(String) }],
        SegmentIdentificationSequence: [{ ReferencedSegmentNumber: 1 }],
      })),
    },
    elements: { '7FE00010': binaryElement('OB', bits) },
  });
}

/** A structure set with the outline of the same disc. @dicom PS3.3 A.19 */
export async function structureSet(study: PhantomStudy, images: readonly PhantomInstance[]): Promise<PhantomInstance> {
  const slices = await Promise.all(images.map(geometry));
  const frameOfReference = slices[0]?.frameOfReference ?? '';
  return writeObject(study, {
    seed: 'rtstruct',
    SOPClassUID: `${SOP}481.3`,
    Modality: 'RTSTRUCT',
    SeriesNumber: 912,
    SeriesDescription: '放疗结构',
    attributes: {
      StructureSetLabel: 'PLAN A',
      ReferencedFrameOfReferenceSequence: [
        {
          FrameOfReferenceUID: frameOfReference,
          RTReferencedStudySequence: [
            {
              ReferencedSOPClassUID: '1.2.840.10008.3.1.2.3.1',
              ReferencedSOPInstanceUID: images[0]?.StudyInstanceUID ?? '',
              RTReferencedSeriesSequence: [
                {
                  SeriesInstanceUID: images[0]?.SeriesInstanceUID ?? '',
                  ContourImageSequence: images.map(sopReference),
                },
              ],
            },
          ],
        },
      ],
      StructureSetROISequence: [
        {
          ROINumber: 1,
          ReferencedFrameOfReferenceUID: frameOfReference,
          ROIName: 'GTV',
          ROIGenerationAlgorithm: 'MANUAL',
        },
      ],
      ROIContourSequence: [
        {
          ReferencedROINumber: 1,
          ROIDisplayColor: [255, 64, 64],
          ContourSequence: images.map((image, index) => {
            const points = outline(slices[index]);
            return {
              ContourImageSequence: [sopReference(image)],
              ContourGeometricType: 'CLOSED_PLANAR',
              NumberOfContourPoints: points.length / 3,
              ContourData: points.map((value) => value.toFixed(3)),
            };
          }),
        },
      ],
    },
  });
}

function outline(slice: Awaited<ReturnType<typeof geometry>> | undefined): number[] {
  const { rows = 0, columns = 0, position = [], spacing = [] } = slice ?? {};
  const [x = 0, y = 0, z = 0] = position;
  const [rowMm = 1, columnMm = 1] = spacing;
  return Array.from({ length: 48 }, (_, index) => {
    const angle = (index / 48) * 2 * Math.PI;
    const radius = columns / DISC_SHARE;
    return [
      x + ((columns - 1) / 2 + radius * Math.cos(angle)) * columnMm,
      y + ((rows - 1) / 2 + radius * Math.sin(angle)) * rowMm,
      z,
    ];
  }).flat();
}

/** A presentation state: a narrow window, turned a quarter to the right, marked. @dicom PS3.3 A.33.1 */
export async function presentationState(
  study: PhantomStudy,
  images: readonly PhantomInstance[],
): Promise<PhantomInstance> {
  const { rows = 0, columns = 0 } = images[0] ? await geometry(images[0]) : {};
  return writeObject(study, {
    seed: 'pr',
    SOPClassUID: `${SOP}11.1`,
    Modality: 'PR',
    SeriesNumber: 913,
    SeriesDescription: '显示状态',
    attributes: {
      ContentLabel: 'NODULE',
      ContentDescription: '结节标注',
      PresentationCreationDate: study.StudyDate,
      PresentationCreationTime: study.StudyTime,
      ContentCreatorName: { Alphabetic: 'Sun^Wei', Ideographic: '孙^伟' },
      ReferencedSeriesSequence: referencedSeries(images, 'ReferencedImageSequence'),
      SoftcopyVOILUTSequence: [{ WindowCenter: '-600', WindowWidth: '1200' }],
      ImageHorizontalFlip: 'N',
      ImageRotation: 90,
      DisplayedAreaSelectionSequence: [
        {
          DisplayedAreaTopLeftHandCorner: [1, 1],
          DisplayedAreaBottomRightHandCorner: [columns, rows],
          PresentationSizeMode: 'SCALE TO FIT',
          PresentationPixelAspectRatio: ['1', '1'],
        },
      ],
      GraphicLayerSequence: [{ GraphicLayer: 'MARKS', GraphicLayerOrder: 1 }],
      GraphicAnnotationSequence: [
        {
          ReferencedImageSequence: images.map(sopReference),
          GraphicLayer: 'MARKS',
          TextObjectSequence: [
            {
              BoundingBoxAnnotationUnits: 'PIXEL',
              AnchorPointAnnotationUnits: 'PIXEL',
              UnformattedTextValue: '结节 15 mm',
              BoundingBoxTopLeftHandCorner: [columns * 0.7, rows * 0.3],
              BoundingBoxBottomRightHandCorner: [columns * 0.9, rows * 0.35],
              BoundingBoxTextHorizontalJustification: 'LEFT',
              AnchorPoint: [columns / 2, rows / 2],
              AnchorPointVisibility: 'Y',
            },
          ],
          GraphicObjectSequence: [
            {
              GraphicAnnotationUnits: 'PIXEL',
              GraphicDimensions: 2,
              NumberOfGraphicPoints: 2,
              GraphicData: [columns / 2, rows / 2, columns / 2 + columns / DISC_SHARE, rows / 2],
              GraphicType: 'CIRCLE',
              GraphicFilled: 'N',
            },
          ],
        },
      ],
      PresentationLUTShape: 'IDENTITY',
    },
  });
}
