import { isUid } from '../dicom/uid.ts';

/** A series on its way into a cell. */
export interface DraggedSeries {
  readonly study: string;
  readonly series: string;
}

const TYPE = 'application/x-filmless-series';

/** Makes a drag carry a series: for thumbnails, and for lists of extensions. */
export function writeSeriesDrag({ dataTransfer }: DragEvent, { study, series }: DraggedSeries): void {
  if (!dataTransfer) return;
  dataTransfer.effectAllowed = 'copy';
  dataTransfer.setData(TYPE, `${study} ${series}`);
}

/** Whether a drag carries a series; what it is, browsers tell when it is dropped. */
export function carriesSeries({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes(TYPE) ?? false;
}

/** The series that was dropped. */
export function readSeriesDrag({ dataTransfer }: DragEvent): DraggedSeries | undefined {
  const [study = '', series = ''] = (dataTransfer?.getData(TYPE) ?? '').split(' ');
  return isUid(study) && isUid(series) ? { study, series } : undefined;
}
