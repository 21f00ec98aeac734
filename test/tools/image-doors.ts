import type { PhantomInstance } from '@filmless/core/phantoms';

/** Every way to the images of one instance: path, and what to accept. */
export function imageDoors({
  StudyInstanceUID,
  SeriesInstanceUID,
  SOPInstanceUID,
}: PhantomInstance): [path: string, accept: string][] {
  const ofStudy = `/dicom-web/studies/${StudyInstanceUID}`;
  const ofSeries = `${ofStudy}/series/${SeriesInstanceUID}`;
  const ofInstance = `${ofSeries}/instances/${SOPInstanceUID}`;
  const uri = `/wado?requestType=WADO&studyUID=${StudyInstanceUID}&seriesUID=${SeriesInstanceUID}&objectUID=${SOPInstanceUID}`;
  const json = 'application/dicom+json';
  const dicom = 'multipart/related; type="application/dicom"';
  return [
    [`/api/studies/${StudyInstanceUID}`, 'application/json'],
    ...[ofStudy, ofSeries, ofInstance].flatMap((path): [string, string][] => [
      [path, dicom],
      [`${path}/metadata`, json],
      [`${path}/rendered`, 'image/jpeg'],
      [`${path}/thumbnail`, 'image/jpeg'],
    ]),
    [`${ofSeries}/pixeldata`, 'multipart/related; type="application/octet-stream"'],
    [`${ofInstance}/frames/1`, 'multipart/related; type="application/octet-stream"'],
    [`${ofInstance}/frames/1/rendered`, 'image/jpeg'],
    [uri, '*/*'],
    [`${uri}&contentType=application/dicom`, '*/*'],
  ];
}
