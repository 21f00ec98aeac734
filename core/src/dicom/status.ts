/** Status codes of DIMSE responses. @dicom PS3.7 Annex C, PS3.4 B.2.3, C.4 */
export const DIMSE_STATUS = {
  Success: 0x0000,
  Cancel: 0xfe00,
  Pending: 0xff00,
  /** Pending, some optional keys were not supported. */
  PendingWarning: 0xff01,
  AttributeListError: 0x0107,
  AttributeValueOutOfRange: 0x0116,
  SOPClassNotSupported: 0x0122,
  ClassInstanceConflict: 0x0119,
  DuplicateSOPInstance: 0x0111,
  DuplicateInvocation: 0x0210,
  InvalidArgumentValue: 0x0115,
  InvalidAttributeValue: 0x0106,
  InvalidObjectInstance: 0x0117,
  MissingAttribute: 0x0120,
  MissingAttributeValue: 0x0121,
  MistypedArgument: 0x0212,
  NoSuchActionType: 0x0123,
  NoSuchArgument: 0x0114,
  NoSuchAttribute: 0x0105,
  NoSuchEventType: 0x0113,
  NoSuchSOPClass: 0x0118,
  NoSuchSOPInstance: 0x0112,
  NotAuthorized: 0x0124,
  ProcessingFailure: 0x0110,
  ResourceLimitation: 0x0213,
  UnrecognizedOperation: 0x0211,
  OutOfResources: 0xa700,
  UnableToCalculateMatches: 0xa701,
  UnableToPerformSubOperations: 0xa702,
  MoveDestinationUnknown: 0xa801,
  DataSetDoesNotMatchSOPClass: 0xa900,
  CannotUnderstand: 0xc000,
  CoercionOfDataElements: 0xb000,
  ElementsDiscarded: 0xb006,
  DataSetDoesNotMatchSOPClassWarning: 0xb007,
  /** C-MOVE and C-GET finished with one or more failures or warnings. */
  SubOperationsCompleteWithFailures: 0xb000,
} as const;

export type StatusCategory = 'success' | 'pending' | 'cancel' | 'warning' | 'failure';

/** @dicom PS3.7 C.1 */
export function statusCategory(status: number): StatusCategory {
  if (status === 0x0000) return 'success';
  if (status === 0xff00 || status === 0xff01) return 'pending';
  if (status === 0xfe00) return 'cancel';
  if (status === 0x0001 || (status & 0xf000) === 0xb000 || status === 0x0107 || status === 0x0116) return 'warning';
  return 'failure';
}

/** Keyword of the status; ranges (A7xx, A9xx, Cxxx) by their first code. */
export function statusName(status: number): string {
  const range = (status & 0xff00) === 0xa900 ? 0xa900 : (status & 0xf000) === 0xc000 ? 0xc000 : status;
  for (const [name, code] of Object.entries(DIMSE_STATUS)) if (code === status || code === range) return name;
  return (status & 0xff00) === 0xa700 ? 'OutOfResources' : 'Unknown';
}
