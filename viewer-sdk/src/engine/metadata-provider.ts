import type { Frame } from '../dicom/frame.ts';

/** What Cornerstone asks about an image, answered from the frame's own data set. */
export function metadataModule(kind: string, frame: Frame): object | undefined {
  const { pixels, plane, spacing } = frame;
  switch (kind) {
    case 'imagePixelModule':
      return {
        samplesPerPixel: pixels.samplesPerPixel,
        photometricInterpretation:
          pixels.samplesPerPixel >= 3 || frame.palette ? 'RGB' : pixels.photometricInterpretation,
        rows: pixels.rows,
        columns: pixels.columns,
        bitsAllocated: pixels.bitsAllocated,
        bitsStored: pixels.bitsStored,
        highBit: pixels.highBit,
        pixelRepresentation: pixels.pixelRepresentation,
        planarConfiguration: 0,
      };
    case 'imagePlaneModule': {
      const row = plane?.row ?? [1, 0, 0];
      const column = plane?.column ?? [0, 1, 0];
      return {
        rows: pixels.rows,
        columns: pixels.columns,
        imageOrientationPatient: [...row, ...column],
        rowCosines: row,
        columnCosines: column,
        imagePositionPatient: plane?.position ?? [0, 0, 0],
        frameOfReferenceUID: plane?.frameOfReferenceUID,
        sliceThickness: frame.sliceThicknessMm,
        rowPixelSpacing: spacing?.rowMm ?? 1,
        columnPixelSpacing: spacing?.columnMm ?? frame.pixelAspect,
        pixelSpacing: spacing ? [spacing.rowMm, spacing.columnMm] : [1, frame.pixelAspect],
        // Cornerstone takes millimetres from images that have them alone.
        usingDefaultValues: !spacing?.inPatient,
      };
    }
    case 'generalSeriesModule':
      return {
        modality: frame.modality,
        seriesInstanceUID: frame.SeriesInstanceUID,
        studyInstanceUID: frame.StudyInstanceUID,
      };
    case 'sopCommonModule':
      return { sopClassUID: frame.SOPClassUID, sopInstanceUID: frame.SOPInstanceUID };
    case 'voiLutModule':
      return {
        windowCenter: frame.windows.map(({ center }) => center),
        windowWidth: frame.windows.map(({ width }) => width),
        voiLUTFunction: frame.voiFunction === 'SIGMOID' ? 'SIGMOID' : 'LINEAR',
      };
    case 'modalityLutModule':
      return { rescaleSlope: 1, rescaleIntercept: 0, rescaleType: frame.rescale?.type };
    default:
      return undefined;
  }
}
