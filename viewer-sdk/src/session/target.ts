import { isUid } from '../dicom/uid.ts';
import { ViewerError } from '../errors.ts';

/** What the page asks the viewer to open. */
export interface Target {
  readonly study: string | undefined;
  readonly series: string | undefined;
  readonly accession: string | undefined;
  /** With a study or an accession number: whose images they must be. Alone: whose newest study to open. */
  readonly patient: string | undefined;
}

/** The target as the attributes name it, `undefined` when they name none. @throws ViewerError VIEWER_BAD_ATTRIBUTE */
export function readTarget(attributes: {
  study: string;
  series: string;
  accession: string;
  patient: string;
}): Target | undefined {
  const given = (value: string): string | undefined => value.trim() || undefined;
  const target: Target = {
    study: given(attributes.study),
    series: given(attributes.series),
    accession: given(attributes.accession),
    patient: given(attributes.patient),
  };
  if (target.study !== undefined && !isUid(target.study)) throw new ViewerError('VIEWER_BAD_ATTRIBUTE', 'study');
  if (target.series !== undefined && !isUid(target.series)) throw new ViewerError('VIEWER_BAD_ATTRIBUTE', 'series');
  return (target.study ?? target.accession ?? target.patient) ? target : undefined;
}
