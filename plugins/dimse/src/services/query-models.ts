import { type DicomJson, FilmlessError, firstString, type QueryLevel, SOP_CLASS } from '@filmless/core/plugin';

/** @dicom PS3.4 C.6 */
export interface QueryModel {
  levels: readonly QueryLevel[];
}

const ROOTS: readonly { find: string; move: string; get: string; levels: readonly QueryLevel[] }[] = [
  {
    find: SOP_CLASS.PatientRootQueryRetrieveInformationModelFind,
    move: SOP_CLASS.PatientRootQueryRetrieveInformationModelMove,
    get: SOP_CLASS.PatientRootQueryRetrieveInformationModelGet,
    levels: ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'],
  },
  {
    find: SOP_CLASS.StudyRootQueryRetrieveInformationModelFind,
    move: SOP_CLASS.StudyRootQueryRetrieveInformationModelMove,
    get: SOP_CLASS.StudyRootQueryRetrieveInformationModelGet,
    levels: ['STUDY', 'SERIES', 'IMAGE'],
  },
  {
    find: SOP_CLASS.PatientStudyOnlyQueryRetrieveInformationModelFind,
    move: SOP_CLASS.PatientStudyOnlyQueryRetrieveInformationModelMove,
    get: SOP_CLASS.PatientStudyOnlyQueryRetrieveInformationModelGet,
    levels: ['PATIENT', 'STUDY'],
  },
];

export const FIND_SOP_CLASSES = ROOTS.map((root) => root.find);
export const MOVE_SOP_CLASSES = ROOTS.map((root) => root.move);
export const GET_SOP_CLASSES = ROOTS.map((root) => root.get);

/** The level an identifier asks for. Throws QUERY_LEVEL_INVALID. @dicom PS3.4 C.4.1.1.3 */
export function queryLevel(sopClassUID: string, identifier: DicomJson): QueryLevel {
  const root = ROOTS.find(({ find, move, get }) => [find, move, get].includes(sopClassUID));
  const asked = firstString(identifier, 'QueryRetrieveLevel')?.trim();
  const level = root?.levels.find((one) => one === asked);
  if (!level)
    throw new FilmlessError(
      'QUERY_LEVEL_INVALID',
      `QueryRetrieveLevel ${asked ? 'is not one of the information model' : 'is missing'}`,
    );
  return level;
}
